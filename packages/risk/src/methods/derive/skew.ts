import type { DeriveSkewParameters } from "./parameters.ts";
/** One tilt at one expiry. */
export interface SkewTilt {
  readonly cap: number;
  readonly width: number;
}

/** The two tilts of an expiry. */
export interface SkewTilts {
  readonly linear: SkewTilt;
  readonly absolute: SkewTilt;
}

export function skewTilts(rootYears: number, skew: DeriveSkewParameters): SkewTilts {
  const volatility = skew.volatilityConstant + rootYears * skew.volatilityPerRootYear;
  const width = Math.max(skew.minimumWidth, rootYears * skew.widthScale * volatility);
  return {
    linear: { cap: skew.linearCap + rootYears * skew.linearCapPerRootYear, width },
    absolute: { cap: skew.absoluteCap + rootYears * skew.absoluteCapPerRootYear, width },
  };
}

/**
 * Factor on a volatility at log-moneyness ln(strike/forward): 1 + cap x moneyness / width, stopped at 1 + cap on the side of
 * positive moneyness and 1 - cap on the other, never below 0. The published contract stops each side only at its own end, so a
 * negative cap (a long expiry with a negative capPerRootYear) is not bounded in size; that is kept.
 */
export function skewMultiplier(moneyness: number, tilt: SkewTilt): number {
  if (moneyness === 0) return 1;
  const slope = (moneyness * tilt.cap) / tilt.width;
  const change = moneyness > 0 ? Math.min(tilt.cap, slope) : Math.max(-tilt.cap, slope);
  return Math.max(0, 1 + change);
}
