import type { MethodId } from "../methods/method-parameters.ts";

export interface Position {
  readonly instrumentId: string;
  /** Signed number of contracts: positive long, negative short. */
  readonly quantity: number;
  /** Average entry price, in the unit of the instrument's mark price. */
  readonly entryPrice: number;
  /**
   * The instrument's cumulative funding up to which this position has paid; what has accrued since counts in equity. Absent
   * when the venue books funding itself.
   */
  readonly fundingIndex?: number;
  /** What it counts as entered at where `entryPrice` cannot be used: the mark when that was first seen. Absent: the mark now. */
  readonly assumedEntryPrice?: number;
}

export interface CollateralBalance {
  readonly asset: string;
  /** Signed units of the asset: negative is a liability and is never discounted. */
  readonly amount: number;
}

/**
 * What an isolated pool holds is one instrument, whose loss no other pool pays for; a cross pool holds any number, which pay
 * for each other.
 */
export type PoolKind = "cross" | "isolated";

/** The pool that every account has; its exchange names the others. */
export const crossPoolId = "cross";

/** The name of one pool of an account, unique among all: `alice` for the cross pool, `alice/BTC-PERPETUAL` for another. */
export function bookIdOf(accountId: string, poolId: string): string {
  return poolId === crossPoolId ? accountId : `${accountId}/${poolId}`;
}

/** One collateral pool of an account, as the kernel sees it: nothing in any other pool counts for or against it. */
export interface Account {
  readonly accountId: string;
  /** Currency in which this pool's equity and requirements are expressed: a coin for a coin-margined pool, or USD. */
  readonly poolCurrency: string;
  readonly methodId: MethodId;
  readonly ledgerSequence: number;
  readonly collateral: readonly CollateralBalance[];
  readonly positions: readonly Position[];
}
