import type { DeriveSkewParameters } from "./parameters.ts";
/**
 * One tilt at one expiry: the greatest relative change of a volatility and the log-moneyness at which it is reached.
 */
export interface SkewTilt {
  readonly cap: number;
  readonly width: number;
}

/**
 * The two tilts of an expiry. The linear tilt changes volatility with opposite signs above and below the forward, the
 * absolute tilt with the same sign.
 */
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
 * Returns the factor on a volatility at log-moneyness ln(strike/forward): 1 + cap x moneyness / width, at least 0. The
 * factor is limited to 1 + cap where moneyness is positive and to 1 - cap where it is negative. The published contract
 * limits each side only at its own end, and that is kept. A negative cap, from a long expiry with a negative
 * capPerRootYear, is therefore not bounded in size.
 */
export function skewMultiplier(moneyness: number, tilt: SkewTilt): number {
  if (moneyness === 0) return 1;
  const slope = (moneyness * tilt.cap) / tilt.width;
  const change = moneyness > 0 ? Math.min(tilt.cap, slope) : Math.max(-tilt.cap, slope);
  return Math.max(0, 1 + change);
}
