import { MS_PER_MINUTE } from "@plimsoll/risk";

/** Units that a caller may spend in a minute. What a request costs is stated with its route. */
export const unitsPerMinute = 3_000;

const windowMs = MS_PER_MINUTE;

const unitMs = windowMs / unitsPerMinute;

/** Most callers that are remembered. Beyond it the one that came first is forgotten. */
const callersRemembered = 10_000;

/** What a caller has left after a request. */
export interface Allowance {
  readonly isWithin: boolean;
  readonly remaining: number;
  /** Seconds until the caller has all units again. */
  readonly resetSeconds: number;
  /** Seconds after which a refused request would be within the limit. */
  readonly retryAfterSeconds: number;
}

/**
 * Counts the units that each caller spends, as a bucket that refills evenly. Each process of a function counts for
 * itself, so a caller may spend up to this times the number of processes; the gateway limits all callers together.
 */
export class RateLimiter {
  /** The time at which each caller's bucket is full again. */
  readonly #fullAtMs = new Map<string, number>();

  spend(caller: string, units: number, nowMs: number): Allowance {
    const costMs = units * unitMs;
    const fullAtMs = Math.max(nowMs, this.#fullAtMs.get(caller) ?? nowMs);
    const after = fullAtMs + costMs;
    const isWithin = after - nowMs <= windowMs;
    const kept = isWithin ? after : fullAtMs;
    if (isWithin) this.#remember(caller, kept);
    return {
      isWithin,
      remaining: Math.floor((windowMs - (kept - nowMs)) / unitMs),
      resetSeconds: Math.ceil((kept - nowMs) / 1_000),
      retryAfterSeconds: Math.max(1, Math.ceil((after - nowMs - windowMs) / 1_000)),
    };
  }

  #remember(caller: string, fullAtMs: number): void {
    this.#fullAtMs.delete(caller);
    this.#fullAtMs.set(caller, fullAtMs);
    if (this.#fullAtMs.size <= callersRemembered) return;
    const [oldest] = this.#fullAtMs.keys();
    if (oldest !== undefined) this.#fullAtMs.delete(oldest);
  }

  clear(): void {
    this.#fullAtMs.clear();
  }
}
