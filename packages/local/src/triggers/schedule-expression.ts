import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@plimsoll/risk";
/** When a schedule is due. Times are milliseconds since 1970, UTC. */
export interface Recurrence {
  /** The first time after `timeMs` at which it is due, counted from `startMs` where it has no calendar of its own. */
  nextAfter(timeMs: number, startMs: number): number;
}

/** A schedule expression that the local stage cannot run; found at start. */
export class ScheduleExpressionError extends Error {
  override readonly name = "ScheduleExpressionError";
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: MS_PER_MINUTE, hour: MS_PER_HOUR, day: MS_PER_DAY };
/** A cron expression that is due less often than this is a mistake, for example 31 February. */
const SEARCH_DAYS = 366 * 5;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Parses `rate(15 minutes)` or `cron(0 6 ? * MON-FRI *)`, as EventBridge Scheduler words them, in UTC. */
export function parseScheduleExpression(expression: string): Recurrence {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined && unit !== undefined && Number(count) > 0) {
    return every(Number(count) * (UNIT_MS[unit] ?? 0));
  }
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  if (fields !== undefined) return calendar(fields.trim().split(/\s+/), expression);
  throw new ScheduleExpressionError(
    `The schedule is ${expression}; the local stage knows rate(n minutes|hours|days) and cron(minutes hours day month weekday year)`,
  );
}

function every(periodMs: number): Recurrence {
  return {
    nextAfter: (timeMs, startMs) => startMs + (Math.floor((timeMs - startMs) / periodMs) + 1) * periodMs,
  };
}

function calendar(fields: readonly string[], expression: string): Recurrence {
  const [minutes, hours, days, months, weekdays, years] = fields;
  if (fields.length !== 6 || !minutes || !hours || !days || !months || !weekdays || !years) {
    throw new ScheduleExpressionError(`The schedule is ${expression}; a cron expression has six fields`);
  }
  const set = (text: string, low: number, high: number, names: readonly string[] = [], firstName = 0) =>
    parseField(text, low, high, names, firstName, expression);
  const minute = set(minutes, 0, 59);
  const hour = set(hours, 0, 23);
  const day = set(days, 1, 31);
  const month = set(months, 1, 12, MONTHS, 1);
  // AWS counts Sunday as 1.
  const weekday = set(weekdays, 1, 7, WEEKDAYS, 1);
  const year = set(years, 1970, 2199);
  const isDay = (date: Date) =>
    year.has(date.getUTCFullYear()) &&
    month.has(date.getUTCMonth() + 1) &&
    day.has(date.getUTCDate()) &&
    weekday.has(date.getUTCDay() + 1);
  return {
    nextAfter(timeMs) {
      const date = new Date((Math.floor(timeMs / MS_PER_MINUTE) + 1) * MS_PER_MINUTE);
      for (let searched = 0; searched < SEARCH_DAYS; searched += 1) {
        while (isDay(date)) {
          if (hour.has(date.getUTCHours()) && minute.has(date.getUTCMinutes())) return date.getTime();
          const today = date.getUTCDate();
          date.setUTCMinutes(date.getUTCMinutes() + 1);
          if (date.getUTCDate() !== today) break;
        }
        if (!isDay(date)) date.setUTCHours(24, 0, 0, 0);
      }
      throw new ScheduleExpressionError(`The schedule ${expression} is not due within ${SEARCH_DAYS} days`);
    },
  };
}

function parseField(
  text: string,
  low: number,
  high: number,
  names: readonly string[],
  firstName: number,
  expression: string,
): ReadonlySet<number> {
  const values = new Set<number>();
  const number = (word: string) => {
    const named = names.indexOf(word.toUpperCase());
    return named >= 0 ? named + firstName : /^\d+$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [from = "", to] = range === "*" || range === "?" ? [String(low), String(high)] : range.split("-");
    const first = number(from);
    const last = to === undefined ? (part.includes("/") ? high : first) : number(to);
    if (!(first >= low && last <= high && first <= last && number(step) >= 1)) {
      throw new ScheduleExpressionError(
        `The schedule ${expression} has ${part}; the local stage knows numbers from ${low} to ${high}, names, *, ?, lists, ranges and steps`,
      );
    }
    for (let value = first; value <= last; value += number(step)) values.add(value);
  }
  return values;
}
