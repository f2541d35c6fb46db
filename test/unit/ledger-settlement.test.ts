import { applyEvent, type LedgerAccount, type LedgerEvent } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import { accountEvent, limits } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";

const linear = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 1 } as const;
const inverse = { ...linear, settlement: "inverse" } as const;
const dated = { expiryMs: Date.UTC(2026, 1, 6, 8) } as const;
const call = { kind: "option", optionType: "call", strike: 70_000, ...dated } as const;
const put = { ...call, optionType: "put" } as const;

const instruments = new Map<string, Instrument>([
  ["FUT", { kind: "future", instrumentId: "FUT", ...linear, ...dated }],
  ["INV-FUT", { kind: "future", instrumentId: "INV-FUT", ...inverse, contractSize: 10, ...dated }],
  ["CALL", { instrumentId: "CALL", ...linear, ...call }],
  ["INV-CALL", { instrumentId: "INV-CALL", ...inverse, ...call }],
  ["PUT", { instrumentId: "PUT", ...linear, ...put }],
  ["PERP", { kind: "perpetual", instrumentId: "PERP", ...linear }],
  ["POWER", { kind: "power_perpetual", instrumentId: "POWER", ...linear, power: 2, fundingPeriodDays: 7 }],
]);

function holding(instrumentId: string, quantity: string, entryPrice: string, fundingIndex?: string): LedgerAccount {
  const position = { instrumentId, quantity, entryPrice, ...(fundingIndex !== undefined && { fundingIndex }) };
  return {
    accountId: "a",
    poolCurrency: "USD",
    methodId: "portfolio",
    ledgerSequence: 1,
    collateral: [{ asset: "USD", amount: "1000" }],
    positions: [position],
    openOrders: [],
    pools: [],
  };
}

interface Change {
  readonly instrumentId: string;
  readonly settlementPrice: string;
  readonly fundingIndex?: string;
  readonly poolId?: string;
}

function attempt(account: LedgerAccount, change: Change, ledgerSequence = account.ledgerSequence + 1) {
  const event: LedgerEvent = { kind: "settlement", accountId: "a", poolId: "cross", ledgerSequence, ...change };
  return applyEvent(account, event, (id) => instruments.get(id), limits);
}

function settled(account: LedgerAccount, change: Change): LedgerAccount {
  const outcome = attempt(account, change);
  if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
  return outcome.account;
}

describe("a settlement", () => {
  it.each([
    ["a future bought", holding("FUT", "2", "69000"), "71000.5", "USD", "5001"],
    ["a future sold", holding("FUT", "-2", "69000"), "71000.5", "USD", "-3001"],
    ["an inverse future sold", holding("INV-FUT", "-600", "60000"), "50000", "BTC", "0.02"],
    ["a call that pays", holding("CALL", "-3", "900"), "70100.25", "USD", "699.25"],
    ["a call that pays nothing", holding("CALL", "-3", "900"), "69999", "USD", "1000"],
    ["a put that pays", holding("PUT", "0.5", "900"), "69000", "USD", "1500"],
    // (80,000 - 70,000) / 80,000 = 0.125 BTC a contract.
    ["an inverse call that pays", holding("INV-CALL", "2", "0.01"), "80000", "BTC", "0.25"],
    ["a perpetual that is delisted", holding("PERP", "2", "69000"), "69500", "USD", "2000"],
  ])("of %s closes it and books its cash", (_, held, settlementPrice, asset, amount) => {
    const { instrumentId } = held.positions[0]!;
    const after = settled(held, { instrumentId, settlementPrice });
    expect(after.positions).toEqual([]);
    expect(after.ledgerSequence).toBe(2);
    expect(after.collateral.find((balance) => balance.asset === asset)?.amount ?? "0").toBe(amount);
  });

  it("rounds what cannot be exact against the account, bought and sold", () => {
    // (70,001 - 70,000) / 70,001 = 0.0000142855102069970...
    const bought = settled(holding("INV-CALL", "1", "0"), { instrumentId: "INV-CALL", settlementPrice: "70001" });
    expect(bought.collateral[0]).toEqual({ asset: "BTC", amount: "0.000014285510206997" });
    const sold = settled(holding("INV-CALL", "-1", "0"), { instrumentId: "INV-CALL", settlementPrice: "70001" });
    expect(sold.collateral[0]).toEqual({ asset: "BTC", amount: "-0.000014285510206998" });
  });

  it("of what is not held takes its sequence and changes nothing, whether or not anything is known of it", () => {
    const held = holding("FUT", "2", "69000");
    for (const instrumentId of ["CALL", "NEVER"]) {
      expect(settled(held, { instrumentId, settlementPrice: "1" })).toEqual({ ...held, ledgerSequence: 2 });
    }
  });

  it("settles one pool and leaves another's position of the same instrument", () => {
    const held = holding("FUT", "2", "69000");
    const { poolCurrency, methodId, positions } = held;
    const contents = { poolCurrency, methodId, positions, collateral: [], openOrders: [] };
    const both: LedgerAccount = { ...held, pools: [{ poolId: "iso", poolKind: "isolated", ...contents }] };
    const after = settled(both, { instrumentId: "FUT", settlementPrice: "70000", poolId: "iso" });
    expect(after.positions).toEqual(held.positions);
    expect(after.pools[0]).toMatchObject({ positions: [], collateral: [{ asset: "USD", amount: "2000" }] });
  });

  it("pays the funding that has accrued, and asks for it where the position has one", () => {
    const held = holding("PERP", "2", "69000", "100");
    const change = { instrumentId: "PERP", settlementPrice: "69500" };
    expect(attempt(held, change)).toMatchObject({ kind: "refused", field: "funding_index", value: "none" });
    const after = settled(held, { ...change, fundingIndex: "103.5" });
    expect(after.collateral).toEqual([{ asset: "USD", amount: "1993" }]);
  });

  it("is refused by name where it cannot be worked out, with what to send instead", () => {
    const unknown = { ...holding("FUT", "2", "69000"), positions: [{ ...holding("GONE", "1", "1").positions[0]! }] };
    expect(attempt(unknown, { instrumentId: "GONE", settlementPrice: "1" })).toMatchObject({
      kind: "refused",
      field: "instrument_id",
      value: "GONE",
      problem: expect.stringContaining("account_state"),
    });
    expect(attempt(holding("POWER", "1", "1"), { instrumentId: "POWER", settlementPrice: "1" })).toMatchObject({
      kind: "refused",
      field: "instrument_id",
      problem: expect.stringContaining("fill"),
    });
    const nowhere = { instrumentId: "FUT", settlementPrice: "1", poolId: "nowhere" };
    expect(attempt(holding("FUT", "1", "1"), nowhere)).toMatchObject({ kind: "refused", field: "pool_id" });
  });

  it("is applied once, and waits for what was before it", () => {
    const held = holding("FUT", "2", "69000");
    const change = { instrumentId: "FUT", settlementPrice: "70000" };
    const once = settled(held, change);
    expect(attempt(once, change, 2)).toEqual({ kind: "duplicate" });
    expect(attempt(once, change, 1)).toEqual({ kind: "duplicate" });
    expect(attempt(held, change, 3)).toEqual({ kind: "gap", expectedSequence: 2 });
  });

  it("crosses the wire, and its text is refused by field, value and remedy", () => {
    const base = { schema_version: 1, account_id: "a", ledger_sequence: 3, occurred_at: "2026-02-06T08:00:05Z" };
    const event = { kind: "settlement", ...base, instrument_id: "FUT", settlement_price: "70000.25" };
    expect(accountEvent.parse(event)).toEqual({ ...event, pool_id: "cross" });
    for (const settlement_price of ["0", "-1", "1e5", 70_000]) {
      const { issues } = accountEvent.safeParse({ ...event, settlement_price }).error ?? { issues: [] };
      expect(issues).toMatchObject([{ path: ["settlement_price"] }]);
    }
  });
});
