import { randomUUID } from "node:crypto";
import type { ScheduleNode } from "../graph/stage-graph.ts";
import type { InvocationResult } from "../sandbox/function-pool.ts";
import { parseScheduleExpression, type Recurrence } from "./schedule-expression.ts";

/** Settings of a schedule's trigger. */
export interface ScheduleTriggerSettings {
  readonly schedule: ScheduleNode;
  /** Invokes the function, at a time of the market's clock if one is given. */
  readonly invoke: (event: unknown, arrivalMs?: number) => Promise<InvocationResult>;
  readonly onLog: (line: string) => void;
}

/** Fires a schedule by the clock or by hand. */
export class ScheduleTrigger {
  readonly schedule: ScheduleNode;
  readonly #settings: ScheduleTriggerSettings;
  readonly #recurrence: Recurrence;
  readonly #firing = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #lastFiredMs: number | undefined;

  constructor(settings: ScheduleTriggerSettings) {
    this.#settings = settings;
    this.schedule = settings.schedule;
    this.#recurrence = parseScheduleExpression(settings.schedule.expression);
  }

  /** Follows the clock from now on. The schedule first fires one period from now. */
  startClock(): void {
    const startMs = Date.now();
    const arm = () => {
      const dueMs = this.#recurrence.nextAfter(Date.now(), startMs);
      // A timer can wait at most 24 days, so a longer wait sets several in turn.
      const waitMs = Math.min(dueMs - Date.now(), 2 ** 31 - 1);
      this.#timer = setTimeout(() => {
        if (Date.now() >= dueMs) this.#fireInBackground(new Date(dueMs).toISOString());
        arm();
      }, waitMs);
    };
    arm();
  }

  /**
   * Whether a tick at this time fires the schedule: at its first tick, and then once a period has passed since the
   * last.
   */
  isDue(atMs: number): boolean {
    const last = this.#lastFiredMs;
    return last === undefined || this.#recurrence.nextAfter(last, last) <= atMs;
  }

  /**
   * Invokes the function for this time, and again if it fails, as often as the schedule allows. It resolves when the
   * last attempt is over. Each attempt arrives at the given time, or at the current one.
   */
  async fire(atIso: string, arrivalMs?: number): Promise<InvocationResult> {
    const { schedule, invoke, onLog } = this.#settings;
    this.#lastFiredMs = Date.parse(atIso);
    const executionId = randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      const input: unknown = JSON.parse(inputFor(schedule, atIso, executionId, attempt));
      const result = await invoke(input, arrivalMs);
      if (result.ok) return result;
      onLog(
        `schedule ${schedule.logicalName} at ${atIso}, attempt ${attempt}: ${result.error.errorType}: ${result.error.errorMessage}`,
      );
      if (attempt > schedule.maximumRetryAttempts) return result;
    }
  }

  /** Stops firing. Running invocations continue. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #fireInBackground(atIso: string): void {
    const firing = this.fire(atIso).finally(() => this.#firing.delete(firing));
    this.#firing.add(firing);
  }
}

/** Fills EventBridge Scheduler's keywords into a schedule's input. Without input the function gets `{}`. */
function inputFor(schedule: ScheduleNode, atIso: string, executionId: string, attempt: number): string {
  return (schedule.input ?? "{}")
    .replaceAll("<aws.scheduler.scheduled-time>", atIso.replace(/\.000Z$/, "Z"))
    .replaceAll("<aws.scheduler.execution-id>", executionId)
    .replaceAll("<aws.scheduler.attempt-number>", String(attempt))
    .replaceAll(
      "<aws.scheduler.schedule-arn>",
      `arn:aws:scheduler:local:000000000000:schedule/default/${schedule.name}`,
    );
}
