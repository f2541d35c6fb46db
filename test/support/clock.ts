import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

const realNow = Date.now;
const realWait = timers.setTimeout;

/**
 * A simulated time, which passes only when a world says so. `Date.now` returns it, with the error of the asking
 * process's clock.
 */
export class Clock {
  #timeMs: number;
  /** Returns how far the clock of the asking process is ahead of the simulated time. */
  skewMs: () => number = () => 0;

  constructor(startMs: number) {
    this.#timeMs = startMs;
    Date.now = () => this.#timeMs + this.skewMs();
  }

  nowMs(): number {
    return this.#timeMs;
  }

  pass(milliseconds: number): void {
    this.#timeMs += milliseconds;
  }

  set(timeMs: number): void {
    this.#timeMs = timeMs;
  }

  /** Makes functions that wait do so in simulated time, so that they take no real time. */
  takeWaits(): void {
    timers.setTimeout = (async (milliseconds: number) => this.pass(milliseconds)) as typeof timers.setTimeout;
    syncBuiltinESMExports();
  }

  /** Gives the real time back to this process. */
  stop(): void {
    Date.now = realNow;
    timers.setTimeout = realWait;
    syncBuiltinESMExports();
  }
}
