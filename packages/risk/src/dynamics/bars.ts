import { logRatio } from "../numbers/index.ts";

/** The prices of one index on one UTC day. */
export interface DailyBar {
  /** ISO date in UTC. */
  readonly date: string;
  /** All four prices are in US dollars. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** A bar that was left out, and the reason. */
export interface RefusedBar {
  readonly date: string;
  readonly reason: "not_a_date" | "price_not_positive" | "high_below_low" | "same_date_again" | "misprint";
}

/** A price history prepared for the estimators. */
export interface PriceHistory {
  /** Sorted by date, each date once. */
  readonly bars: readonly DailyBar[];
  readonly refused: readonly RefusedBar[];
  /** Number of days between the first and the last bar that have no bar. */
  readonly missingDays: number;
  /**
   * ln(close / previous close) for each bar but the first. A return over n days is divided by sqrt(n), which spreads it
   * evenly.
   */
  readonly returns: Float64Array;
}

/**
 * A close whose logarithm jumps by more than this and returns on the next day is taken as a misprint. This is our
 * choice.
 */
const misprintJump = 0.4;

/** Largest logarithmic distance from the earlier close at which a price counts as returned. */
const misprintReturn = 0.1;

/**
 * Sorts daily bars and leaves out those that cannot be right, with the reason. Of two bars of one date the first
 * counts. A close that jumps by about half and returns on the next day is taken as a misprint; a jump that stays is a
 * price.
 */
export function arrangeHistory(given: readonly DailyBar[]): PriceHistory {
  const refused: RefusedBar[] = [];
  const byDate = new Map<string, DailyBar>();
  for (const bar of given) {
    const reason = findFault(bar) ?? (byDate.has(bar.date) ? "same_date_again" : null);
    if (reason === null) byDate.set(bar.date, bar);
    else refused.push({ date: bar.date, reason });
  }
  const sorted = [...byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  const bars: DailyBar[] = [];
  for (const [index, bar] of sorted.entries()) {
    if (isMisprint(bars.at(-1), bar, sorted[index + 1])) refused.push({ date: bar.date, reason: "misprint" });
    else bars.push(bar);
  }
  const returns = new Float64Array(Math.max(0, bars.length - 1));
  let missingDays = 0;
  for (let index = 1; index < bars.length; index += 1) {
    const days = dayNumber(bars[index]!.date) - dayNumber(bars[index - 1]!.date);
    missingDays += days - 1;
    returns[index - 1] = logRatio(bars[index]!.close, bars[index - 1]!.close) / Math.sqrt(days);
  }
  return { bars, refused, missingDays, returns };
}

const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Converts an ISO date such as `2026-02-05` to days since 1970. It is NaN for anything else. */
export function dayNumber(date: string): number {
  const [year, month, day] = [digits(date, 0, 4), digits(date, 5, 7), digits(date, 8, 10)];
  const isDate = date.length === 10 && date[4] === "-" && date[7] === "-" && month >= 1 && month <= 12 && day >= 1;
  if (!isDate) return Number.NaN;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const leapDay = isLeap && month > 2 ? 1 : 0;
  const lastDay = (daysBeforeMonth[month] ?? 365) - daysBeforeMonth[month - 1]! + (isLeap && month === 2 ? 1 : 0);
  if (!(day <= lastDay)) return Number.NaN;
  const before = year - 1;
  const leapYears = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  return before * 365 + leapYears + daysBeforeMonth[month - 1]! + leapDay + day - 1 - daysTo1970;
}

/** Days from the first day of year 1 to the first day of 1970. */
const daysTo1970 = 719_162;

/** Reads the digits of a part of a text as a number. It is NaN if there is another character. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function findFault({ date, open, high, low, close }: DailyBar): RefusedBar["reason"] | null {
  if (Number.isNaN(dayNumber(date))) return "not_a_date";
  if (!(isPrice(open) && isPrice(high) && isPrice(low) && isPrice(close))) return "price_not_positive";
  return high < low ? "high_below_low" : null;
}

function isPrice(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}

function isMisprint(before: DailyBar | undefined, bar: DailyBar, after: DailyBar | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return (
    Math.abs(logRatio(bar.close, before.close)) > misprintJump &&
    Math.abs(logRatio(after.close, before.close)) < misprintReturn
  );
}
