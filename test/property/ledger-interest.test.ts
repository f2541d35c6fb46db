import { applyEvent, interestTransfer, type LedgerAccount } from "@plimsoll/ledger";
import { limits } from "@plimsoll/schema";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const settings = { seed: 20260205, numRuns: 200 } as const;
const yearMs = 365 * 86_400_000;
const Exact = Decimal.clone({ precision: 120 });

const cases = fc.record({
  // Millionths, so that balances of both signs and of any size come up.
  balance: fc.integer({ min: -1e12, max: 1e12 }).map((millionths) => new Exact(millionths).div(1e6).toFixed()),
  rate: fc.integer({ min: 0, max: 20_000 }).map((basisPoints) => new Exact(basisPoints).div(10_000).toFixed()),
  ms: fc.integer({ min: 0, max: 2 * yearMs }),
});

function holding(amount: string): LedgerAccount {
  return {
    accountId: "a",
    poolCurrency: "USD",
    methodId: "portfolio",
    ledgerSequence: 1,
    collateral: amount === "0" ? [] : [{ asset: "USD", amount }],
    positions: [],
    openOrders: [],
    pools: [],
  };
}

function book(account: LedgerAccount, rate: string, fromMs: number, toMs: number): LedgerAccount {
  const event = interestTransfer(account, "cross", "USD", { borrow: rate, supply: rate }, fromMs, toMs);
  if (event === null) return account;
  const outcome = applyEvent(account, event, () => undefined, limits);
  if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
  return outcome.account;
}

const balanceOf = ({ collateral }: LedgerAccount) => new Exact(collateral[0]?.amount ?? 0);

describe("interest booked in the ledger", () => {
  it("is within the last decimal of balance x rate x time, and never in the account's favour", () => {
    fc.assert(
      fc.property(cases, ({ balance, rate, ms }) => {
        const exact = new Exact(balance).times(rate).times(ms).div(yearMs);
        const booked = balanceOf(book(holding(balance), rate, 0, ms)).minus(balance);
        expect(booked.lte(exact)).toBe(true);
        expect(exact.minus(booked).lt("1e-18")).toBe(true);
      }),
      settings,
    );
  });

  it("compounds by being booked: twice costs a borrower at least what once costs", () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ({ balance, rate, ms }, share) => {
        const middle = Math.floor(ms * share);
        const once = balanceOf(book(holding(balance), rate, 0, ms));
        const twice = balanceOf(book(book(holding(balance), rate, 0, middle), rate, middle, ms));
        const owed = new Exact(balance).isNegative();
        // A holder gains by compounding what two roundings do not take.
        if (owed) expect(twice.lte(once.plus("1e-18"))).toBe(true);
        else expect(twice.gte(once.minus("2e-18"))).toBe(true);
      }),
      settings,
    );
  });
});
