import { MS_PER_YEAR } from "../numbers/time.ts";

/** Borrowing rate per year by how much of what is supplied is borrowed; a kink makes the last of it dear. */
export interface UtilisationCurve {
  /** Rate when nothing is borrowed. */
  readonly baseRate: number;
  /** Added per 1.00 of utilisation. */
  readonly slope: number;
  /** Utilisation from which `slopeAboveKink` is added on top, 0 to 1. */
  readonly kink: number;
  readonly slopeAboveKink: number;
}

/**
 * Cash interest of Derive: 2 % + 8 % of the utilisation, and 90 % of what is above 0.85
 * (docs/sources.md, Derive settlement and interest).
 */
export const cashUtilisationCurve: UtilisationCurve = { baseRate: 0.02, slope: 0.08, kink: 0.85, slopeAboveKink: 0.9 };

/**
 * Rate per year that borrowers pay at a utilisation, borrowed / supplied: at least 0, and above 1 when more is owed than was
 * supplied. Throws a RangeError for a curve or a utilisation that would give a negative rate.
 */
export function borrowRate(utilisation: number, curve: UtilisationCurve): number {
  requireShare("utilisation", utilisation, Number.POSITIVE_INFINITY);
  requireShare("kink", curve.kink, 1);
  requireShare("baseRate", curve.baseRate, Number.POSITIVE_INFINITY);
  requireShare("slope", curve.slope, Number.POSITIVE_INFINITY);
  requireShare("slopeAboveKink", curve.slopeAboveKink, Number.POSITIVE_INFINITY);
  return curve.baseRate + curve.slope * utilisation + curve.slopeAboveKink * Math.max(0, utilisation - curve.kink);
}

/** Rate per year that suppliers earn: what borrowers pay, less the share of the reserve, over all that is supplied. */
export function supplyRate(utilisation: number, curve: UtilisationCurve, reserveShare: number): number {
  requireShare("reserveShare", reserveShare, 1);
  return borrowRate(utilisation, curve) * Math.min(1, utilisation) * (1 - reserveShare);
}

/**
 * Interest on a balance over a time at a given rate per year, simple: balance x rate x time, negative on what is owed. What was
 * booked earns or costs interest from then on, so it compounds by being booked. Units of the asset; see `interestTransfer` of
 * the ledger for the exact transfer that books it.
 */
export function accrueInterest(balance: number, annualRate: number, fromMs: number, toMs: number): number {
  requireShare("annualRate", annualRate, Number.POSITIVE_INFINITY);
  if (!(toMs >= fromMs)) throw new RangeError(`Interest: toMs is ${toMs}; it must not be before fromMs, ${fromMs}`);
  return (balance * annualRate * (toMs - fromMs)) / MS_PER_YEAR;
}

function requireShare(field: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new RangeError(`Interest: ${field} is ${value}; it must be at least 0${most === 1 ? " and at most 1" : ""}`);
}
