import { between, nonNegative, type ObjectBounds, rate, rowsByUnderlying, underlying } from "../bounds.ts";

/** A margin rate that grows with the size of the position: rate = base + increment x size. */
export interface IncrementalRate {
  /** Fraction of the notional, at least 0. */
  readonly base: number;
  /** Added per unit of size, at least 0. */
  readonly incrementPerUnit: number;
}

/**
 * What the size of a book on one underlying adds to its requirement, the same in every method. Notionals are in US dollars;
 * that of an option is its underlying's. All rates at 0 add nothing.
 */
export interface SizeParameters {
  /** `*` serves any not listed. */
  readonly underlying: string;
  /**
   * Open interest of the market and the bounds between which initial margin rises to the whole notional of the delta
   * (dYdX; docs/sources.md, Rates that grow with size); an upper bound of 0 turns it off.
   */
  readonly openInterest: { readonly notionalUsd: number; readonly lowerUsd: number; readonly upperUsd: number };
  /** Net delta beyond `freeUsd` is charged a rate that rises by `ratePerMillionUsd` for each million beyond, up to the last. */
  readonly concentration: {
    readonly freeUsd: number;
    readonly ratePerMillionUsd: number;
    readonly maximumRate: number;
  };
  /** Cost of closing everything: notional x rate x (1 + impact x square root of the notional in millions). */
  readonly liquidation: {
    readonly futureRate: number;
    readonly optionRate: number;
    readonly impactPerRootMillionUsd: number;
  };
  /** Least requirement: shares of the notional of futures, longs and shorts added, and of short options. */
  readonly minimum: { readonly futureRate: number; readonly shortOptionRate: number };
}

/** Every method's parameters may charge for size; none do while the list is empty. */
export interface SizedParameters {
  /** By underlying, each once. */
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

/** The bounds of the member that every method has. */
export const sized = { size: rowsByUnderlying(sizeBounds, 0) };

/** Rules of venues stand as published, and ours as described: what size adds is for an operator to turn on. */
export const unsized: SizedParameters = { size: [] };
