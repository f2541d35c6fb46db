import { sampleAccounts, sampleMarket, snapshotOfBatch } from "@plimsoll/markets";
import { createMarginEngine, createRandom, defaultParameters, severityOf } from "@plimsoll/risk";
import { accountState, quote } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { settleExpired, stateEvent } from "../../packages/cli/src/start/account-events.ts";
import { moveBatch, moveIndices } from "../../packages/cli/src/start/market-motion.ts";

const atMs = Date.UTC(2026, 2, 2, 12);
const batch = sampleMarket(7, atMs);
const snapshot = snapshotOfBatch(batch);

describe("seeded random numbers", () => {
  it("repeat for a seed and stream, and differ between streams", () => {
    const draw = (seed: number, stream: number) => Array.from({ length: 5 }, createRandom(seed, stream).uniform);
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
    expect(draw(1, 2)).not.toEqual(draw(2, 2));
  });

  it("are uniform and normal to the accuracy of their number", () => {
    const random = createRandom(3);
    const count = 20_000;
    const uniforms = Array.from({ length: count }, random.uniform);
    const normals = Array.from({ length: count }, random.normal);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * count));
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(mean(normals.map((value) => value * value)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(uniforms.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});

describe("the sample market", () => {
  it("is the same for a seed, and every quote passes the contract", () => {
    expect(sampleMarket(7, atMs)).toEqual(batch);
    expect(sampleMarket(8, atMs)).not.toEqual(batch);
    for (const wire of batch.quotes) expect(quote.parse(wire)).toEqual(wire);
  });

  it("prices calls and puts so that parity holds to the rounding of its marks", () => {
    const options = batch.quotes.filter((wire) => wire.kind === "option");
    const byId = new Map(options.map((wire) => [wire.instrument_id, wire]));
    for (const call of options.filter(({ option_type }) => option_type === "call")) {
      const put = byId.get(call.instrument_id.replace(/C$/, "P"));
      const parity = 1 - Number(call.strike) / Number(call.forward_price);
      expect(Math.abs(Number(call.mark_price) - Number(put?.mark_price) - parity)).toBeLessThan(2e-5);
    }
    expect(options.length).toBeGreaterThan(500);
  });

  it("moves with its index: options are worth what their volatilities say at the new forward", () => {
    const moved = moveBatch(batch, new Map([["BTC", 0.88]]), atMs + 1_000);
    const snapshotThere = snapshotOfBatch(moved);
    const here = snapshot.underlyings.find(({ underlying }) => underlying === "BTC")?.indexPrice ?? 0;
    const there = snapshotThere.underlyings.find(({ underlying }) => underlying === "BTC")?.indexPrice ?? 0;
    expect(there / here).toBeCloseTo(0.88, 6);
    const parity = moved.quotes.filter(
      (wire) => wire.kind === "option" && wire.instrument_id === "BTC-27MAR26-78000-C",
    );
    expect(parity).toHaveLength(1);
    expect(moveIndices(batch, new Map([["BTC", 0.88]]), atMs).quotes.every((wire) => wire.kind === "index")).toBe(true);
  });
});

describe("sample accounts", () => {
  const accounts = sampleAccounts(snapshot, defaultParameters, { count: 400, positions: null, seed: 1 });

  it("are the same for a seed, and account n does not depend on how many there are", () => {
    const fewer = sampleAccounts(snapshot, defaultParameters, { count: 50, positions: null, seed: 1 });
    expect(fewer).toEqual(accounts.slice(0, 50));
  });

  it("hold 3 to 20 positions, or collateral only, in coin and dollar pools", () => {
    const counts = accounts.map(({ positions }) => positions.length);
    expect(counts.filter((count) => count > 0 && count < 3)).toEqual([]);
    expect(Math.max(...counts)).toBeLessThanOrEqual(20);
    expect(counts.filter((count) => count === 0).length).toBeGreaterThan(0);
    const pools = new Set(accounts.map(({ poolCurrency }) => poolCurrency));
    expect([...pools].sort()).toEqual(["BTC", "ETH", "USD"]);
  });

  it("hold exactly as many positions as asked for", () => {
    const exact = sampleAccounts(snapshot, defaultParameters, { count: 20, positions: 20, seed: 1 });
    expect(exact.map(({ positions }) => new Set(positions.map(({ instrumentId }) => instrumentId)).size)).toEqual(
      Array.from({ length: 20 }, () => 20),
    );
    expect(() => sampleAccounts(snapshot, defaultParameters, { count: 1, positions: 1_001, seed: 1 })).toThrow(
      /--positions 1001: an account takes at most 1000/,
    );
  });

  function severities(market = snapshot) {
    const engine = createMarginEngine(market, defaultParameters);
    return accounts.map((account) => {
      const result = engine.margin(account);
      return result.status === "margined" ? severityOf(result, defaultParameters.severity) : result.code;
    });
  }

  it("are mostly at ease at first, with a few near the edge, and a fall brings calls of every severity", () => {
    const before = Object.groupBy(severities(), (severity) => severity);
    expect(before.NORMAL?.length).toBeGreaterThan(360);
    expect(before.WARNING?.length).toBeGreaterThan(0);
    expect(before.LIQUIDATION ?? []).toEqual([]);
    const fallen = snapshotOfBatch(
      moveBatch(
        batch,
        new Map([
          ["BTC", 0.88],
          ["ETH", 0.88],
        ]),
        atMs + 1_000,
      ),
    );
    const after = Object.groupBy(severities(fallen), (severity) => severity);
    for (const severity of ["WARNING", "MARGIN_CALL", "LIQUIDATION"] as const) {
      expect(after[severity]?.length ?? 0).toBeGreaterThan(3);
    }
    expect(after.NORMAL?.length).toBeGreaterThan(280);
  });

  it("have open orders now and then, to add to what they hold or to take a part of it", () => {
    const ordering = accounts.filter(({ openOrders }) => openOrders.length > 0);
    expect(ordering.length).toBeGreaterThan(20);
    expect(ordering.length).toBeLessThan(80);
    const engine = createMarginEngine(snapshot, defaultParameters);
    const projected = ordering.map((account) => engine.projectMargin(account, account.openOrders));
    const raised = projected.map((one) => one.status === "projected" && one.projectedInitialMargin > one.initialMargin);
    expect(projected.every(({ status }) => status === "projected")).toBe(true);
    expect(new Set(raised)).toEqual(new Set([true, false]));
  });

  it("cross to the ledger as events of the contract", () => {
    for (const account of accounts) expect(accountState.safeParse(stateEvent(account, atMs)).success).toBe(true);
  });
});

describe("settlement of what expired", () => {
  const expiryMs = Date.UTC(2026, 2, 3, 8);
  const base = { underlying: "BTC", settlement: "inverse", quoteCurrency: "USD" } as const;
  const prices = { forwardPrice: 80_000, markPrice: 0.01, markVolatility: 0.5, volatilitySource: "mark" } as const;
  const option = { kind: "option", ...base, contractSize: 1, strike: 80_000, expiryMs } as const;
  const instruments = new Map(
    [
      { instrument: { ...option, instrumentId: "P", optionType: "put" } as const, ...prices },
      { instrument: { ...option, instrumentId: "C", optionType: "call" } as const, ...prices },
      { instrument: { kind: "future", ...base, instrumentId: "F", contractSize: 10, expiryMs } as const, ...prices },
      { instrument: { kind: "perpetual", ...base, instrumentId: "X", contractSize: 10 } as const, ...prices },
    ].map((quoted) => [quoted.instrument.instrumentId, quoted]),
  );
  const account = {
    accountId: "a",
    poolCurrency: "USD",
    methodId: "portfolio",
    ledgerSequence: 4,
    collateral: [{ asset: "USD", amount: 1_000 }],
    positions: [
      { instrumentId: "P", quantity: -2, entryPrice: 0.01 },
      { instrumentId: "C", quantity: 5, entryPrice: 0.01 },
      { instrumentId: "F", quantity: 800, entryPrice: 80_000 },
      { instrumentId: "X", quantity: 1, entryPrice: 80_000 },
    ],
    openOrders: [
      { orderId: "1", instrumentId: "P", quantity: 2, price: 0.01 },
      { orderId: "2", instrumentId: "X", quantity: 2, price: 70_000 },
    ],
  } as const;
  const settlement = new Map([["BTC", 64_000]]);

  it("books payoffs and realised profit in the settlement currency at the next sequence", () => {
    const settled = settleExpired(account, expiryMs, instruments, settlement);
    // Two short puts pay 16,000 / 64,000 coin each; 8,000 dollars long from 80,000 lose 8,000 (1/64,000 - 1/80,000).
    expect(settled).toEqual({
      ...account,
      ledgerSequence: 5,
      collateral: [
        { asset: "USD", amount: 1_000 },
        { asset: "BTC", amount: -0.525 },
      ],
      positions: [account.positions[3]],
      openOrders: [account.openOrders[1]],
    });
  });

  it("does nothing before the expiry", () => {
    expect(settleExpired(account, expiryMs - 1, instruments, settlement)).toBeUndefined();
  });
});
