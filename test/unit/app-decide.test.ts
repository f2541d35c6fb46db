import type { LedgerAccount } from "@plimsoll/ledger";
import { createMarginEngine, defaultParameters, type MarketSnapshot } from "@plimsoll/risk";
import type { MarginRow } from "@plimsoll/schema";
import type { StoredState } from "@plimsoll/store";
import { describe, expect, it } from "vitest";
import { type Before, type DecisionContext, decidePool } from "../../packages/app/src/margin/decide.ts";
import { poolsOf, type StoredPool } from "../../packages/app/src/margin/stored-pools.ts";
import { marketSnapshot, quotedPerpetual, asOfMs as snapshotMs, underlyingState } from "../support/market.ts";

const ids = {
  older: "20260205T115900000Z-000000000000",
  now: "20260205T120000000Z-000000000000",
  newer: "20260205T120100000Z-000000000000",
};

function contextAt(price: number, snapshotId = ids.now): DecisionContext {
  const snapshot: MarketSnapshot = {
    ...marketSnapshot(
      [underlyingState("BTC", price)],
      [quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, price)],
    ),
    snapshotId,
  };
  const engine = createMarginEngine(snapshot, defaultParameters);
  return {
    market: { snapshot, parameters: defaultParameters, engine, priced: new Set() },
    environment: "local",
    occurredAtMs: snapshotMs,
  };
}

function stored(amount: string, ledgerSequence = 1, asset = "USD"): StoredPool {
  const account: LedgerAccount = {
    accountId: "a",
    poolCurrency: "USD",
    methodId: "portfolio",
    ledgerSequence,
    collateral: [{ asset, amount }],
    positions: [{ instrumentId: "P", quantity: "-1", entryPrice: "70000" }],
    openOrders: [],
    pools: [],
  };
  const [pool] = poolsOf([{ accountId: "a", ledgerSequence, account, problem: null }], []);
  if (pool === undefined) throw new Error("no pool");
  return pool;
}

const nothing: Before = { row: undefined, state: undefined };

/** The decision, with its change of severity committed. */
function decide(pool: StoredPool, before: Before, context: DecisionContext) {
  const { row, history, change } = decidePool(pool, before, context);
  return { row, history, committed: null, ...change?.announce([]) };
}

function rowAfter(usd: string, context: DecisionContext, before: Before = nothing): MarginRow {
  return decide(stored(usd), before, context).row;
}

function stateOn(snapshotId: string, ledgerSequence = 1): StoredState {
  const call = { callId: "MC-a-3", openedAtMs: 0 };
  return { poolKey: "a", severity: "LIQUIDATION", sequence: 3, call, snapshotId, ledgerSequence };
}

describe("deciding an account", () => {
  // Seen to fail without isOvertaken, and without either of its conditions: an account that is bankrupt here rises at once.
  it("lets a committed state stand that rests on the same or on newer data (I1, I3)", () => {
    for (const state of [stateOn(ids.newer), stateOn(ids.now), stateOn(ids.now, 2)]) {
      const { row, committed } = decide(stored("-100000"), { row: undefined, state }, contextAt(70_000));
      expect(committed).toBeNull();
      expect(row).toMatchObject({ severity: "LIQUIDATION", sequence: 3, call: { callId: "MC-a-3" } });
    }
  });

  it("goes on from a committed state that rests on older data", () => {
    const before = { row: undefined, state: stateOn(ids.older) };
    const { row, committed } = decide(stored("-100000"), before, contextAt(70_000));
    expect(committed?.event).toMatchObject({ sequence: 4, severity: "BANKRUPT", call_id: "MC-a-3" });
    expect(row).toMatchObject({ severity: "BANKRUPT", sequence: 4 });
  });

  it("prefers a committed state to a row that does not know of it", () => {
    const row = rowAfter("100000", contextAt(70_000, ids.older));
    expect(row).toMatchObject({ severity: "NORMAL", sequence: 0 });
    const decision = decide(stored("100000"), { row, state: stateOn(ids.now) }, contextAt(70_000));
    expect(decision.row).toMatchObject({ severity: "LIQUIDATION", sequence: 3 });
  });

  it("holds a change of severity back from the row until it is committed, and owes the call prices it is told without", () => {
    const { row, change } = decidePool(stored("6500"), nothing, contextAt(70_000));
    expect(row).toMatchObject({ status: "not_margined", code: "out_of_time", severity: "NORMAL", sequence: 0 });
    const whole = change?.announce([]);
    expect(whole?.row).toMatchObject({ status: "margined", severity: change?.severity, sequence: 1 });
    expect(whole?.row.lateLadder).toBeUndefined();
    expect(whole?.committed.event.ladder_missing).toBeUndefined();
    const bare = change?.announce(null);
    expect(bare?.row.lateLadder).toEqual({ snapshotId: ids.now, ladder: null });
    expect(bare?.committed.event).toMatchObject({ sequence: 1, ladder: [], ladder_missing: "out_of_time" });
    expect(bare?.committed.event.text).toContain("were not ready in time");
  });

  it("keeps what a call is owed until the next event, and owes nothing once it is cured", () => {
    const { row } = decidePool(stored("6500"), nothing, contextAt(70_000, ids.older)).change?.announce(null) ?? {};
    const before = { row, state: undefined };
    expect(decide(stored("6500"), before, contextAt(70_000)).row).toMatchObject({ lateLadder: { ladder: null } });
    const graver = decide(stored("-100000", 2), before, contextAt(70_000));
    expect(graver.row).toMatchObject({ severity: "BANKRUPT", sequence: 2 });
    expect(graver.row.lateLadder).toBeUndefined();
  });

  it("keeps whose extras take more than a slice of a pass, whatever becomes of the severity", () => {
    const before = { row: { ...rowAfter("6500", contextAt(70_000)), extrasTurn: ids.older }, state: undefined };
    for (const usd of ["6500", "100", "90000"]) {
      expect(decide(stored(usd, 2), before, contextAt(70_000)).row.extrasTurn).toBe(ids.older);
    }
  });

  it("writes history when the ratio moved by more than the tolerance, measured from the last point", () => {
    const first = decide(stored("40000"), nothing, contextAt(70_000, ids.older));
    expect(first).toMatchObject({ history: null, row: { historyRatio: "0.140000" } });
    const still = decide(stored("40000"), { row: first.row, state: undefined }, contextAt(70_300));
    expect(still).toMatchObject({ history: null, row: { historyRatio: "0.140000" } });
    const moved = decide(stored("40000"), { row: still.row, state: undefined }, contextAt(72_500, ids.newer));
    expect(moved.history).toMatchObject({ poolKey: "a", marginRatio: moved.row.historyRatio, currency: "USD" });
  });

  it("lets a degraded price of what is pledged warn, but not escalate (I5)", () => {
    const at = (quality: "good" | "degraded") => {
      const context = contextAt(70_000);
      const { snapshot } = context.market;
      const usdc = { ...underlyingState("USDC", 0.9), quality };
      const currencies = snapshot.currencies.map((entry) =>
        entry.currency === "USDC" ? { ...entry, priceUsd: 0.9 } : entry,
      );
      const doubted = { ...snapshot, currencies, underlyings: [...snapshot.underlyings, usdc] };
      const engine = createMarginEngine(doubted, defaultParameters);
      const market = { ...context.market, snapshot: doubted, engine };
      return decide(stored("10200", 1, "USDC"), nothing, { ...context, market }).row;
    };
    expect(at("good").severity).toBe("MARGIN_CALL");
    expect(at("degraded").severity).toBe("WARNING");
  });

  // Seen to fail: 5,000 in every case, as only the underlyings of positions were looked at.
  it.each([
    ["USDC", 126_000, "a stablecoin that counts"],
    ["USD", 5_000, "nothing else"],
  ])("says the age of the oldest price used: on %s, %i ms", (asset, priceAgeMs) => {
    const context = contextAt(70_000);
    const { snapshot } = context.market;
    const aged = {
      ...snapshot,
      underlyings: [
        ...snapshot.underlyings.map((state) => ({ ...state, priceAgeMs: 5_000 })),
        { ...underlyingState("USDC", 1), priceAgeMs: 126_000 },
        { ...underlyingState("SOL", 100), priceAgeMs: 900_000 },
      ],
    };
    const market = { ...context.market, snapshot: aged, engine: createMarginEngine(aged, defaultParameters) };
    const { committed } = decide(stored("6500", 1, asset), nothing, { ...context, market });
    expect(committed?.event.price_age_ms).toBe(priceAgeMs);
  });

  // Seen to fail without the catch of decidePool, which the shard's other accounts would pay for.
  it("of whose numbers something throws says so, and keeps severity and last good margin (I9)", () => {
    const row = rowAfter("6500", contextAt(70_000, ids.older));
    const context = contextAt(70_000);
    const engine = {
      ...context.market.engine,
      margin: () => {
        throw new RangeError("no such number");
      },
    };
    const poisoned = { ...context, market: { ...context.market, engine } };
    const decision = decidePool(stored("6500"), { row, state: undefined }, poisoned);
    expect(decision).toMatchObject({ change: null, history: null });
    expect(decision.row).toMatchObject({
      status: "not_margined",
      code: "ledger_unreadable",
      value: expect.stringContaining("no such number"),
      severity: row.severity,
      sequence: row.sequence,
      lastGood: row.status === "margined" && row.margin,
    });
  });

  it("announces a change in the name of its stage (I10)", () => {
    const context = { ...contextAt(70_000), environment: "preview:pr-7" };
    const { committed } = decide(stored("6500"), nothing, context);
    expect(committed?.event).toMatchObject({
      environment: "preview:pr-7",
      title: expect.stringMatching(/^\[preview:pr-7\] /),
    });
  });

  it("writes history when the ratio ceases to exist", () => {
    const row = rowAfter("40000", contextAt(70_000, ids.older));
    const { history } = decide(stored("40000"), { row, state: undefined }, contextAt(120_000));
    expect(history).toMatchObject({ marginRatio: null });
  });
});
