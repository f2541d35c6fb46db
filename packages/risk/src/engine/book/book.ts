import type { PricePower } from "../../collateral/index.ts";
import type { BuiltMethod } from "../../methods/registry.ts";
import type { CollateralParameters, Pool } from "../../model/index.ts";
import type { InstrumentRow } from "../market/market.ts";
import type { SetAside } from "./keep-known.ts";
import type { SettledPosition } from "./settled-positions.ts";

/** A pool that is ready to be valued at any price: netted, sorted, and with every name looked up. */
export interface Book {
  readonly pool: Pool;
  /** The method of the pool. Every question about the method is put to this member. */
  readonly method: BuiltMethod;
  /** The units, sorted by underlying. */
  readonly units: readonly BookUnit[];
  /** The currencies that are held, owed or settled in, and the pool's own. They are sorted by name. */
  readonly currencies: readonly BookCurrency[];
  readonly lossBounds: LossBounds;
  /**
   * The holdings that are counted although the book cannot hold them in full, or null if there are none. `pool` is
   * without them.
   */
  readonly setAside: SetAside | null;
  /** The positions that have expired at a known price. Their payments are among the balances of `pool`. */
  readonly settled: readonly SettledPosition[];
}

/** Everything a pool holds on one underlying, in columns by position. */
export interface BookUnit {
  readonly underlying: string;
  readonly underlyingIndex: number;
  /**
   * The index of each position's instrument in the snapshot. Positions are sorted by settlement currency, then by
   * instrument id.
   */
  readonly instrumentIndexes: readonly number[];
  /** The net contracts of each position, negative if short. */
  readonly quantities: readonly number[];
  /**
   * The gain of each position from funding that has accrued and is not paid yet, in settlement currency. It is the same
   * at every price.
   */
  readonly accruedFunding: readonly number[];
  /** The terms and base prices of the instruments. They are filled in when the book is valued. */
  readonly rows: InstrumentRow[];
  /** `markPrices` and `deltas` are those at the price at which the unit was last valued; see InstrumentRow. */
  readonly markPrices: Float64Array;
  readonly deltas: Float64Array;
  /** The index price in US dollars at which the unit was last valued. */
  indexPrice: number;
  /**
   * `profits` and `optionValues` are the unrealised profit and the option value of each segment at these marks, in
   * settlement currency.
   */
  readonly profits: Float64Array;
  readonly optionValues: Float64Array;
  /** The runs of positions that settle in one currency: `start` to `end` - 1. */
  readonly segments: readonly { readonly currencyIndex: number; readonly start: number; readonly end: number }[];
  /** The fills of position p, netted per entry price, are those from fillStarts[p] to fillStarts[p + 1] - 1. */
  readonly fillStarts: readonly number[];
  readonly fillQuantities: readonly number[];
  readonly fillEntryPrices: readonly number[];
  /** The number of the expiry that each position belongs to, counted from 0. All perpetuals share one number. */
  readonly expiryBuckets: readonly number[];
  readonly expiryBucketCount: number;
  /**
   * The number of the strike, expiry and settlement currency that an option belongs to. It is -1 for other instruments.
   */
  readonly strikeBuckets: readonly number[];
  readonly strikeBucketCount: number;
}

export interface BookCurrency {
  readonly currency: string;
  /** The net units held as collateral; a negative number is owed. */
  readonly collateral: number;
  /**
   * The collateral parameters. They are null for the pool's own currency, and for one that is not accepted as
   * collateral.
   */
  readonly parameters: CollateralParameters | null;
  /** The underlyings that its price moves with, each with the power by which it moves. */
  readonly powers: readonly PricePower[];
}

/**
 * The least that a book can come to be worth, in pool currency. The bounds are the same at every price of the
 * underlyings.
 */
export interface LossBounds {
  /**
   * The least that each unit's positions, with the balances scanned with them, can come to be worth. It is taken with
   * the forwards of all expiries at one price, as the strategy rules of exchanges do. It is -Infinity if there is no
   * least, as for futures held short and calls sold uncovered.
   */
  readonly leastWorths: readonly number[];
  /**
   * The same, or less if the forwards stay at their present multiples of the index price. The severity rests on these
   * amounts.
   */
  readonly leastByForwards: readonly number[];
  /**
   * The most that the pool can come to owe, at least 0. It is 0 if the pool can never owe, and Infinity if nothing
   * bounds it.
   */
  readonly greatestDebt: number;
}
