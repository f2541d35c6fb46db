import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ScheduleTrigger } from "../../packages/local/src/triggers/schedule.ts";
import {
  parseScheduleExpression,
  ScheduleExpressionError,
} from "../../packages/local/src/triggers/schedule-expression.ts";

const at = (iso: string) => Date.parse(iso);
const next = (expression: string, after: string, start = after) =>
  new Date(parseScheduleExpression(expression).nextAfter(at(after), at(start))).toISOString();

describe("schedule expressions", () => {
  it.each([
    ["rate(1 minute)", "2026-02-05T12:00:00.000Z", "2026-02-05T12:01:00.000Z"],
    ["rate(15 minutes)", "2026-02-05T12:00:10.000Z", "2026-02-05T12:15:10.000Z"],
    ["rate(2 hours)", "2026-02-05T23:30:00.000Z", "2026-02-06T01:30:00.000Z"],
    ["rate(1 day)", "2026-02-28T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
  ])("%s is due a period after its start", (expression, start, due) => {
    expect(next(expression, start)).toBe(due);
  });

  it("keep a rate in step with its start however late it is asked", () => {
    expect(next("rate(5 minutes)", "2026-02-05T12:13:00Z", "2026-02-05T12:01:00Z")).toBe("2026-02-05T12:16:00.000Z");
    expect(next("rate(5 minutes)", "2026-02-05T12:16:00Z", "2026-02-05T12:01:00Z")).toBe("2026-02-05T12:21:00.000Z");
  });

  it.each([
    ["cron(30 6 * * ? *)", "2026-02-05T06:30:00Z", "2026-02-06T06:30:00.000Z"],
    ["cron(0/15 * * * ? *)", "2026-02-05T06:31:07Z", "2026-02-05T06:45:00.000Z"],
    ["cron(0 9 ? * MON-FRI *)", "2026-02-06T10:00:00Z", "2026-02-09T09:00:00.000Z"],
    ["cron(0 9 ? * 1 *)", "2026-02-06T10:00:00Z", "2026-02-08T09:00:00.000Z"],
    ["cron(0 0 29 2 ? *)", "2026-02-06T10:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["cron(5,10 8-9 1 JAN,JUL ? 2027)", "2026-02-06T10:00:00Z", "2027-01-01T08:05:00.000Z"],
  ])("%s after %s is due at %s", (expression, after, due) => {
    expect(next(expression, after)).toBe(due);
  });

  it.each(["rate(0 minutes)", "rate(1 week)", "rate(1.5 hours)", "at(2026-01-01T00:00:00)", "cron(0 9 * * *)"])(
    "%s is refused",
    (expression) => {
      expect(() => parseScheduleExpression(expression)).toThrow(ScheduleExpressionError);
    },
  );

  it.each([
    "cron(60 9 * * ? *)",
    "cron(0 9 L * ? *)",
    "cron(0 9 ? * 2#1 *)",
    "cron(9-5 9 * * ? *)",
    "cron(*/0 9 * * ? *)",
  ])("%s is refused with what is known", (expression) => {
    expect(() => parseScheduleExpression(expression)).toThrow(/the local stage knows numbers from/);
  });

  it("says so when a date never comes", () => {
    expect(() => next("cron(0 0 31 2 ? *)", "2026-02-06T10:00:00Z")).toThrow(/not due within/);
  });
});

describe("a schedule on the clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: at("2026-02-05T12:00:30Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fires a period after its start, then each period, until it is stopped", async () => {
    const events: unknown[] = [];
    const schedule = {
      logicalName: "Sweep",
      name: "sweep",
      expression: "rate(15 minutes)",
      functionName: "StartSweep",
      input: '{"scheduled_time":"<aws.scheduler.scheduled-time>","attempt":"<aws.scheduler.attempt-number>"}',
      enabled: true,
      maximumRetryAttempts: 0,
    };
    const trigger = new ScheduleTrigger({
      schedule,
      onLog: () => {},
      invoke: async (event) => {
        events.push(event);
        return { ok: true, payload: null, durationMs: 1, initMs: null, peakRssBytes: 1 };
      },
    });
    trigger.startClock();
    await vi.advanceTimersByTimeAsync(14 * 60_000);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(16 * 60_000);
    expect(events).toEqual([
      { scheduled_time: "2026-02-05T12:15:30Z", attempt: "1" },
      { scheduled_time: "2026-02-05T12:30:30Z", attempt: "1" },
    ]);
    trigger.stop();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(events).toHaveLength(2);
  });
});
