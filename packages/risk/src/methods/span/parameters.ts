import {
  between,
  flag,
  label,
  type ObjectBounds,
  positive,
  type Refusal,
  rate,
  refuseRepeats,
  rows,
  symbol,
  underlying,
} from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

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

const underlyingBounds: ObjectBounds<SpanUnderlyingParameters> = {
  kind: "object",
  members: {
    underlying,
    priceScanRate: { kind: "number", above: 0, below: 1 },
    volatilityScanRange: between(0, 10),
    volatilityScanKind: { kind: "choice", of: ["relative", "absolute"] },
    lookAheadYears: between(0, 1),
    calendarRate: rate,
    shortOptionMinimumRate: rate,
    initialToMaintenanceRatio: between(1, 10),
  },
};

const creditBounds: ObjectBounds<SpanCreditParameters> = {
  kind: "object",
  members: {
    priority: { kind: "number", least: 1, isWhole: true },
    method: { kind: "choice", of: ["delta", "scanning"] },
    isSuper: flag,
    creditRate: rate,
    legs: {
      kind: "list",
      of: {
        kind: "object",
        members: { underlying: symbol, side: { kind: "choice", of: ["A", "B"] }, notionalPerSpread: positive },
      },
      fewest: 2,
      most: 4,
    },
  },
  rules: ({ legs }) => {
    const names = legs.map((leg) => leg.underlying);
    const refusals = refuseRepeats(names, (index) => ["legs", index, "underlying"]);
    if (new Set(legs.map(({ side }) => side)).size === 1) {
      const allowed = "the other side of the first leg: a spread has both";
      refusals.push({ path: ["legs", 1, "side"], value: legs[1]?.side, allowed });
    }
    return refusals;
  },
};

export const spanBounds: ObjectBounds<SpanMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    label,
    extremeMultiplier: between(1, 100),
    coveredFraction: { kind: "number", above: 0, most: 1 },
    limitNetOptionValue: flag,
    underlyings: rows(underlyingBounds, 1),
    credits: { kind: "list", of: creditBounds, fewest: 0, most: 64 },
  },
  rules: ({ underlyings, credits, extremeMultiplier }) => {
    const names = underlyings.map((entry) => entry.underlying);
    const refusals: Refusal[] = refuseRepeats(names, (index) => ["underlyings", index, "underlying"]);
    for (const [index, { legs }] of credits.entries()) {
      for (const [leg, { underlying: name }] of legs.entries()) {
        if (names.includes(name) || names.includes("*")) continue;
        const path = ["credits", index, "legs", leg, "underlying"];
        refusals.push({ path, value: name, allowed: `one of ${names.join(", ")}` });
      }
    }
    // A wider extreme on an inverse contract would take its price to 0 or below.
    for (const [index, { priceScanRate }] of underlyings.entries()) {
      if (priceScanRate * extremeMultiplier < 1) continue;
      const allowed = `below 1 / extreme_multiplier, which is ${1 / extremeMultiplier}`;
      refusals.push({ path: ["underlyings", index, "priceScanRate"], value: priceScanRate, allowed });
    }
    return refusals;
  },
};
