import type { ProcessGuard } from "../emulators/process-guard.ts";
import type { FunctionNode } from "../graph/stage-graph.ts";
import type { InvocationError } from "./protocol.ts";
import { Sandbox } from "./sandbox.ts";

/** The answer of an invocation, with its duration and memory. */
export type InvocationResult = {
  /** Time in the handler in milliseconds, without the start of the sandbox. */
  readonly durationMs: number;
  /** Time to start the sandbox in milliseconds. It is null if a warm one was used. */
  readonly initMs: number | null;
  /** Peak memory of the sandbox's process in bytes. */
  readonly peakRssBytes: number;
} & ({ readonly ok: true; readonly payload: unknown } | { readonly ok: false; readonly error: InvocationError });

/** Totals of a function's invocations since the start of the stage. */
export interface FunctionStatistics {
  readonly invocations: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly coldStarts: number;
  readonly totalDurationMs: number;
  readonly maxDurationMs: number;
  /** Durations of the newest invocations in milliseconds, oldest first, at most 1,000. */
  readonly recentDurationsMs: readonly number[];
  readonly totalInitMs: number;
  readonly peakRssBytes: number;
}

/** Settings of the pool other than its function. */
export interface PoolSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly guard: ProcessGuard;
  readonly onLog: (line: string) => void;
  /** Most concurrent sandboxes. Further invocations wait for one. */
  readonly concurrency: number;
}

/** Number of durations kept, as a stage may run for days. */
const RECENT_DURATIONS = 1_000;

const CLOSED: InvocationError = {
  errorType: "Sandbox.Stopped",
  errorMessage: "the local stage is stopping",
  stackTrace: [],
};

/** The sandboxes of one function. They are started when needed, kept warm, and replaced when they die. */
export class FunctionPool {
  readonly node: FunctionNode;
  readonly #settings: PoolSettings;
  readonly #warm: Sandbox[] = [];
  readonly #sandboxes = new Set<Sandbox>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #closed = false;
  #statistics = {
    invocations: 0,
    errors: 0,
    timeouts: 0,
    coldStarts: 0,
    totalDurationMs: 0,
    maxDurationMs: 0,
    totalInitMs: 0,
    peakRssBytes: 0,
  };
  readonly #recentDurationsMs: number[] = [];

  constructor(node: FunctionNode, settings: PoolSettings) {
    this.node = node;
    this.#settings = settings;
  }

  /** Number of invocations that run or wait for a sandbox. */
  get pending(): number {
    return this.#running + this.#waiting.length;
  }

  /** Returns the totals of its invocations so far. */
  statistics(): FunctionStatistics {
    return { ...this.#statistics, recentDurationsMs: [...this.#recentDurationsMs] };
  }

  /**
   * Runs the function once, at a time of the market's clock if one is given. It never rejects because of the handler.
   */
  async invoke(event: unknown, localTimeMs: number | null): Promise<InvocationResult> {
    if (this.#running < this.#settings.concurrency) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#runInSandbox(event, localTimeMs);
    } finally {
      // The slot passes directly to the next in line.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Ends all sandboxes at once. Invocations that run or wait fail. */
  close(): void {
    this.#closed = true;
    for (const sandbox of this.#sandboxes) sandbox.kill();
  }

  async #runInSandbox(event: unknown, localTimeMs: number | null): Promise<InvocationResult> {
    if (this.#closed) return { ok: false, error: CLOSED, durationMs: 0, initMs: null, peakRssBytes: 0 };
    const warm = this.#takeWarm();
    const sandbox = warm ?? this.#start();
    const startedMs = performance.now();
    const outcome = await sandbox.run(event, localTimeMs);
    const initMs = warm === undefined ? sandbox.initMs : null;
    const durationMs = Math.max(0, performance.now() - startedMs - (initMs ?? 0));
    if (sandbox.alive) this.#warm.push(sandbox);
    else this.#sandboxes.delete(sandbox);
    const result: InvocationResult = { ...outcome, durationMs, initMs };
    this.#count(result);
    return result;
  }

  #takeWarm(): Sandbox | undefined {
    for (let sandbox = this.#warm.pop(); sandbox !== undefined; sandbox = this.#warm.pop()) {
      if (sandbox.alive) return sandbox;
      this.#sandboxes.delete(sandbox);
    }
    return undefined;
  }

  #start(): Sandbox {
    const { bundlePath, logicalName } = this.node;
    if (bundlePath === null) {
      throw new Error(`Function ${logicalName} has no bundle; evaluate the stacks with bundles: "build"`);
    }
    const sandbox = new Sandbox(this.node, bundlePath, this.#settings);
    this.#sandboxes.add(sandbox);
    return sandbox;
  }

  #count(result: InvocationResult): void {
    const statistics = this.#statistics;
    statistics.invocations += 1;
    if (!result.ok) {
      statistics.errors += 1;
      if (result.error.errorType === "Sandbox.Timedout") statistics.timeouts += 1;
    }
    if (result.initMs !== null) {
      statistics.coldStarts += 1;
      statistics.totalInitMs += result.initMs;
    }
    statistics.totalDurationMs += result.durationMs;
    statistics.maxDurationMs = Math.max(statistics.maxDurationMs, result.durationMs);
    statistics.peakRssBytes = Math.max(statistics.peakRssBytes, result.peakRssBytes);
    this.#recentDurationsMs.push(result.durationMs);
    if (this.#recentDurationsMs.length > RECENT_DURATIONS) this.#recentDurationsMs.shift();
  }
}
