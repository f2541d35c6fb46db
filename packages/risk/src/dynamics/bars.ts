import { logRatio } from "../numbers/index.ts";

/** One UTC day of an index price. */
export interface DailyBar {
  /** ISO date, UTC. */
  readonly date: string;
  /** US dollars. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** A bar that counts for nothing, and why. */
export interface RefusedBar {
  readonly date: string;
  readonly reason: "not_a_date" | "price_not_positive" | "high_below_low" | "same_date_again" | "misprint";
}

/** A price history as the estimators take it. */
export interface PriceHistory {
  /** By date, ascending, each date once. */
  readonly bars: readonly DailyBar[];
  readonly refused: readonly RefusedBar[];
  /** Days between the first and the last that have no bar. */
  readonly missingDays: number;
  /** ln(close / close before) of each bar but the first; one over several days is spread evenly: divided by their root. */
  readonly returns: Float64Array;
}

/** A close that jumps by more than this, as a logarithm, and is back the next day, is a misprint: our choice. */
const misprintJump = 0.4;

/** How near it comes back to the close before, as a logarithm. */
const misprintReturn = 0.1;

/**
 * Arranges daily bars of any order. Bars that cannot be are left out and named; of two of one date the first counts; a
 * close that jumps by half and comes back the next day is taken for a misprint. A jump that stays is a price.
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

/** Days since 1970 of an ISO date such as `2026-02-05`; NaN for anything else. */
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

/** Days from the first of year 1 to 1970. */
const daysTo1970 = 719_162;

/** A number written in digits only; NaN where it is not. */
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
