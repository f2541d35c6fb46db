import { availableParallelism } from "node:os";
import { createClients } from "./clients.ts";
import { openDataDirectory } from "./data-directory.ts";
import { startDynamoDb } from "./emulators/dynamodb.ts";
import { chooseDynamoDb, type InstalledEmulators, thisMachine } from "./emulators/find-dynamodb.ts";
import { requireFreePort } from "./emulators/free-port.ts";
import { startMessaging } from "./emulators/messaging.ts";
import { ProcessGuard } from "./emulators/process-guard.ts";
import type { Endpoints } from "./environment.ts";
import type { StageGraph } from "./graph/stage-graph.ts";
import { regionOf } from "./region.ts";
import type { EmulatedResource } from "./resources/resource.ts";
import { createResources } from "./resources.ts";
import { type IdleOptions, RunningStage, type TickResult } from "./running-stage.ts";
import type { FunctionStatistics, InvocationResult } from "./sandbox/function-pool.ts";
import { startSigning } from "./signing.ts";
import { Checkpoints } from "./triggers/checkpoints.ts";
import type { LocalTokens } from "./triggers/local-tokens.ts";

/** The ports of the emulators; SQS and SNS share one. */
export interface EmulatorPorts {
  readonly dynamodb: number;
  readonly messaging: number;
}

/** Options of a local stage. */
export interface LocalStageOptions {
  /** The declared resources. The emulators already start while a promise is pending. */
  readonly graph: StageGraph | Promise<StageGraph>;
  /** Directory for state between runs. Without it, all state is in memory. */
  readonly dataDir?: string;
  /** Port of the API. By default it is a free one. */
  readonly apiPort?: number;
  /** Ports of the emulators. By default they are free ones. Of all fixed ports, a taken one is refused at the start. */
  readonly emulatorPorts?: EmulatorPorts;
  /**
   * With `clock`, schedules fire as time passes, first one period from now. With `manual`, they fire only by `tick`.
   */
  readonly schedules: "clock" | "manual";
  /** Schedules that follow the clock even if the others are fired by hand, by their names in `stacks/`. */
  readonly byClock?: readonly string[];
  /** Receives each line that a function prints, and the stage's own lines under STAGE_LOG. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** Most concurrent sandboxes of one function. By default it is the number of cores. */
  readonly concurrency?: number;
  /** Emulators to choose from. By default they are those of this machine. */
  readonly installed?: InstalledEmulators;
}

/** Duration of the parts of the start in milliseconds. The parts overlap. */
export interface StartTimings {
  readonly dynamodbMs: number;
  readonly messagingMs: number;
  readonly graphMs: number;
  readonly resourcesMs: number;
  readonly totalMs: number;
}

/** The whole app running on this machine. */
export interface LocalStage {
  readonly graph: StageGraph;
  readonly apiUrl: string;
  /** Tokens for each kind of caller, valid for a day. A trader's token is made by `POST /v1/tokens`. */
  readonly tokens: LocalTokens;
  readonly endpoints: Endpoints;
  readonly region: string;
  /** The engine behind `endpoints.dynamodb`. */
  readonly dynamodb: "endpoint" | "dynoxide" | "dynamodb-local";
  readonly timings: StartTimings;
  /** Returns a table, queue or topic by its name in `stacks/`. */
  resolve(logicalName: string): EmulatedResource;
  /** Returns all variables that a function's sandboxes see. */
  environmentOf(functionName: string): Readonly<Record<string, string>>;
  /**
   * Sets the market's clock. Requests, messages and manual invocations then arrive at its time, or at the real time if
   * that is earlier.
   */
  setClock(marketClock: () => number): void;
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  /**
   * Fires the enabled schedules that are due at this time (all of them at the first tick), or the named one, and
   * resolves when they are done. They arrive at that time, which may be in the past but not ahead.
   */
  tick(atIso: string, scheduleName?: string): Promise<TickResult[]>;
  /**
   * Resolves when consumed queues are empty, streams are read and no function runs. It also waits for delayed messages
   * and for failed ones that wait minutes for their next attempt, unless `retries` is `leave`; the answer then lists
   * them.
   */
  waitUntilIdle(options?: Partial<IdleOptions>): Promise<readonly string[]>;
  /** Counts the messages of each dead-letter and on-failure queue, by its name in `stacks/`. */
  deadLetters(): Readonly<Record<string, number>>;
  /** Returns the statistics by function. */
  statistics(): Readonly<Record<string, FunctionStatistics>>;
  /** Waits up to 1.5 s for running invocations, then ends everything. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Starts the emulators, creates the graph's resources on them and connects its triggers. */
export async function startLocalStage(options: LocalStageOptions): Promise<LocalStage> {
  const startedMs = performance.now();
  const evaluated = Promise.resolve(options.graph);
  // If the start fails earlier, an unhandled rejection of this promise must not end the process.
  evaluated.catch(() => {});
  const source = await chooseDynamoDb(options.installed ?? thisMachine);
  const ports = await emulatorPorts(options);
  await using started = new AsyncDisposableStack();
  const directory = options.dataDir === undefined ? undefined : openDataDirectory(options.dataDir, source.kind);
  if (directory !== undefined) started.defer(() => directory.release());
  const checkpoints = new Checkpoints(directory?.checkpoints);
  const guard = new ProcessGuard();
  started.defer(() => guard.stop());
  const stoppedWithTheRest = <One extends { stop(): Promise<void> }>(emulator: One) => disposing(started, emulator);
  const timed = async <Value>(work: Promise<Value>) => ({ value: await work, ms: performance.now() - startedMs });
  const [dynamodb, messaging, graph] = await allOrFirstError([
    timed(startDynamoDb(source, directory?.database, guard, ports.dynamodb).then(stoppedWithTheRest)),
    timed(startMessaging(directory?.messaging, ports.messaging).then(stoppedWithTheRest)),
    timed(evaluated),
  ]);
  const signing = disposing(started, await startSigning(graph.value, directory?.keys));
  const endpoints = {
    dynamodb: dynamodb.value.endpoint,
    sqs: messaging.value.endpoint,
    sns: messaging.value.endpoint,
    kms: signing.kmsEndpoint,
  };
  const region = regionOf(graph.value);
  const clients = createClients(endpoints, region);
  started.defer(() => clients.destroy());
  const resourcesFromMs = performance.now();
  const resources = await createResources(graph.value, clients, messaging.value);
  const resourcesMs = performance.now() - resourcesFromMs;
  const stage = new RunningStage({
    options: runningOptions(options),
    graph: graph.value,
    endpoints,
    region,
    clients,
    messaging: messaging.value,
    resources,
    checkpoints,
    guard,
    issuer: signing.issuer,
  });
  started.defer(() => stage.drain());
  const apiUrl = await stage.start();
  const stack = started.move();
  let stopping: Promise<void> | undefined;
  return {
    graph: graph.value,
    apiUrl,
    tokens: signing.tokens,
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

function runningOptions({ apiPort = 0, schedules, byClock = [], onLog = () => {}, ...rest }: LocalStageOptions) {
  return { apiPort, schedules, byClock, onLog, concurrency: rest.concurrency ?? availableParallelism() };
}

/**
 * Returns the ports of the emulators, 0 for free ones. Throws a `PortError` for the first fixed port that is taken,
 * before anything starts.
 */
async function emulatorPorts({ emulatorPorts: fixed, apiPort = 0 }: LocalStageOptions): Promise<EmulatorPorts> {
  if (fixed === undefined) return { dynamodb: 0, messaging: 0 };
  await requireFreePort(apiPort, "the API");
  await requireFreePort(fixed.dynamodb, "DynamoDB");
  await requireFreePort(fixed.messaging, "SQS and SNS");
  return fixed;
}

/** Registers an emulator to be stopped with the rest. */
function disposing<Emulator extends { stop(): Promise<void> }>(
  stack: AsyncDisposableStack,
  emulator: Emulator,
): Emulator {
  stack.defer(() => emulator.stop());
  return emulator;
}

/**
 * Waits for all promises, so that everything that started can be stopped, then throws the first error if there is one.
 */
async function allOrFirstError<const Works extends readonly Promise<unknown>[]>(works: Works) {
  await Promise.allSettled(works);
  return Promise.all(works);
}
