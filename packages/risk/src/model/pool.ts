import type { MethodId } from "../methods/method-parameters.ts";

export interface Position {
  readonly instrumentId: string;
  /** The signed number of contracts, positive for a long position and negative for a short one. */
  readonly quantity: number;
  /** The average entry price, in the unit of the instrument's mark price. */
  readonly entryPrice: number;
  /**
   * The instrument's cumulative funding up to which this position has paid. Funding that accrued after it counts in
   * equity. The field is absent when the venue books funding itself.
   */
  readonly fundingIndex?: number;
  /**
   * The price that replaces an unusable `entryPrice`: the mark at which that fault was first seen. When it is absent,
   * the current mark replaces it.
   */
  readonly assumedEntryPrice?: number;
}

export interface CollateralBalance {
  readonly asset: string;
  /** The signed units of the asset. A negative amount is a liability, and no haircut reduces it. */
  readonly amount: number;
}

/**
 * An isolated pool holds one instrument, whose loss no other pool pays for. A cross pool holds any number of
 * instruments, which pay for each other.
 */
export type PoolKind = "cross" | "isolated";

/** The id of the pool that every account has. The exchange names the other pools. */
export const crossPoolId = "cross";

/**
 * Returns the name of one pool of an account, unique among all pools. It is `alice` for the cross pool and
 * `alice/BTC-PERPETUAL` for another.
 */
export function poolKeyOf(accountId: string, poolId: string): string {
  return poolId === crossPoolId ? accountId : `${accountId}/${poolId}`;
}

/** One pool of an account, as the kernel sees it. Nothing in any other pool counts for or against it. */
export interface Pool {
  readonly accountId: string;
  /**
   * The currency in which this pool's equity and requirements are expressed: a coin for a coin-margined pool, or USD.
   */
  readonly poolCurrency: string;
  readonly methodId: MethodId;
  readonly ledgerSequence: number;
  readonly collateral: readonly CollateralBalance[];
  readonly positions: readonly Position[];
}
