/**
 * The borrowing rate per year as a function of the utilisation, which is the share of the supply that is borrowed.
 * Above the kink the rate rises faster.
 */
export interface UtilisationCurve {
  /** The rate per year when nothing is borrowed. */
  readonly baseRate: number;
  /** The rate added per 1.00 of utilisation. */
  readonly slope: number;
  /** The utilisation, from 0 to 1, above which `slopeAboveKink` is added to the slope. */
  readonly kink: number;
  readonly slopeAboveKink: number;
}

/**
 * The cash interest of Derive: 2 % + 8 % of the utilisation, and 90 % of the part of the utilisation above 0.85
 * (docs/sources.md, Derive settlement and interest).
 */
export const cashUtilisationCurve: UtilisationCurve = { baseRate: 0.02, slope: 0.08, kink: 0.85, slopeAboveKink: 0.9 };

/**
 * Computes the rate per year that borrowers pay at a utilisation of borrowed / supplied. The utilisation is at least 0,
 * and above 1 when more is owed than was supplied. Throws a RangeError for a curve or a utilisation that would give a
 * negative rate.
 */
export function borrowRate(utilisation: number, curve: UtilisationCurve): number {
  requireShare("utilisation", utilisation, Number.POSITIVE_INFINITY);
  requireShare("kink", curve.kink, 1);
  requireShare("baseRate", curve.baseRate, Number.POSITIVE_INFINITY);
  requireShare("slope", curve.slope, Number.POSITIVE_INFINITY);
  requireShare("slopeAboveKink", curve.slopeAboveKink, Number.POSITIVE_INFINITY);
  return curve.baseRate + curve.slope * utilisation + curve.slopeAboveKink * Math.max(0, utilisation - curve.kink);
}

/**
 * Computes the rate per year that suppliers earn: the payments of the borrowers, less the share of the reserve, over
 * the whole supply.
 */
export function supplyRate(utilisation: number, curve: UtilisationCurve, reserveShare: number): number {
  requireShare("reserveShare", reserveShare, 1);
  return borrowRate(utilisation, curve) * Math.min(1, utilisation) * (1 - reserveShare);
}

function requireShare(field: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new RangeError(`Interest: ${field} is ${value}; it must be at least 0${most === 1 ? " and at most 1" : ""}`);
}
