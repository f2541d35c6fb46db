import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MS_PER_MINUTE } from "@plimsoll/risk";
import type { DynamoDbSource } from "./find-dynamodb.ts";
import { freePort } from "./free-port.ts";
import { type ProcessGuard, signalGroup } from "./process-guard.ts";
import { forgetEmulator, killStaleEmulator, noteEmulator } from "./stale-emulator.ts";

/** A running DynamoDB that answers at `endpoint`. */
export interface DynamoDbEmulator {
  readonly endpoint: string;
  /** Stops it, unless it was started elsewhere. */
  stop(): Promise<void>;
}

/** Thrown if the emulator did not start. The message contains what it printed. */
export class EmulatorStartError extends Error {
  override readonly name = "EmulatorStartError";
}

/**
 * Java once took 18 s on a busy machine with cold caches. A start that takes longer than this limit is taken to hang.
 */
const START_TIMEOUT_MS = MS_PER_MINUTE;
/**
 * Time to stop in milliseconds. After a SIGTERM both emulators tidy up their files and end within some 20 ms; they
 * survive a SIGKILL too.
 */
const STOP_GRACE_MS = 500;
/** Options that halve the processor time for starting the virtual machine. */
const QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
/** Most characters of output that are kept for an error message. */
const OUTPUT_CHARACTERS = 2_000;

/**
 * Starts DynamoDB on a port, or on a free one for 0, with its files in `directory` or in memory. Both emulators keep tables, streams and
 * sequence numbers in files, even after a SIGKILL.
 */
export async function startDynamoDb(
  source: DynamoDbSource,
  directory: string | undefined,
  guard: ProcessGuard,
  fixedPort = 0,
): Promise<DynamoDbEmulator> {
  if (source.kind === "endpoint") return { endpoint: source.endpoint, stop: async () => {} };
  if (directory !== undefined) await killStaleEmulator(directory);
  const port = fixedPort === 0 ? await freePort() : fixedPort;
  const child = launch(source, port, directory);
  guard.adopt(child);
  if (directory !== undefined && child.pid !== undefined) noteEmulator(directory, child.pid);
  const endpoint = `http://127.0.0.1:${port}`;
  await waitUntilServing(child, endpoint, source.kind);
  return {
    endpoint,
    async stop() {
      await end(child, directory === undefined ? 0 : STOP_GRACE_MS);
      if (directory !== undefined) forgetEmulator(directory);
    },
  };
}

function launch(
  source: Exclude<DynamoDbSource, { kind: "endpoint" }>,
  port: number,
  directory: string | undefined,
): ChildProcess {
  if (source.kind === "dynoxide") {
    const file = directory === undefined ? [] : ["--db-path", join(directory, "dynoxide.sqlite")];
    return spawn(source.binary, ["--port", String(port), ...file], { stdio: "pipe", detached: true });
  }
  const files = directory === undefined ? ["-inMemory"] : ["-dbPath", directory];
  const library = `-Djava.library.path=${join(dirname(source.jar), "DynamoDBLocal_lib")}`;
  // All regions and keys share one database, as the credentials of handlers and tests may differ.
  const options = [library, "-jar", source.jar, "-port", String(port), "-sharedDb", "-disableTelemetry", ...files];
  return spawn("java", [...QUICK_START, ...options], { stdio: "pipe", detached: true });
}

async function waitUntilServing(child: ChildProcess, endpoint: string, name: string): Promise<void> {
  let output = "";
  let failure: string | undefined;
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure ??= `it ended with ${signal ?? `exit code ${code}`}`;
  });
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (failure === undefined && performance.now() > deadlineMs) {
      failure = `it did not answer at ${endpoint} within ${START_TIMEOUT_MS / 1_000} s`;
      await end(child, 0);
    }
    if (failure !== undefined) {
      throw new EmulatorStartError(`The DynamoDB emulator ${name} did not start: ${failure}\n${output.trim()}`);
    }
    await sleep(10);
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    // Any answer will do, even the error on a request without a signature.
    await fetch(endpoint, { method: "POST", body: "{}" });
    return true;
  } catch {
    return false;
  }
}

/** Ends the process: at once, or first by a SIGTERM. */
async function end(child: ChildProcess, graceMs: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (graceMs > 0) signalGroup(pid, "SIGTERM");
  const killer = setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
  await exited;
  clearTimeout(killer);
}
