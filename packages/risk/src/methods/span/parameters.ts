import type { SizedParameters } from "../size/parameters.ts";

/** SPAN parameters of one underlying as fractions of its index price, for a venue that publishes no arrays. */
export interface SpanUnderlyingParameters {
  readonly underlying: string;
  /** Price scan range as a fraction of the index, in (0, 1). */
  readonly priceScanRate: number;
  readonly volatilityScanRange: number;
  readonly volatilityScanKind: "relative" | "absolute";
  readonly lookAheadYears: number;
  /** Charge per unit of delta hedged between expiries, share of the index. */
  readonly calendarRate: number;
  /** Charge per unit of short option, share of the index. */
  readonly shortOptionMinimumRate: number;
  readonly initialToMaintenanceRatio: number;
}

/** The method `span` for all underlyings of a venue. */
export interface SpanVenueParameters {
  readonly label: string;
  /** Extreme move in scan ranges, and the share of its loss that counts. */
  readonly extremeMultiplier: number;
  readonly coveredFraction: number;
  readonly limitNetOptionValue: boolean;
  readonly underlyings: readonly SpanUnderlyingParameters[];
  /** Credits for spreads between underlyings, walked from the lowest priority. */
  readonly credits: readonly SpanCreditParameters[];
}

/** A spread between underlyings and what it is worth. */
export interface SpanCreditParameters {
  readonly priority: number;
  /**
   * `delta`: each spread is credited its deltas x weighted price risk x rate per leg; `scanning`: the legs are scanned as one,
   * `creditRate` of a gain offsetting a loss.
   */
  readonly method: "delta" | "scanning";
  /** Super spreads come before the calendar spreads and use up their deltas. */
  readonly isSuper: boolean;
  /** 0 to 1. */
  readonly creditRate: number;
  /** Two or more. */
  readonly legs: readonly SpanCreditLeg[];
}

/** One side of a credit: A against B, one long and the other short. */
export interface SpanCreditLeg {
  readonly underlying: string;
  readonly side: "A" | "B";
  /** Worth of the leg's delta in one spread, any unit that the legs share: 1 and 1 is dollar for dollar. */
  readonly notionalPerSpread: number;
}

/** The method `span`. */
export interface SpanMethodParameters extends SpanVenueParameters, SizedParameters {}
