import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ProcessGuard, signalGroup } from "../emulators/process-guard.ts";
import type { FunctionNode } from "../graph/stage-graph.ts";
import type { InvocationError, SandboxAnswer, SandboxRequest } from "./protocol.ts";

/** The outcome of one invocation. */
export type SandboxOutcome = { readonly peakRssBytes: number } & (
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: InvocationError }
);

/** Lambda allows 10 s for loading; a busy laptop gets more. */
const INIT_LIMIT_MS = 30_000;

/** Shares of a function's memory that Lambda's Node runtime gives to V8. */
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.05;

/**
 * Cache of bundles compiled by earlier sandboxes, which saves a quarter of a cold start. The process hides the variable
 * from the function.
 */
const COMPILE_CACHE = join(import.meta.dirname, "..", "..", "..", "..", ".plimsoll", "compile-cache");

/** Settings of a sandbox other than its function. */
export interface SandboxSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly guard: ProcessGuard;
  readonly onLog: (line: string) => void;
}

/**
 * A process that has loaded a function's bundle and runs one invocation at a time, like one of Lambda's micro-VMs. Its
 * environment is that of the function only. A timeout kills it; a crash fails the invocation.
 */
export class Sandbox {
  readonly #node: FunctionNode;
  readonly #child: ChildProcess;
  readonly #onLog: (line: string) => void;
  readonly #startedMs = performance.now();
  readonly #loaded: Promise<void>;
  #initMs = 0;
  #peakRssBytes = 0;
  #deliver: ((answer: SandboxAnswer) => void) | undefined;
  #fail: (reason: string) => void = () => {};
  #ended = false;

  constructor(node: FunctionNode, bundlePath: string, settings: SandboxSettings) {
    this.#node = node;
    this.#onLog = settings.onLog;
    const oldSpaceMb = Math.floor(node.memoryMb * OLD_SPACE_SHARE);
    const semiSpaceMb = Math.max(1, Math.floor(node.memoryMb * SEMI_SPACE_SHARE));
    this.#child = fork(join(import.meta.dirname, "sandbox-process.ts"), [bundlePath, node.exportName], {
      cwd: dirname(bundlePath),
      env: { ...settings.environment, NODE_COMPILE_CACHE: COMPILE_CACHE },
      execArgv: ["--enable-source-maps", `--max-old-space-size=${oldSpaceMb}`, `--max-semi-space-size=${semiSpaceMb}`],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    settings.guard.adopt(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", settings.onLog);
    }
    this.#child.on("message", (answer: SandboxAnswer) => this.#deliver?.(answer));
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("exit", (code, signal) => this.#end(signal === null ? `exit status ${code}` : `signal ${signal}`));
    this.#loaded = this.#load();
    // The next invocation reports a failed load. If there is none, the process has already logged it.
    this.#loaded.catch(() => {});
  }

  /** Whether it can run another invocation. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** Time in milliseconds from the start of the process until the bundle was loaded. */
  get initMs(): number {
    return this.#initMs;
  }

  /** Runs one invocation until it ends, times out or the sandbox dies. */
  async run(event: unknown, localTimeMs: number | null): Promise<SandboxOutcome> {
    try {
      await this.#loaded;
      const timeoutMs = this.#node.timeoutSeconds * 1_000;
      const request: SandboxRequest = {
        awsRequestId: randomUUID(),
        functionName: this.#node.name,
        invokedFunctionArn: this.#node.arn,
        memoryLimitInMB: String(this.#node.memoryMb),
        deadlineMs: Date.now() + timeoutMs,
        localTimeMs,
        event: JSON.stringify(event) ?? "null",
      };
      const answer = await this.#exchange(request, timeoutMs, {
        errorType: "Sandbox.Timedout",
        errorMessage: `Task timed out after ${this.#node.timeoutSeconds.toFixed(2)} seconds`,
        stackTrace: [],
      });
      // The pipes are read in the same turn of the event loop, so that lines printed before the answer are logged
      // before it.
      await nextTurn();
      if (answer.kind === "failed") return { ok: false, error: answer.error, peakRssBytes: this.#peakRssBytes };
      const payload: unknown = answer.kind === "succeeded" ? JSON.parse(answer.payload) : null;
      return { ok: true, payload, peakRssBytes: this.#peakRssBytes };
    } catch (error) {
      if (!(error instanceof SandboxFailure)) throw error;
      // The process could not print this itself.
      this.#onLog(`${error.error.errorType}: ${error.error.errorMessage}`);
      return { ok: false, error: error.error, peakRssBytes: this.#peakRssBytes };
    }
  }

  /** Ends the process at once. */
  kill(): void {
    this.#ended = true;
    if (this.#child.exitCode === null && this.#child.pid !== undefined) signalGroup(this.#child.pid, "SIGKILL");
  }

  async #load(): Promise<void> {
    const answer = await this.#exchange(undefined, INIT_LIMIT_MS, {
      errorType: "Sandbox.Timedout",
      errorMessage: `${this.#node.handler} did not load within ${INIT_LIMIT_MS / 1_000} seconds`,
      stackTrace: [],
    });
    this.#initMs = performance.now() - this.#startedMs;
    if (answer.kind === "failed") {
      this.kill();
      throw new SandboxFailure(answer.error);
    }
  }

  /** Sends a request, if any, and waits for the next answer. It kills the process if the limit is exceeded. */
  #exchange(request: SandboxRequest | undefined, limitMs: number, late: InvocationError): Promise<SandboxAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(new SandboxFailure(exitError("it had ended before")));
        return;
      }
      const timer = setTimeout(() => {
        this.#deliver = undefined;
        this.kill();
        reject(new SandboxFailure(late));
      }, limitMs);
      this.#deliver = (answer) => {
        clearTimeout(timer);
        this.#deliver = undefined;
        this.#peakRssBytes = Math.max(this.#peakRssBytes, answer.peakRssBytes);
        resolve(answer);
      };
      this.#fail = (reason) => {
        clearTimeout(timer);
        this.#deliver = undefined;
        reject(new SandboxFailure(exitError(reason)));
      };
      if (request !== undefined) this.#child.send(request);
    });
  }

  #end(reason: string): void {
    this.#ended = true;
    this.#fail(reason);
  }
}

class SandboxFailure extends Error {
  readonly error: InvocationError;

  constructor(error: InvocationError) {
    super(error.errorMessage);
    this.error = error;
  }
}

function exitError(reason: string): InvocationError {
  return { errorType: "Runtime.ExitError", errorMessage: `Runtime exited with error: ${reason}`, stackTrace: [] };
}
