import { setTimeout as sleep } from "node:timers/promises";
import type { Clients } from "./clients.ts";
import type { MessagingEmulator } from "./emulators/messaging.ts";
import type { ProcessGuard } from "./emulators/process-guard.ts";
import { type Endpoints, sandboxEnvironment } from "./environment.ts";
import type { EventSourceNode, FunctionNode, StageGraph } from "./graph/stage-graph.ts";
import type { Resources } from "./resources.ts";
import { FunctionPool, type FunctionStatistics, type InvocationResult } from "./sandbox/function-pool.ts";
import type { Checkpoints } from "./triggers/checkpoints.ts";
import { HttpTrigger } from "./triggers/http.ts";
import type { LocalIssuer } from "./triggers/local-tokens.ts";
import { QueueTrigger } from "./triggers/queue.ts";
import { ScheduleTrigger } from "./triggers/schedule.ts";
import { StreamTrigger } from "./triggers/stream.ts";

/** The function name under which `onLog` receives lines of the stage itself. */
export const STAGE_LOG = "local-stage";

/** The result of one schedule at a tick. */
export interface TickResult {
  readonly schedule: string;
  readonly result: InvocationResult;
}

/**
 * Time to wait for rest, and whether to wait also for delayed messages and for those that wait for their next attempt.
 */
export interface IdleOptions {
  readonly timeoutMs: number;
  readonly retries: "wait" | "leave";
}

/** Thrown if the local stage did not come to rest in time. The message says what is pending. */
export class NotIdleError extends Error {
  override readonly name = "NotIdleError";
  /** Work that is running or about to run. */
  readonly underWay: readonly string[];
  /** Messages that will be delivered later without further input. */
  readonly waiting: readonly string[];

  constructor(timeoutMs: number, underWay: readonly string[], waiting: readonly string[]) {
    const pending = [...underWay, ...waiting].join("; ") || "the streams are being read";
    super(`The local stage is not idle after ${timeoutMs} ms: ${pending}`);
    this.underWay = underWay;
    this.waiting = waiting;
  }
}

/** Milliseconds for running invocations, out of the 3 s that a stop may take. */
const DRAIN_MS = 1_500;
const IDLE_CHECK_MS = 15;

/** The parts of a running stage. */
export interface StageParts {
  readonly options: {
    readonly apiPort: number;
    readonly concurrency: number;
    readonly schedules: "clock" | "manual";
    readonly byClock: readonly string[];
    readonly onLog: (functionName: string, line: string) => void;
  };
  readonly graph: StageGraph;
  readonly endpoints: Endpoints;
  readonly region: string;
  readonly clients: Clients;
  readonly messaging: MessagingEmulator;
  readonly resources: Resources;
  readonly checkpoints: Checkpoints;
  readonly guard: ProcessGuard;
  readonly issuer: LocalIssuer;
}

/** The functions and triggers of a stage whose resources exist. */
export class RunningStage {
  readonly #parts: StageParts;
  readonly #environments = new Map<string, Readonly<Record<string, string>>>();
  readonly #pools = new Map<string, FunctionPool>();
  /** By the names of their queues. */
  readonly #queues = new Map<string, QueueTrigger>();
  readonly #streams: StreamTrigger[] = [];
  readonly #schedules: ScheduleTrigger[];
  #http: HttpTrigger | undefined;
  #invocationsBegun = 0;
  /** Undefined while the market's time is the real time, or the time that requests and ticks state. */
  #marketClock: (() => number) | undefined;
  #draining: Promise<void> | undefined;

  constructor(parts: StageParts) {
    this.#parts = parts;
    for (const node of parts.graph.functions) this.#addFunction(node);
    for (const source of parts.graph.eventSources) this.#addEventSource(source);
    // A trigger that names a missing function is refused now, not when it first fires.
    const authorizers = parts.graph.routes.flatMap(({ authorizer }) =>
      authorizer?.type === "REQUEST" ? authorizer : [],
    );
    for (const { functionName } of [...parts.graph.schedules, ...parts.graph.routes, ...authorizers])
      this.#get(this.#pools, functionName);
    this.#schedules = parts.graph.schedules.map(
      (schedule) =>
        new ScheduleTrigger({
          schedule,
          invoke: (event, arrivalMs = this.#now()) => this.#invokeAt(schedule.functionName, event, arrivalMs),
          onLog: (line) => this.#logOwn(line),
        }),
    );
  }

  /** Starts the triggers and returns the API's address. */
  async start(): Promise<string> {
    const { options, graph, region, issuer } = this.#parts;
    this.#http = await HttpTrigger.start({
      apis: graph.apis,
      routes: graph.routes,
      region,
      issuer,
      port: options.apiPort,
      clock: () => this.#now(),
      invoke: (functionName, event, arrivalMs) => this.#invokeAt(functionName, event, arrivalMs),
    });
    await Promise.all(this.#streams.map((stream) => stream.start()));
    for (const queue of this.#queues.values()) queue.start();
    for (const trigger of this.#schedules) {
      const { enabled, logicalName } = trigger.schedule;
      if (enabled && (options.schedules === "clock" || options.byClock.includes(logicalName))) trigger.startClock();
    }
    return this.#http.url;
  }

  environmentOf(functionName: string): Readonly<Record<string, string>> {
    return this.#get(this.#environments, functionName);
  }

  async invoke(functionName: string, event: unknown): Promise<InvocationResult> {
    return this.#invokeAt(functionName, event, this.#now());
  }

  setClock(marketClock: () => number): void {
    this.#marketClock = marketClock;
  }

  /** Returns the market's time, which is never ahead of this machine's clock. */
  #now(): number {
    return Math.min(Date.now(), this.#marketClock?.() ?? Number.POSITIVE_INFINITY);
  }

  async #invokeAt(functionName: string, event: unknown, arrivalMs: number | null): Promise<InvocationResult> {
    this.#invocationsBegun += 1;
    return this.#get(this.#pools, functionName).invoke(event, arrivalMs);
  }

  async tick(atIso: string, scheduleName?: string): Promise<TickResult[]> {
    const atMs = Date.parse(atIso);
    if (Number.isNaN(atMs)) {
      throw new Error(`tick was asked for ${atIso}, which is no time in ISO 8601, for example 2026-02-05T15:51:32Z`);
    }
    const now = Date.now();
    if (atMs > now) {
      throw new Error(`tick was asked for ${atIso}, ahead of this machine's clock, ${new Date(now).toISOString()}`);
    }
    const due =
      scheduleName === undefined
        ? this.#schedules.filter((trigger) => trigger.schedule.enabled && trigger.isDue(atMs))
        : this.#schedules.filter(({ schedule }) => schedule.logicalName === scheduleName);
    if (scheduleName !== undefined && due.length === 0) {
      const known = this.#schedules.map(({ schedule }) => schedule.logicalName).join(", ");
      throw new Error(`The stacks declare no schedule ${scheduleName}; there are ${known}`);
    }
    return Promise.all(
      due.map(async (trigger) => ({ schedule: trigger.schedule.logicalName, result: await trigger.fire(atIso, atMs) })),
    );
  }

  async waitUntilIdle({ timeoutMs, retries }: IdleOptions): Promise<readonly string[]> {
    const deadlineMs = performance.now() + timeoutMs;
    while (!(await this.#idleSince(this.#invocationsBegun, deadlineMs, retries))) {
      if (this.#draining !== undefined) throw new Error("The local stage is being stopped");
      if (performance.now() >= deadlineMs) throw new NotIdleError(timeoutMs, this.#underWay(), this.#waiting());
      await sleep(IDLE_CHECK_MS);
    }
    return this.#waiting();
  }

  /**
   * Whether nothing is pending and no invocation began while the streams were read to their ends, since a record may
   * have led to a message.
   */
  async #idleSince(invocationsBegun: number, deadlineMs: number, retries: IdleOptions["retries"]): Promise<boolean> {
    const isAtRest = () => this.#underWay().length === 0 && (retries === "leave" || this.#waiting().length === 0);
    if (!isAtRest()) return false;
    let atTip = false;
    void Promise.all(this.#streams.map((stream) => stream.reachTip())).then(() => {
      atTip = true;
    });
    while (!atTip && this.#draining === undefined && performance.now() < deadlineMs) await sleep(1);
    return atTip && invocationsBegun === this.#invocationsBegun && isAtRest();
  }

  deadLetters(): Record<string, number> {
    const { graph, resources, messaging } = this.#parts;
    const arns = [
      ...graph.queues.map(({ redrive }) => redrive?.deadLetterArn),
      ...graph.eventSources.map(({ onFailureArn }) => onFailureArn),
    ];
    const counts: Record<string, number> = {};
    for (const arn of new Set(arns)) {
      if (arn === null || arn === undefined) continue;
      const { logicalName, name } = resources.byGraphArn(arn);
      const { visible = 0, inFlight = 0, delayed = 0 } = messaging.counts(name) ?? {};
      counts[logicalName] = visible + inFlight + delayed;
    }
    return counts;
  }

  statistics(): Record<string, FunctionStatistics> {
    return Object.fromEntries([...this.#pools].map(([name, pool]) => [name, pool.statistics()]));
  }

  /** Stops accepting work, waits a while for running invocations, then ends them. */
  drain(): Promise<void> {
    this.#draining ??= this.#drainOnce();
    return this.#draining;
  }

  async #drainOnce(): Promise<void> {
    for (const schedule of this.#schedules) schedule.stop();
    const triggers = Promise.all([
      this.#http?.stop(),
      ...[...this.#queues.values()].map((queue) => queue.stop()),
      ...this.#streams.map((stream) => stream.stop()),
      this.#atRest(),
    ]);
    const patience = new AbortController();
    await Promise.race([triggers, sleep(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    for (const pool of this.#pools.values()) pool.close();
    this.#http?.drop();
    await triggers;
  }

  async #atRest(): Promise<void> {
    while ([...this.#pools.values()].some((pool) => pool.pending > 0)) await sleep(IDLE_CHECK_MS);
  }

  /** Lists work that is running or about to run. */
  #underWay(): string[] {
    const running = [...this.#pools].filter(([, pool]) => pool.pending > 0);
    return [
      ...running.map(([name, pool]) => `${name} has ${pool.pending} invocations`),
      ...this.#messages().flatMap(({ name, visible, inFlight }) =>
        visible + inFlight > 0 ? [`${name} has ${visible} visible, ${inFlight} in flight`] : [],
      ),
    ];
  }

  /** Lists messages that will be delivered later: failed ones that wait for their next attempt, and delayed ones. */
  #waiting(): string[] {
    return this.#messages().flatMap(({ name, retrying, delayed }) => [
      ...(retrying > 0 ? [`${name} has ${retrying} that failed and wait for their next try`] : []),
      ...(delayed > 0 ? [`${name} has ${delayed} delayed`] : []),
    ]);
  }

  #messages() {
    const { messaging } = this.#parts;
    return [...this.#queues].map(([name, trigger]) => {
      const { visible = 0, inFlight = 0, delayed = 0 } = messaging.counts(name) ?? {};
      const retrying = trigger.waitingForRetry(messaging.receiptHandles(name)).length;
      return { name, visible, inFlight: inFlight - retrying, delayed, retrying };
    });
  }

  #addFunction(node: FunctionNode): void {
    const { endpoints, region, resources, guard, options } = this.#parts;
    const environment = sandboxEnvironment(node, endpoints, region, resources.toEmulator);
    this.#environments.set(node.logicalName, environment);
    const pool = new FunctionPool(node, {
      environment,
      guard,
      onLog: (line) => options.onLog(node.logicalName, line),
      concurrency: options.concurrency,
    });
    this.#pools.set(node.logicalName, pool);
  }

  #addEventSource(source: EventSourceNode): void {
    const { resources, clients, region, options, checkpoints } = this.#parts;
    const resource = resources.byGraphArn(source.sourceArn);
    const pool = this.#get(this.#pools, source.functionName);
    const common = {
      source,
      region,
      sqs: clients.sqs,
      // Without its own clock, the market's time is the one that messages state.
      invoke: (event: unknown) =>
        this.#invokeAt(source.functionName, event, this.#marketClock === undefined ? null : this.#now()),
      onLog: (line: string) => this.#logOwn(line),
    };
    if (resource.kind === "queue") {
      this.#queues.set(
        resource.name,
        new QueueTrigger({ ...common, queue: resource, concurrency: options.concurrency }),
      );
      return;
    }
    this.#streams.push(
      new StreamTrigger({
        ...common,
        table: resource,
        onFailure: source.onFailureArn === null ? null : resources.byGraphArn(source.onFailureArn),
        functionArn: pool.node.arn,
        streams: clients.streams,
        checkpoints,
      }),
    );
  }

  #logOwn(line: string): void {
    this.#parts.options.onLog(STAGE_LOG, line);
  }

  #get<Value>(byFunction: ReadonlyMap<string, Value>, functionName: string): Value {
    const value = byFunction.get(functionName);
    if (value === undefined) {
      throw new Error(`The stacks declare no function ${functionName}; there are ${[...byFunction.keys()].join(", ")}`);
    }
    return value;
  }
}
