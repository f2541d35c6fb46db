import { availableParallelism } from "node:os";
import { createClients } from "./clients.ts";
import { openDataDirectory } from "./data-directory.ts";
import { startDynamoDb } from "./emulators/dynamodb.ts";
import { chooseDynamoDb, type InstalledEmulators, thisMachine } from "./emulators/find-dynamodb.ts";
import { startMessaging } from "./emulators/messaging.ts";
import { ProcessGuard } from "./emulators/process-guard.ts";
import type { Endpoints } from "./environment.ts";
import type { StageGraph } from "./graph/stage-graph.ts";
import { regionOf } from "./region.ts";
import type { EmulatedResource } from "./resources/resource.ts";
import { createResources } from "./resources.ts";
import { type IdleOptions, RunningStage, type TickResult } from "./running-stage.ts";
import type { FunctionStatistics, InvocationResult } from "./sandbox/function-pool.ts";
import { Checkpoints } from "./triggers/checkpoints.ts";

/** How a local stage is started. */
export interface LocalStageOptions {
  /** What the stacks declare; while a promise is pending, the emulators start already. */
  readonly graph: StageGraph | Promise<StageGraph>;
  /** Where state is kept between runs; without it all is in memory. */
  readonly dataDir?: string;
  /** Port of the API; by default a free one. */
  readonly apiPort?: number;
  /** `clock` fires schedules as time passes, first one period from now; `manual` only by `tick`. */
  readonly schedules: "clock" | "manual";
  /** Schedules that go by the clock even when the others are fired by hand, by their names in `stacks/`. */
  readonly byClock?: readonly string[];
  /** Gets each line that a function prints, and the stage's own under STAGE_LOG. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** Most sandboxes of one function at once; by default the number of cores. */
  readonly concurrency?: number;
  /** Where DynamoDB may come from; by default what this machine has. */
  readonly installed?: InstalledEmulators;
}

/** How long the parts of the start took, in milliseconds; they overlap. */
export interface StartTimings {
  readonly dynamodbMs: number;
  readonly messagingMs: number;
  readonly graphMs: number;
  readonly resourcesMs: number;
  readonly totalMs: number;
}

/** The app, running on this machine. */
export interface LocalStage {
  readonly graph: StageGraph;
  readonly apiUrl: string;
  readonly endpoints: Endpoints;
  readonly region: string;
  /** The engine behind `endpoints.dynamodb`. */
  readonly dynamodb: "endpoint" | "dynoxide" | "dynamodb-local";
  readonly timings: StartTimings;
  /** A table, queue or topic by its name in `stacks/`. */
  resolve(logicalName: string): EmulatedResource;
  /** All variables that a function's sandboxes see. */
  environmentOf(functionName: string): Readonly<Record<string, string>>;
  /** Has requests, messages and invocations by hand arrive at the times of a clock that is not ahead of the real one. */
  setClock(marketClock: () => number): void;
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  /**
   * Fires the enabled schedules due at this time (all of them at the first tick), or the one named; resolves when done. They
   * arrive at that time, which may be past and not ahead.
   */
  tick(atIso: string, scheduleName?: string): Promise<TickResult[]>;
  /**
   * Resolves when consumed queues are empty, streams read and functions at rest. Messages that failed and wait for their next
   * try, minutes away, and delayed ones are waited for too unless `retries` is `leave`; what is left so is the answer.
   */
  waitUntilIdle(options?: Partial<IdleOptions>): Promise<readonly string[]>;
  /** Messages in each dead-letter and on-failure queue, by its name in `stacks/`. */
  deadLetters(): Readonly<Record<string, number>>;
  /** By function. */
  statistics(): Readonly<Record<string, FunctionStatistics>>;
  /** Lets running invocations end for up to 1.5 s, then ends everything. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Starts the emulators, creates the graph's resources on them and wires its triggers. */
export async function startLocalStage(options: LocalStageOptions): Promise<LocalStage> {
  const startedMs = performance.now();
  const evaluated = Promise.resolve(options.graph);
  // An error further up must not leave this one unheard, which would end the process.
  evaluated.catch(() => {});
  const source = await chooseDynamoDb(options.installed ?? thisMachine);
  await using started = new AsyncDisposableStack();
  const directory = options.dataDir === undefined ? undefined : openDataDirectory(options.dataDir, source.kind);
  if (directory !== undefined) started.defer(() => directory.release());
  const checkpoints = new Checkpoints(directory?.checkpoints);
  const guard = new ProcessGuard();
  started.defer(() => guard.stop());
  const timed = async <Value>(work: Promise<Value>) => ({ value: await work, ms: performance.now() - startedMs });
  const [dynamodb, messaging, graph] = await allOrFirstError([
    timed(startDynamoDb(source, directory?.database, guard).then((emulator) => disposing(started, emulator))),
    timed(startMessaging(directory?.messaging).then((emulator) => disposing(started, emulator))),
    timed(evaluated),
  ]);
  const endpoints = {
    dynamodb: dynamodb.value.endpoint,
    sqs: messaging.value.endpoint,
    sns: messaging.value.endpoint,
  };
  const region = regionOf(graph.value);
  const clients = createClients(endpoints, region);
  started.defer(() => clients.destroy());
  const resourcesFromMs = performance.now();
  const resources = await createResources(graph.value, clients, messaging.value);
  const resourcesMs = performance.now() - resourcesFromMs;
  const stage = new RunningStage({
    options: {
      apiPort: options.apiPort ?? 0,
      concurrency: options.concurrency ?? availableParallelism(),
      schedules: options.schedules,
      byClock: options.byClock ?? [],
      onLog: options.onLog ?? (() => {}),
    },
    graph: graph.value,
    endpoints,
    region,
    clients,
    messaging: messaging.value,
    resources,
    checkpoints,
    guard,
  });
  started.defer(() => stage.drain());
  const apiUrl = await stage.start();
  const stack = started.move();
  let stopping: Promise<void> | undefined;
  return {
    graph: graph.value,
    apiUrl,
    endpoints,
    region,
    dynamodb: source.kind,
    timings: {
      dynamodbMs: dynamodb.ms,
      messagingMs: messaging.ms,
      graphMs: graph.ms,
      resourcesMs,
      totalMs: performance.now() - startedMs,
    },
    resolve: (logicalName) => resources.resolve(logicalName),
    environmentOf: (functionName) => stage.environmentOf(functionName),
    setClock: (marketClock) => stage.setClock(marketClock),
    invoke: (functionName, event) => stage.invoke(functionName, event),
    tick: (atIso, scheduleName) => stage.tick(atIso, scheduleName),
    waitUntilIdle: (idle) => stage.waitUntilIdle({ timeoutMs: Number.POSITIVE_INFINITY, retries: "wait", ...idle }),
    deadLetters: () => stage.deadLetters(),
    statistics: () => stage.statistics(),
    stop() {
      stopping ??= stack.disposeAsync();
      return stopping;
    },
  };
}

/** Has an emulator stopped with the rest. */
function disposing<Emulator extends { stop(): Promise<void> }>(
  stack: AsyncDisposableStack,
  emulator: Emulator,
): Emulator {
  stack.defer(() => emulator.stop());
  return emulator;
}

/** Waits for all, so that what did start can be stopped, then throws the first error if there is one. */
async function allOrFirstError<const Works extends readonly Promise<unknown>[]>(works: Works) {
  await Promise.allSettled(works);
  return Promise.all(works);
}
