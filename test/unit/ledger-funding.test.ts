import { applyEvent, type LedgerAccount, type LedgerEvent } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import { accountEvent, decodeAccount, encodeAccount, limits } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { kernelCrossPool } from "../support/kernel-cross-pool.ts";

const linear = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 1 } as const;
const option = { optionType: "call", strike: 70_000, fundingStyle: "continuous", fundingPeriodDays: 5 } as const;
const instruments = new Map<string, Instrument>([
  ["PERP", { kind: "perpetual", instrumentId: "PERP", ...linear }],
  ["CALL", { kind: "perpetual_option", instrumentId: "CALL", ...linear, ...option, settlement: "inverse" }],
]);

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

type Change =
  | { kind: "fill"; instrumentId: string; quantity: string; price: string; fundingIndex?: string }
  | { kind: "funding"; instrumentId: string; fundingIndex: string };

function attempt(account: LedgerAccount, change: Change) {
  const base = { accountId: "a", poolId: "cross", ledgerSequence: account.ledgerSequence + 1 };
  const event: LedgerEvent = change.kind === "fill" ? { ...base, orderId: null, ...change } : { ...base, ...change };
  return applyEvent(account, event, (id) => instruments.get(id), limits);
}

function apply(account: LedgerAccount, ...changes: readonly Change[]): LedgerAccount {
  return changes.reduce((held, change) => {
    const outcome = attempt(held, change);
    if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
    return outcome.account;
  }, account);
}

const bought = { kind: "fill", instrumentId: "PERP", quantity: "2", price: "70000", fundingIndex: "100.5" } as const;

describe("funding in the ledger", () => {
  it("is paid up to the trade, by what was held before it", () => {
    const held = apply(opened, bought);
    expect(held.positions).toEqual([
      { instrumentId: "PERP", quantity: "2", entryPrice: "70000", fundingIndex: "100.5" },
    ]);
    expect(held.collateral).toEqual(opened.collateral);
    const more = apply(held, { ...bought, quantity: "1", price: "70300", fundingIndex: "103" });
    expect(more.positions).toEqual([{ instrumentId: "PERP", quantity: "3", entryPrice: "70100", fundingIndex: "103" }]);
    expect(more.collateral).toEqual([{ asset: "USD", amount: "995" }]);
    const closed = apply(more, { ...bought, quantity: "-3", price: "70100", fundingIndex: "102" });
    expect(closed.positions).toEqual([]);
    expect(closed.collateral).toEqual([{ asset: "USD", amount: "998" }]);
  });

  it("is booked by its own event, and not twice", () => {
    const settle = { kind: "funding", instrumentId: "PERP", fundingIndex: "110.25" } as const;
    const once = apply(opened, bought, settle);
    expect(once.collateral).toEqual([{ asset: "USD", amount: "980.5" }]);
    expect(once.positions[0]?.fundingIndex).toBe("110.25");
    expect(apply(once, settle).collateral).toEqual(once.collateral);
    const short = apply(opened, { ...bought, quantity: "-2" }, settle);
    expect(short.collateral).toEqual([{ asset: "USD", amount: "1019.5" }]);
  });

  // Seen to fail with its cash rounded up: a unit of the last decimal more, for either side.
  it("is rounded against the account, whoever pays", () => {
    const tiny = "0.000000000000000001";
    const settle = { kind: "funding", instrumentId: "PERP", fundingIndex: tiny } as const;
    const from = { ...bought, fundingIndex: "0" };
    // 1.5 units of the last decimal: a long pays two of them, a short is paid one.
    expect(apply(opened, { ...from, quantity: "1.5" }, settle).collateral).toEqual([
      { asset: "USD", amount: "999.999999999999999998" },
    ]);
    expect(apply(opened, { ...from, quantity: "-1.5" }, settle).collateral).toEqual([
      { asset: "USD", amount: "1000.000000000000000001" },
    ]);
  });

  it("is coin where the contract pays coin, whose gains are linear in its mark in coin", () => {
    const first = { ...bought, instrumentId: "CALL", price: "0.015", fundingIndex: "0" };
    const held = apply(opened, first, { kind: "funding", instrumentId: "CALL", fundingIndex: "0.0003" });
    expect(held.collateral).toEqual([
      { asset: "BTC", amount: "-0.0006" },
      { asset: "USD", amount: "1000" },
    ]);
    const averaged = apply(held, { ...first, price: "0.021", fundingIndex: "0.0003" });
    expect(averaged.positions[0]?.entryPrice).toBe("0.018");
    const sold = apply(averaged, { ...first, quantity: "-4", price: "0.02", fundingIndex: "0.0003" });
    expect(sold.collateral[0]).toEqual({ asset: "BTC", amount: "0.0074" });
  });

  it("asks for the cumulative funding of a trade when the position has one, and for a position to settle", () => {
    const held = apply(opened, bought);
    const { fundingIndex: _, ...without } = bought;
    expect(attempt(held, without)).toMatchObject({ kind: "refused", field: "funding_index", value: "none" });
    expect(attempt(opened, { kind: "funding", instrumentId: "PERP", fundingIndex: "1" })).toMatchObject({
      kind: "refused",
      field: "instrument_id",
    });
    expect(apply(opened, without).positions).toEqual([{ instrumentId: "PERP", quantity: "2", entryPrice: "70000" }]);
  });

  it("crosses the wire and reaches the kernel", () => {
    const held = apply(opened, bought);
    expect(decodeAccount(JSON.parse(JSON.stringify(encodeAccount(held))))).toEqual(held);
    expect(kernelCrossPool(held).positions).toEqual([
      { instrumentId: "PERP", quantity: 2, entryPrice: 70_000, fundingIndex: 100.5 },
    ]);
    const base = { schema_version: 1, account_id: "a", ledger_sequence: 3, occurred_at: "2026-02-05T12:00:00Z" };
    expect(
      accountEvent.parse({ kind: "funding", ...base, instrument_id: "PERP", funding_index: "-3.5" }),
    ).toMatchObject({
      pool_id: "cross",
      funding_index: "-3.5",
    });
  });
});
