import { applyEvent, interestTransfer, type LedgerAccount } from "@plimsoll/ledger";
import { borrowRate, cashUtilisationCurve, supplyRate } from "@plimsoll/risk";
import { accountEvent, limits, portfolioFile } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";

const year = 365 * 86_400_000;

describe("borrowing rates", () => {
  it("follow the curve of Derive's cash: 2 % + 8 % of utilisation, steep above 85 %", () => {
    for (const [utilisation, expected] of [
      [0, 0.02],
      [0.5, 0.06],
      [0.85, 0.088],
      [1, 0.235],
      [1.1, 0.333],
    ] as const) {
      assertClose(borrowRate(utilisation, cashUtilisationCurve), expected, 1e-15, { utilisation });
    }
  });

  it("pay suppliers no more than borrowers pay", () => {
    for (const utilisation of [0, 0.3, 0.9, 1, 1.5]) {
      const paid = borrowRate(utilisation, cashUtilisationCurve) * utilisation;
      expect(supplyRate(utilisation, cashUtilisationCurve, 0.1)).toBeLessThanOrEqual(0.9 * paid + 1e-16);
    }
  });

  it("refuse what would pay for borrowing, with field and value", () => {
    expect(() => borrowRate(-0.1, cashUtilisationCurve)).toThrow("utilisation is -0.1");
    expect(() => borrowRate(Number.NaN, cashUtilisationCurve)).toThrow("utilisation is NaN");
    expect(() => borrowRate(0.5, { ...cashUtilisationCurve, baseRate: -0.01 })).toThrow("baseRate is -0.01");
    expect(() => borrowRate(0.5, { ...cashUtilisationCurve, kink: 1.2 })).toThrow(
      "kink is 1.2; it must be at least 0 and at most 1",
    );
  });
});

describe("interest on a borrowed asset", () => {
  const account: LedgerAccount = {
    accountId: "a",
    ledgerSequence: 4,
    poolCurrency: "USD",
    methodId: "portfolio",
    collateral: [
      { asset: "BTC", amount: "-1.5" },
      { asset: "USD", amount: "90000" },
    ],
    positions: [],
    openOrders: [],
    pools: [],
  };
  const rates = { borrow: "0.1", supply: "0.02" };

  it("is a transfer of the ledger, exact and rounded against the account", () => {
    const hour = interestTransfer(account, "cross", "BTC", rates, 0, 3_600_000);
    // 1.5 x 0.1 / 8760 = 0.0000171232876712328767...: 18 decimals, rounded away from zero because it is owed.
    expect(hour).toEqual({
      kind: "transfer",
      accountId: "a",
      ledgerSequence: 5,
      poolId: "cross",
      asset: "BTC",
      amount: "-0.000017123287671233",
    });
    if (hour === null) throw new Error("there is interest to book");
    const outcome = applyEvent(account, hour, () => undefined, limits);
    if (outcome.kind !== "applied") throw new Error(outcome.kind);
    expect(outcome.account.collateral[0]).toEqual({ asset: "BTC", amount: "-1.500017123287671233" });
    expect(interestTransfer(account, "cross", "USD", rates, 0, year)?.amount).toBe("1800");
  });

  it("books nothing over no time, on nothing held, or where it is below the last decimal earned", () => {
    expect(interestTransfer(account, "cross", "BTC", rates, 7, 7)).toBeNull();
    expect(interestTransfer(account, "cross", "ETH", rates, 0, year)).toBeNull();
    const dust = { ...account, collateral: [{ asset: "USD", amount: "0.000000000000000001" }] };
    expect(interestTransfer(dust, "cross", "USD", rates, 0, 1)).toBeNull();
    const owedDust = { ...account, collateral: [{ asset: "USD", amount: "-0.000000000000000001" }] };
    expect(interestTransfer(owedDust, "cross", "USD", rates, 0, 1)?.amount).toBe("-0.000000000000000001");
  });

  it("refuses a negative or unreadable rate and time that runs backwards", () => {
    expect(() => interestTransfer(account, "cross", "BTC", { ...rates, borrow: "-0.1" }, 0, 1)).toThrow(
      "borrow rate is -0.1",
    );
    expect(() => interestTransfer(account, "cross", "BTC", rates, 2, 1)).toThrow("toMs is 1; it must not be before 2");
  });

  it("is written in portfolio files and account events as a negative balance", () => {
    const collateral = [{ asset: "BTC", amount: "-1.5" }];
    expect(portfolioFile.parse({ collateral, positions: [] }).collateral).toEqual(collateral);
    const base = { schema_version: 1, account_id: "a", ledger_sequence: 5, occurred_at: "2026-02-05T12:00:00Z" };
    const transfer = { kind: "transfer", ...base, asset: "BTC", amount: "-1.5" };
    expect(accountEvent.parse(transfer)).toMatchObject({ asset: "BTC", amount: "-1.5" });
  });
});
