import { between, nonNegative, type ObjectBounds, rate, rowsByUnderlying, underlying } from "../bounds.ts";

/** A margin rate that grows with the size of the position: rate = base + increment x size. */
export interface IncrementalRate {
  /** The rate at size 0, as a share of the notional, at least 0. */
  readonly base: number;
  /** The amount that each unit of size adds to the rate, at least 0. */
  readonly incrementPerUnit: number;
}

/**
 * What the size of a pool's positions on one underlying adds to its requirement, in every method alike. Notionals are
 * in US dollars, and the notional of an option is that of its underlying. Rates of 0 add nothing.
 */
export interface SizeParameters {
  /** The underlying that the row is for. `*` serves any underlying that is not listed. */
  readonly underlying: string;
  /**
   * The open interest of the market and the bounds between which initial margin rises to the whole notional of the
   * delta (dYdX; docs/sources.md, Rates that grow with size). An upper bound of 0 turns the rise off.
   */
  readonly openInterest: { readonly notionalUsd: number; readonly lowerUsd: number; readonly upperUsd: number };
  /**
   * The charge on net delta beyond `freeUsd`, in US dollars. Its rate rises by `ratePerMillionUsd` for each million
   * beyond, up to `maximumRate`.
   */
  readonly concentration: {
    readonly freeUsd: number;
    readonly ratePerMillionUsd: number;
    readonly maximumRate: number;
  };
  /**
   * The cost of closing all positions: notional x rate x (1 + impact x the square root of the notional in
   * millions of US dollars).
   */
  readonly liquidation: {
    readonly futureRate: number;
    readonly optionRate: number;
    readonly impactPerRootMillionUsd: number;
  };
  /** The least requirement: shares of the notional of futures, longs and shorts added, and of short options. */
  readonly minimum: { readonly futureRate: number; readonly shortOptionRate: number };
}

/** The member that the parameters of every method have. While the list is empty, nothing is charged for size. */
export interface SizedParameters {
  /** The charges for size, one row per underlying. */
  readonly size: readonly SizeParameters[];
}

const sizeBounds: ObjectBounds<SizeParameters> = {
  kind: "object",
  members: {
    underlying,
    openInterest: {
      kind: "object",
      members: { notionalUsd: nonNegative, lowerUsd: nonNegative, upperUsd: nonNegative },
    },
    concentration: {
      kind: "object",
      members: { freeUsd: nonNegative, ratePerMillionUsd: rate, maximumRate: rate },
    },
    liquidation: {
      kind: "object",
      members: { futureRate: rate, optionRate: rate, impactPerRootMillionUsd: between(0, 100) },
    },
    minimum: { kind: "object", members: { futureRate: rate, shortOptionRate: rate } },
  },
  rules: ({ openInterest: { lowerUsd, upperUsd } }) =>
    upperUsd < lowerUsd
      ? [{ path: ["openInterest", "upperUsd"], value: upperUsd, allowed: `at least lower_usd, which is ${lowerUsd}` }]
      : [],
};

/** The bounds of the member `size`, which the parameters of every method have. */
export const sized = { size: rowsByUnderlying(sizeBounds, 0) };

/**
 * The value of `size` that charges nothing. All methods but `portfolio` ship with it, so that rules of venues stay as
 * published and ours as described. An operator may add charges for size.
 */
export const unsized: SizedParameters = { size: [] };
