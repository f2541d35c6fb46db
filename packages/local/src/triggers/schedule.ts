import { randomUUID } from "node:crypto";
import type { ScheduleNode } from "../graph/stage-graph.ts";
import type { InvocationResult } from "../sandbox/function-pool.ts";
import { parseScheduleExpression, type Recurrence } from "./schedule-expression.ts";

/** What a schedule's trigger works with. */
export interface ScheduleTriggerSettings {
  readonly schedule: ScheduleNode;
  /** Invokes the function, at a time of the market's clock where one is given. */
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

  /** Fires by the clock from now on, the first time one period from now. */
  startClock(): void {
    const startMs = Date.now();
    const arm = () => {
      const dueMs = this.#recurrence.nextAfter(Date.now(), startMs);
      // A timer takes no more than 24 days; a longer one is armed again on the way.
      const waitMs = Math.min(dueMs - Date.now(), 2 ** 31 - 1);
      this.#timer = setTimeout(() => {
        if (Date.now() >= dueMs) this.#fireInBackground(new Date(dueMs).toISOString());
        arm();
      }, waitMs);
    };
    arm();
  }

  /** Whether a tick at this time would fire it: at its first tick, and then when a period has passed since. */
  isDue(atMs: number): boolean {
    const last = this.#lastFiredMs;
    return last === undefined || this.#recurrence.nextAfter(last, last) <= atMs;
  }

  /**
   * Invokes the function for this time, and again if it fails, as often as the schedule says; resolves when it is over. It
   * arrives when it does, or each time at the time given.
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

  /** Fires no more; what runs goes on. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #fireInBackground(atIso: string): void {
    const firing = this.fire(atIso).finally(() => this.#firing.delete(firing));
    this.#firing.add(firing);
  }
}

/** A schedule's input with EventBridge Scheduler's keywords filled in; without input the function gets `{}`. */
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
