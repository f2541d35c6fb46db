import { MS_PER_YEAR } from "@plimsoll/risk";
import type { Decimal } from "decimal.js";
import type { LedgerAccount, TransferEvent } from "./account.ts";
import { Exact, ledgerText } from "./exact.ts";
import { findPool } from "./pools.ts";

/** Rates per year as decimal strings: a negative balance pays `borrow`, a positive one earns `supply`. */
export interface InterestRates {
  readonly borrow: string;
  readonly supply: string;
}

/**
 * Builds the transfer that books simple interest on one asset of a pool between two times. It is rounded against the
 * account and has the account's next sequence. The result is null if the interest rounds to zero. Interest compounds by
 * being booked, so book it whenever the rates change.
 */
export function interestTransfer(
  account: LedgerAccount,
  poolId: string,
  asset: string,
  rates: InterestRates,
  fromMs: number,
  toMs: number,
): TransferEvent | null {
  if (!(toMs >= fromMs)) throw new RangeError(`Interest on ${asset}: toMs is ${toMs}; it must not be before ${fromMs}`);
  const balance = new Exact(findPool(account, poolId)?.collateral.find((held) => held.asset === asset)?.amount ?? 0);
  const rate = readRate(balance.isNegative() ? "borrow" : "supply", rates);
  const amount = ledgerText(
    balance
      .times(rate)
      .times(toMs - fromMs)
      .dividedBy(MS_PER_YEAR),
    "down",
  );
  if (amount === "0") return null;
  const { accountId, ledgerSequence } = account;
  return { kind: "transfer", accountId, ledgerSequence: ledgerSequence + 1, poolId, asset, amount };
}

function readRate(name: keyof InterestRates, rates: InterestRates): Decimal {
  const rate = new Exact(rates[name]);
  // A negative rate would pay the account for owing, or tax it for holding: neither is interest.
  if (!rate.isFinite() || rate.isNegative()) {
    throw new RangeError(`Interest: the ${name} rate is ${rates[name]}; give a rate per year of at least 0`);
  }
  return rate;
}
