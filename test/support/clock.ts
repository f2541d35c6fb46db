import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

const realNow = Date.now;
const realWait = timers.setTimeout;

/** A made-up time, which passes only when a world says so. `Date.now` shows it, each process with the error of its own clock. */
export class Clock {
  #timeMs: number;
  /** How far the clock of the process that asks is from the time. */
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

  /** Has functions that wait do so in this time, which costs no other. */
  takeWaits(): void {
    timers.setTimeout = (async (milliseconds: number) => this.pass(milliseconds)) as typeof timers.setTimeout;
    syncBuiltinESMExports();
  }

  /** Gives this process the real time back. */
  stop(): void {
    Date.now = realNow;
    timers.setTimeout = realWait;
    syncBuiltinESMExports();
  }
}
