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

/** The SPAN parameters of one underlying as fractions of its index price, for a venue that publishes no risk arrays. */
export interface SpanUnderlyingParameters {
  readonly underlying: string;
  /** The price scan range as a fraction of the index price, in (0, 1). */
  readonly priceScanRate: number;
  readonly volatilityScanRange: number;
  readonly volatilityScanKind: "relative" | "absolute";
  readonly lookAheadYears: number;
  /** The charge per unit of delta hedged between expiries, as a share of the index price. */
  readonly calendarRate: number;
  /** The charge per unit of short option, as a share of the index price. */
  readonly shortOptionMinimumRate: number;
  readonly initialToMaintenanceRatio: number;
}

/** The parameters of the method `span` for all underlyings of a venue. */
export interface SpanVenueParameters {
  readonly label: string;
  /** The extreme move in scan ranges, and the share of its loss that counts. */
  readonly extremeMultiplier: number;
  readonly coveredFraction: number;
  readonly limitNetOptionValue: boolean;
  readonly underlyings: readonly SpanUnderlyingParameters[];
  /** The credits for spreads between underlyings, used in ascending order of priority. */
  readonly credits: readonly SpanCreditParameters[];
}

/** A spread between underlyings and the credit that it earns. */
export interface SpanCreditParameters {
  readonly priority: number;
  /**
   * With `delta`, the credit of each leg is spreads x deltas x weighted price risk x rate. With `scanning`, the legs
   * are scanned as one and `creditRate` of a gain offsets a loss.
   */
  readonly method: "delta" | "scanning";
  /** Super spreads come before the calendar spreads. With `delta` they also use up the deltas of calendar spreads. */
  readonly isSuper: boolean;
  /** The rate of the credit or the gain allowance, 0 to 1. */
  readonly creditRate: number;
  /** Two to four legs, at least one on each side. */
  readonly legs: readonly SpanCreditLeg[];
}

/** One leg of a credit. If the legs of side A are long, those of side B are short, or the other way round. */
export interface SpanCreditLeg {
  readonly underlying: string;
  readonly side: "A" | "B";
  /** The notional of the leg's delta in one spread, in any unit that the legs share: 1 and 1 is dollar for dollar. */
  readonly notionalPerSpread: number;
}

/** The parameters of the method `span`. */
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
