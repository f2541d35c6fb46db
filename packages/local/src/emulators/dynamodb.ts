import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MS_PER_MINUTE } from "@plimsoll/risk";
import type { DynamoDbSource } from "./find-dynamodb.ts";
import { freePort } from "./free-port.ts";
import { type ProcessGuard, signalGroup } from "./process-guard.ts";
import { forgetEmulator, killStaleEmulator, noteEmulator } from "./stale-emulator.ts";

/** A DynamoDB that answers at `endpoint`. */
export interface DynamoDbEmulator {
  readonly endpoint: string;
  /** Stops it, unless it was not started here. */
  stop(): Promise<void>;
}

/** The emulator did not come up; the message carries what it printed. */
export class EmulatorStartError extends Error {
  override readonly name = "EmulatorStartError";
}

/** Java on a busy machine with cold caches took 18 s once; a start that lasts longer than this hangs. */
const START_TIMEOUT_MS = MS_PER_MINUTE;
/** With files both emulators tidy up and end within some 20 ms of a SIGTERM; they survive a SIGKILL too. */
const STOP_GRACE_MS = 500;
/** Halves the processor time that the virtual machine takes to start. */
const QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
/** Output kept for an error message. */
const OUTPUT_CHARACTERS = 2_000;

/**
 * Starts DynamoDB on a free port, with its files in `directory` or in memory. Both emulators keep tables, streams and
 * sequence numbers in the file, across a SIGKILL too.
 */
export async function startDynamoDb(
  source: DynamoDbSource,
  directory: string | undefined,
  guard: ProcessGuard,
): Promise<DynamoDbEmulator> {
  if (source.kind === "endpoint") return { endpoint: source.endpoint, stop: async () => {} };
  if (directory !== undefined) await killStaleEmulator(directory);
  const port = await freePort();
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
  // One database for all regions and keys, as a handler's and a test's credentials may differ.
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
    // Any answer will do, and a request without a signature is answered with an error.
    await fetch(endpoint, { method: "POST", body: "{}" });
    return true;
  } catch {
    return false;
  }
}

/** Ends the process, at once or by a SIGTERM first. */
async function end(child: ChildProcess, graceMs: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (graceMs > 0) signalGroup(pid, "SIGTERM");
  const killer = setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
  await exited;
  clearTimeout(killer);
}
