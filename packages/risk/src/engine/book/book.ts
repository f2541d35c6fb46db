import type { PricePower } from "../../collateral/index.ts";
import type { BuiltMethod } from "../../methods/registry.ts";
import type { Account, CollateralParameters } from "../../model/index.ts";
import type { InstrumentRow } from "../market/market.ts";
import type { SetAside } from "./keep-known.ts";
import type { SettledPosition } from "./settled-positions.ts";

/** An account made ready to be valued at any price: netted, sorted, and every name looked up. */
export interface Book {
  readonly account: Account;
  /** That of the account: all that is asked of the book is dispatched by it. */
  readonly method: BuiltMethod;
  /** Sorted by underlying. */
  readonly units: readonly BookUnit[];
  /** Each currency that is held, owed or settled in, and the pool's own; sorted. */
  readonly currencies: readonly BookCurrency[];
  readonly lossBounds: LossBounds;
  /** What of the account is counted without being held here; null for nothing. `account` is without it. */
  readonly setAside: SetAside | null;
  /** What has expired at a known price and counts as what it pays, which is among the balances of `account`. */
  readonly settled: readonly SettledPosition[];
}

/** Everything an account holds on one underlying, in columns by position. */
export interface BookUnit {
  readonly underlying: string;
  readonly underlyingIndex: number;
  /** Sorted by settlement currency, then by instrument id. */
  readonly instrumentIndexes: readonly number[];
  /** Net contracts. */
  readonly quantities: readonly number[];
  /** Gained by funding that has accrued and is not paid yet, settlement currency; the same at every price. */
  readonly accruedFunding: readonly number[];
  /** Terms and base prices of the instruments; filled when the book is valued. */
  readonly rows: InstrumentRow[];
  /** Marks and deltas at the price that the unit was valued at last; see InstrumentRow. */
  readonly markPrices: Float64Array;
  readonly deltas: Float64Array;
  /** Index at which the unit was valued at last, US dollars. */
  indexPrice: number;
  /** By segment, what was gained and what the options were worth at these marks, settlement currency. */
  readonly profits: Float64Array;
  readonly optionValues: Float64Array;
  /** Runs of positions that settle in one currency. */
  readonly segments: readonly { readonly currencyIndex: number; readonly start: number; readonly end: number }[];
  /** Fills of position p, netted per entry price: fillStarts[p] to fillStarts[p + 1] - 1. */
  readonly fillStarts: readonly number[];
  readonly fillQuantities: readonly number[];
  readonly fillEntryPrices: readonly number[];
  /** Which expiry each position belongs to, counted from 0; all perpetuals are one. */
  readonly expiryBuckets: readonly number[];
  readonly expiryBucketCount: number;
  /** Which strike, expiry and settlement currency an option belongs to; -1 for other instruments. */
  readonly strikeBuckets: readonly number[];
  readonly strikeBucketCount: number;
}

export interface BookCurrency {
  readonly currency: string;
  /** Net units held as collateral; negative is owed. */
  readonly collateral: number;
  /** Null when it is the pool's own, or not accepted as collateral. */
  readonly parameters: CollateralParameters | null;
  /** Underlyings that its price moves with. */
  readonly powers: readonly PricePower[];
}

/** What a book can come to be worth at worst, pool currency; the same at every price of the underlyings. */
export interface LossBounds {
  /**
   * By unit, the least that its positions and the balances scanned with them can come to be worth where the forwards of all
   * expiries are one price, as the strategy rules of exchanges take it; -Infinity when there is no least, as for futures held
   * short and calls sold uncovered.
   */
  readonly leastWorths: readonly number[];
  /** The same, or less where the forwards stay at their present multiples of the index: what the severity rests on. */
  readonly leastByForwards: readonly number[];
  /** The most that the pool can come to owe, at least 0: 0 when it cannot; Infinity when nothing bounds it. */
  readonly greatestDebt: number;
}
