import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventSourceNode, FunctionNode, QueueNode, StageGraph, TableNode } from "@plimsoll/local";
import { build } from "esbuild";

const REGION = "eu-central-1";
const ACCOUNT = "000000000000";

/** A directory that is removed after the test, with a built bundle of the test handlers and their trace. */
export class Workshop {
  readonly path = mkdtempSync(join(tmpdir(), "plimsoll-local-"));
  readonly bundlePath = join(this.path, "handlers.mjs");
  readonly traceFile = join(this.path, "trace");

  /** Bundles the handlers as the stacks do, as one ES module with a source map. */
  static async open(): Promise<Workshop> {
    const workshop = new Workshop();
    await build({
      entryPoints: [join(import.meta.dirname, "handlers.ts")],
      outfile: workshop.bundlePath,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node24",
      sourcemap: true,
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: "error",
    });
    return workshop;
  }

  /** Returns what the handlers noted since the last call of `forget`, one line each. */
  trace(prefix = ""): string[] {
    if (!existsSync(this.traceFile)) return [];
    return readFileSync(this.traceFile, "utf8")
      .split("\n")
      .filter((line) => line !== "" && line.startsWith(prefix));
  }

  forget(): void {
    rmSync(this.traceFile, { force: true });
  }

  /** Makes handlers wait when they reach this gate. */
  closeGate(name: string): void {
    appendFileSync(`${this.traceFile}.${name}`, "");
  }

  openGate(name: string): void {
    rmSync(`${this.traceFile}.${name}`, { force: true });
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Returns a function whose handler is one of handlers.ts. */
  functionNode(
    logicalName: string,
    exportName: string,
    overrides: Partial<FunctionNode> = {},
    environment: Record<string, string> = {},
  ): FunctionNode {
    return {
      logicalName,
      name: `test-${logicalName}`,
      arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:test-${logicalName}`,
      handler: `test/support/local/handlers.${exportName}`,
      bundlePath: this.bundlePath,
      exportName,
      bundleBytes: 1,
      timeoutSeconds: 5,
      memoryMb: 256,
      architecture: "arm64",
      runtime: "nodejs24.x",
      environment: { TRACE_FILE: this.traceFile, ...environment },
      policies: [],
      managedPolicyArns: [],
      logFormat: "JSON",
      logRetentionDays: null,
      ...overrides,
    };
  }
}

/** Returns a graph with nothing in it but what is given. */
export function graphOf(parts: Partial<StageGraph>): StageGraph {
  return {
    app: "test",
    stage: "local",
    removal: "remove",
    protect: false,
    tags: {},
    buildMs: null,
    tables: [],
    queues: [],
    topics: [],
    topicSubscriptions: [],
    functions: [],
    eventSources: [],
    schedules: [],
    apis: [],
    routes: [],
    keys: [],
    alarms: [],
    outputs: {},
    resources: [],
    ...parts,
  };
}

/** Returns a table with the keys `pk` and `sk`. */
export function tableNode(logicalName: string, overrides: Partial<TableNode> = {}): TableNode {
  const name = `test-${logicalName}Table`;
  const arn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
  return {
    logicalName,
    name,
    arn,
    attributes: [
      { name: "pk", type: "S" },
      { name: "sk", type: "S" },
    ],
    hashKey: "pk",
    rangeKey: "sk",
    ttlAttribute: "ttl",
    streamViewType: "NEW_IMAGE",
    streamArn: `${arn}/stream/2000-01-01T00:00:00.000`,
    deletionProtection: false,
    pointInTimeRecovery: false,
    ...overrides,
  };
}

/** Returns a queue without a dead-letter queue. */
export function queueNode(logicalName: string, overrides: Partial<QueueNode> = {}): QueueNode {
  const name = `test-${logicalName}Queue`;
  return {
    logicalName,
    name,
    // This is not the emulator's account, so that a test sees whether the account was replaced.
    arn: `arn:aws:sqs:${REGION}:111122223333:${name}`,
    url: `https://sqs.${REGION}.amazonaws.com/111122223333/${name}`,
    fifo: false,
    contentBasedDeduplication: false,
    visibilityTimeoutSeconds: 30,
    messageRetentionSeconds: 345_600,
    redrive: null,
    ...overrides,
  };
}

/** Returns an event source with Lambda's defaults, which reports partial failures. */
export function eventSourceNode(
  functionName: string,
  sourceArn: string,
  overrides: Partial<EventSourceNode> = {},
): EventSourceNode {
  return {
    functionName,
    sourceArn,
    batchSize: 10,
    maximumBatchingWindowSeconds: 0,
    filterPatterns: [],
    reportBatchItemFailures: true,
    maximumRetryAttempts: null,
    bisectBatchOnFunctionError: false,
    startingPosition: null,
    parallelizationFactor: 1,
    onFailureArn: null,
    maximumConcurrency: null,
    ...overrides,
  };
}
