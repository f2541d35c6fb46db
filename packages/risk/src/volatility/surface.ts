import { exp, log, logRatio } from "../numbers/index.ts";
import { type ExpiryMarks, findRefusal, type RefusedMark, type UsableMarks } from "./marks.ts";
import { buildSlice, sliceTotalVariance, type VolatilitySlice } from "./slice.ts";

/**
 * The number of points at which two neighbouring expiries are compared, over the log-moneyness for which both have
 * marks.
 */
const CALENDAR_GRID_POINTS = 81;

/** An expiry without a slice, and the reason. */
export interface RefusedExpiry {
  readonly timeToExpiryYears: number;
  readonly reason: "time_not_positive" | "forward_not_positive" | "no_usable_marks" | "same_time_as_another";
}

/** Two neighbouring expiries between which total variance falls, at the log-moneyness of the greatest fall. */
export interface CalendarArbitrage {
  readonly earlierYears: number;
  readonly laterYears: number;
  readonly logMoneyness: number;
  readonly earlierTotalVariance: number;
  readonly laterTotalVariance: number;
}

/** The implied volatilities of one underlying, with all data that was left out or is contradictory. */
export interface VolatilitySurface {
  /** The slices in ascending order of time to expiry. */
  readonly slices: readonly VolatilitySlice[];
  readonly refusedMarks: readonly RefusedMark[];
  readonly refusedExpiries: readonly RefusedExpiry[];
  /**
   * The pairs of expiries with calendar arbitrage. The list is empty when total variance never falls from one expiry to
   * the next wherever both have marks.
   */
  readonly calendarArbitrage: readonly CalendarArbitrage[];
}

/**
 * Builds the surface of one underlying from the marks of its expiries, in any order. Bad marks and expiries are left
 * out and listed. A strike marked more than once (call and put) counts with the mean of its volatilities. Each expiry
 * gets an SVI smile, or interpolation with the reason. Calendar arbitrage is reported, not removed.
 */
export function buildVolatilitySurface(expiries: readonly ExpiryMarks[]): VolatilitySurface {
  const refusedMarks: RefusedMark[] = [];
  const refusedExpiries: RefusedExpiry[] = [];
  const slices: VolatilitySlice[] = [];
  for (const expiry of expiries) {
    const { timeToExpiryYears, forward } = expiry;
    const refuse = (reason: RefusedExpiry["reason"]) => refusedExpiries.push({ timeToExpiryYears, reason });
    if (!isPositive(timeToExpiryYears)) refuse("time_not_positive");
    else if (!isPositive(forward)) refuse("forward_not_positive");
    else if (slices.some((slice) => slice.timeToExpiryYears === timeToExpiryYears)) refuse("same_time_as_another");
    else {
      const marks = usableMarks(expiry, refusedMarks);
      if (marks.logMoneyness.length === 0) refuse("no_usable_marks");
      else slices.push(buildSlice(expiry, marks));
    }
  }
  slices.sort((left, right) => left.timeToExpiryYears - right.timeToExpiryYears);
  return { slices, refusedMarks, refusedExpiries, calendarArbitrage: findCalendarArbitrage(slices) };
}

function isPositive(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}

function usableMarks(expiry: ExpiryMarks, refused: RefusedMark[]): UsableMarks {
  const { timeToExpiryYears, forward } = expiry;
  const byStrike = new Map<number, { sum: number; count: number }>();
  for (const mark of expiry.marks) {
    const reason = findRefusal(mark);
    if (reason !== undefined) {
      refused.push({ ...mark, timeToExpiryYears, reason });
      continue;
    }
    const { sum, count } = byStrike.get(mark.strike) ?? { sum: 0, count: 0 };
    byStrike.set(mark.strike, { sum: sum + mark.markVolatility, count: count + 1 });
  }
  const strikes = [...byStrike.keys()].sort((left, right) => left - right);
  const logMoneyness = Float64Array.from(strikes, (strike) => logRatio(strike, forward));
  const totalVariance = Float64Array.from(strikes, (strike) => {
    const { sum, count } = byStrike.get(strike)!;
    return (sum / count) * (sum / count) * timeToExpiryYears;
  });
  return { logMoneyness, totalVariance };
}

function findCalendarArbitrage(slices: readonly VolatilitySlice[]): CalendarArbitrage[] {
  const found: CalendarArbitrage[] = [];
  for (let later = 1; later < slices.length; later += 1) {
    const worst = findWorstFall(slices[later - 1]!, slices[later]!);
    if (worst !== undefined) found.push(worst);
  }
  return found;
}

function findWorstFall(earlier: VolatilitySlice, later: VolatilitySlice): CalendarArbitrage | undefined {
  const [lowest, highest] = sharedRange(earlier, later);
  let worst: CalendarArbitrage | undefined;
  for (let point = 0; point < CALENDAR_GRID_POINTS && lowest <= highest; point += 1) {
    const logMoneyness = lowest + ((highest - lowest) * point) / (CALENDAR_GRID_POINTS - 1);
    const earlierTotalVariance = sliceTotalVariance(earlier, logMoneyness);
    const laterTotalVariance = sliceTotalVariance(later, logMoneyness);
    const fall = earlierTotalVariance - laterTotalVariance;
    if (fall > (worst === undefined ? 0 : worst.earlierTotalVariance - worst.laterTotalVariance)) {
      worst = {
        earlierYears: earlier.timeToExpiryYears,
        laterYears: later.timeToExpiryYears,
        logMoneyness,
        earlierTotalVariance,
        laterTotalVariance,
      };
    }
  }
  return worst;
}

function sharedRange(left: VolatilitySlice, right: VolatilitySlice): [number, number] {
  const a = left.marks.logMoneyness;
  const b = right.marks.logMoneyness;
  return [Math.max(a[0]!, b[0]!), Math.min(a[a.length - 1]!, b[b.length - 1]!)];
}

/**
 * Finds the place of a time among the slices: its two neighbours, and how far it lies from the earlier to the later
 * one, as a share. Beyond either end both neighbours are the nearest slice.
 */
function locate(slices: readonly VolatilitySlice[], timeToExpiryYears: number) {
  const first = slices[0]!;
  const last = slices[slices.length - 1]!;
  if (timeToExpiryYears <= first.timeToExpiryYears) return { earlier: first, later: first, share: 0 };
  if (timeToExpiryYears >= last.timeToExpiryYears) return { earlier: last, later: last, share: 0 };
  let index = 1;
  while (slices[index]!.timeToExpiryYears < timeToExpiryYears) index += 1;
  const earlier = slices[index - 1]!;
  const later = slices[index]!;
  const gap = later.timeToExpiryYears - earlier.timeToExpiryYears;
  return { earlier, later, share: (timeToExpiryYears - earlier.timeToExpiryYears) / gap };
}

/**
 * Computes the forward price for a time to expiry. Between expiries its logarithm is linear in time, and beyond them it
 * is that of the nearest expiry. It is NaN for an empty surface or a time that is not above 0.
 */
export function forwardAt(surface: VolatilitySurface, timeToExpiryYears: number): number {
  if (surface.slices.length === 0 || !isPositive(timeToExpiryYears)) return Number.NaN;
  const { earlier, later, share } = locate(surface.slices, timeToExpiryYears);
  if (share === 0) return earlier.forward;
  if (share === 1) return later.forward;
  return exp((1 - share) * log(earlier.forward) + share * log(later.forward));
}

/**
 * Computes the implied volatility per year for a strike and a time to expiry. Between expiries total variance is linear
 * in time, at constant log-moneyness to the forward of that time. Before the first and after the last expiry it is the
 * volatility of the nearest expiry at the same log-moneyness. It is NaN for an empty surface, and for a strike or time
 * that is not finite and above 0.
 */
export function volatilityAt(surface: VolatilitySurface, strike: number, timeToExpiryYears: number): number {
  if (surface.slices.length === 0 || !isPositive(strike) || !isPositive(timeToExpiryYears)) return Number.NaN;
  const { earlier, later, share } = locate(surface.slices, timeToExpiryYears);
  const k = logRatio(strike, forwardAt(surface, timeToExpiryYears));
  const earlierVariance = sliceTotalVariance(earlier, k);
  if (share === 0) return Math.sqrt(earlierVariance / earlier.timeToExpiryYears);
  const laterVariance = sliceTotalVariance(later, k);
  return Math.sqrt((earlierVariance + share * (laterVariance - earlierVariance)) / timeToExpiryYears);
}
