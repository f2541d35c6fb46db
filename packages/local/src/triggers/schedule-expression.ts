import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@plimsoll/risk";
import { Cron } from "croner";

/** The times at which a schedule is due, in milliseconds since 1970, UTC. */
export interface Recurrence {
  /** Returns the first due time after `timeMs`. A rate is counted from `startMs`. */
  nextAfter(timeMs: number, startMs: number): number;
}

/** Thrown at start for a schedule expression that the local stage cannot run. */
export class ScheduleExpressionError extends Error {
  override readonly name = "ScheduleExpressionError";
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: MS_PER_MINUTE, hour: MS_PER_HOUR, day: MS_PER_DAY };

/** Parses `rate(15 minutes)` or `cron(0 6 ? * MON-FRI *)` in the syntax of EventBridge Scheduler, in UTC. */
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

/**
 * Supported content of a field: numbers, names, `*`, `?`, lists, ranges and steps. AWS's L, W and # are not supported.
 */
const FIELD = /^[\d*?,/-]+$|^[A-Z]{3}(?:[,-][A-Z]{3})*$/;

function calendar(fields: readonly string[], expression: string): Recurrence {
  const [minutes = "", hours = "", days = "", months = "", weekdays = "", years = ""] = fields;
  if (fields.length !== 6) {
    throw new ScheduleExpressionError(`The schedule is ${expression}; a cron expression has six fields`);
  }
  if (!fields.every((field) => FIELD.test(field))) throw refusal(expression);
  // AWS counts weekdays from 1 for Sunday, the library from 0. A question mark stands for any day.
  const counted = weekdays.replaceAll(/(?<!\/)\d+/g, (day) => String(Number(day) - 1)).replace("?", "*");
  const pattern = ["0", minutes, hours, days.replace("?", "*"), months, counted, years].join(" ");
  let cron: Cron;
  try {
    cron = new Cron(pattern, { paused: true, timezone: "UTC", sloppyRanges: true });
  } catch (cause) {
    throw refusal(expression, cause);
  }
  return {
    nextAfter(timeMs) {
      const next = cron.nextRun(new Date(timeMs));
      if (next === null)
        throw new ScheduleExpressionError(`The schedule ${expression} is not due within any year to come`);
      return next.getTime();
    },
  };
}

function refusal(expression: string, cause?: unknown): ScheduleExpressionError {
  const reason = cause === undefined ? "" : `: ${cause}`;
  return new ScheduleExpressionError(
    `The schedule is ${expression}${reason}; the local stage knows numbers from AWS's ranges, names, *, ?, lists, ranges and steps`,
    { cause },
  );
}
