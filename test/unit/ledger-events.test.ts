import { applyEvent, type LedgerAccount, type LedgerEvent } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";

const linear = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 0.1 } as const;
const inverse = { underlying: "BTC", settlement: "inverse", quoteCurrency: "USD", contractSize: 10 } as const;
const option = { kind: "option", optionType: "call", strike: 70_000, expiryMs: 1 } as const;

const instruments = new Map<string, Instrument>([
  ["LIN", { kind: "perpetual", instrumentId: "LIN", ...linear }],
  ["INV", { kind: "perpetual", instrumentId: "INV", ...inverse }],
  ["OPT", { ...option, instrumentId: "OPT", ...inverse, contractSize: 1 }],
]);

const limits = {
  positionsPerAccount: 3,
  openOrdersPerAccount: 3,
  poolsPerAccount: 2,
  collateralAssets: 2,
  firstLedgerSequence: 1_000,
  ledgerSequenceJump: 100,
};

const opened: LedgerAccount = {
  accountId: "a",
  poolCurrency: "USD",
  methodId: "portfolio",
  ledgerSequence: 1,
  collateral: [{ asset: "USD", amount: "1000" }],
  positions: [],
  openOrders: [],
  pools: [],
};

const transfer: LedgerEvent = {
  kind: "transfer",
  accountId: "a",
  poolId: "cross",
  ledgerSequence: 2,
  asset: "USD",
  amount: "1",
};

function apply(account: LedgerAccount | null, ...events: readonly Partial<LedgerEvent>[]): LedgerAccount {
  return events.reduce<LedgerAccount | null>((held, event) => {
    const ledgerSequence = (held?.ledgerSequence ?? 0) + 1;
    const full = { accountId: "a", poolId: "cross", ledgerSequence, ...event } as LedgerEvent;
    const outcome = applyEvent(held, full, (id) => instruments.get(id), limits);
    if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
    return outcome.account;
  }, account) as LedgerAccount;
}

function fill(instrumentId: string, quantity: string, price: string): Partial<LedgerEvent> {
  return { kind: "fill", poolId: "cross", orderId: null, instrumentId, quantity, price };
}

describe("fills", () => {
  it("open a position without moving cash, except the premium of an option", () => {
    expect(apply(opened, fill("LIN", "2", "70000"))).toEqual({
      ...opened,
      ledgerSequence: 2,
      positions: [{ instrumentId: "LIN", quantity: "2", entryPrice: "70000" }],
    });
    expect(apply(opened, fill("OPT", "-2", "0.015"))).toMatchObject({
      collateral: [
        { asset: "BTC", amount: "0.03" },
        { asset: "USD", amount: "1000" },
      ],
      positions: [{ instrumentId: "OPT", quantity: "-2", entryPrice: "0.015" }],
    });
  });

  it("average the entry by quantity, and harmonically for inverse perpetuals", () => {
    const linearTwice = apply(opened, fill("LIN", "1", "60000"), fill("LIN", "3", "70000"));
    expect(linearTwice.positions[0]?.entryPrice).toBe("67500");
    const inverseTwice = apply(opened, fill("INV", "100", "60000"), fill("INV", "100", "90000"));
    expect(inverseTwice.positions[0]?.entryPrice).toBe("72000");
  });

  it("credit the profit of what they close, in the settlement currency", () => {
    const closedLinear = apply(opened, fill("LIN", "3", "60000"), fill("LIN", "-2", "61000"));
    expect(closedLinear.collateral).toEqual([{ asset: "USD", amount: "1200" }]);
    expect(closedLinear.positions).toEqual([{ instrumentId: "LIN", quantity: "1", entryPrice: "60000" }]);
    // 600 contracts of 10 USD short from 60,000 to 50,000: 6,000 (1/50,000 - 1/60,000) = 0.02 BTC.
    const closedInverse = apply(opened, fill("INV", "-600", "60000"), fill("INV", "600", "50000"));
    expect(closedInverse.collateral[0]).toEqual({ asset: "BTC", amount: "0.02" });
    expect(closedInverse.positions).toEqual([]);
  });

  it("turn a position over at the price of the trade", () => {
    const turned = apply(opened, fill("LIN", "1", "60000"), fill("LIN", "-3", "62000"));
    expect(turned.positions).toEqual([{ instrumentId: "LIN", quantity: "-2", entryPrice: "62000" }]);
    expect(turned.collateral).toEqual([{ asset: "USD", amount: "1200" }]);
  });

  it("round the entry and the cash against the account", () => {
    const long = apply(opened, fill("LIN", "1", "1"), fill("LIN", "2", "2"));
    expect(long.positions[0]?.entryPrice).toBe("1.666666666666666667");
    const short = apply(opened, fill("LIN", "-1", "1"), fill("LIN", "-2", "2"));
    expect(short.positions[0]?.entryPrice).toBe("1.666666666666666666");
    // 10 (1/3 - 1/7) = 1.904761904761904761904...: a loss is rounded up, a profit down.
    const lost = apply(opened, fill("INV", "-1", "3"), fill("INV", "1", "7"));
    expect(lost.collateral[0]?.amount).toBe("-1.904761904761904762");
    const won = apply(opened, fill("INV", "1", "3"), fill("INV", "-1", "7"));
    expect(won.collateral[0]?.amount).toBe("1.904761904761904761");
  });

  it("of an instrument no snapshot knows are refused by name", () => {
    const event = { ...fill("NEW", "1", "1"), accountId: "a", ledgerSequence: 2 } as LedgerEvent;
    expect(applyEvent(opened, event, (id) => instruments.get(id), limits)).toMatchObject({
      kind: "refused",
      field: "instrument_id",
      value: "NEW",
    });
  });

  it("beyond what a decimal can hold are refused", () => {
    const huge = { ...opened, positions: [{ instrumentId: "LIN", quantity: "1", entryPrice: "1" }] };
    const event = { ...fill("LIN", "9".repeat(30), "1"), accountId: "a", ledgerSequence: 2 } as LedgerEvent;
    expect(applyEvent(huge, event, (id) => instruments.get(id), limits)).toMatchObject({ kind: "refused" });
  });
});

describe("transfers", () => {
  it("move collateral exactly, into debt if need be", () => {
    const moved = apply(opened, { kind: "transfer", asset: "USD", amount: "-1000.000000000000000001" });
    expect(moved.collateral).toEqual([{ asset: "USD", amount: "-0.000000000000000001" }]);
  });

  it("leave no balance of zero", () => {
    expect(apply(opened, { kind: "transfer", asset: "USD", amount: "-1000" }).collateral).toEqual([]);
  });

  it("beyond the limit of assets are refused", () => {
    const two = apply(opened, { kind: "transfer", asset: "BTC", amount: "1" });
    const event: LedgerEvent = { ...transfer, ledgerSequence: 3, asset: "ETH" };
    expect(applyEvent(two, event, () => undefined, limits)).toMatchObject({ kind: "refused", field: "collateral" });
  });
});

describe("sequences", () => {
  const state: LedgerEvent = { kind: "account_state", ...opened, ledgerSequence: 7 };
  const outcome = (account: LedgerAccount | null, event: LedgerEvent) =>
    applyEvent(account, event, () => undefined, limits);

  it("let a newer state replace, whatever lies between", () => {
    expect(outcome(opened, state)).toMatchObject({ kind: "applied", account: { ledgerSequence: 7 } });
    expect(outcome(null, state)).toMatchObject({ kind: "applied" });
  });

  it("may run ahead by a bounded number only, and say what to do (seen to fail without findRunaway)", () => {
    const at = (ledgerSequence: number) => ({ ...state, ledgerSequence });
    expect(outcome(opened, at(101))).toMatchObject({ kind: "applied" });
    expect(outcome(opened, at(102))).toEqual({
      kind: "refused",
      field: "ledger_sequence",
      value: "102",
      problem:
        "at most 101, which is 100 above the 1 held: send account_state with the account's own counter; if it did move so far, " +
        "one account_state for each such step",
    });
    expect(outcome(opened, { ...transfer, ledgerSequence: 101 })).toMatchObject({ kind: "gap", expectedSequence: 2 });
    expect(outcome(opened, { ...transfer, ledgerSequence: 102 })).toMatchObject({ field: "ledger_sequence" });
    expect(outcome(null, at(1_000))).toMatchObject({ kind: "applied" });
    expect(outcome(null, at(1_001))).toMatchObject({
      problem: "at most 1000 for an unknown account: send account_state with its own counter",
    });
    expect(outcome(null, { ...transfer, ledgerSequence: 1_001 })).toMatchObject({ field: "ledger_sequence" });
  });

  it("make repeats and late events change nothing", () => {
    const newer = { ...opened, ledgerSequence: 7 };
    expect(outcome(newer, state)).toEqual({ kind: "duplicate" });
    expect(outcome(newer, transfer)).toEqual({ kind: "duplicate" });
  });

  it("hold an event back while those before it are missing", () => {
    expect(outcome(opened, { ...transfer, ledgerSequence: 3 })).toEqual({ kind: "gap", expectedSequence: 2 });
    expect(outcome(null, transfer)).toEqual({ kind: "gap", expectedSequence: 1 });
  });

  it("refuse a state that names an instrument or an asset twice", () => {
    const position = { instrumentId: "LIN", quantity: "1", entryPrice: "1" };
    expect(outcome(opened, { ...state, positions: [position, position] })).toMatchObject({
      kind: "refused",
      field: "positions[1].instrument_id",
    });
    const balance = { asset: "USD", amount: "1" };
    expect(outcome(opened, { ...state, collateral: [balance, balance] })).toMatchObject({
      kind: "refused",
      field: "collateral[1].asset",
    });
  });
});
