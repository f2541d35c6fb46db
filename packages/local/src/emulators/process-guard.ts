import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Ends our child processes when this one ends, even by SIGKILL. A helper process reads a pipe from us; when the pipe
 * closes, for whatever reason, it kills what is still registered. Children therefore run detached: a Ctrl-C in the
 * terminal reaches only us, and we decide in which order they stop.
 */
export class ProcessGuard {
  readonly #helper: ChildProcess;

  constructor() {
    this.#helper = spawn(process.execPath, [join(import.meta.dirname, "process-guard-helper.ts")], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    // Without a helper the children still end with an orderly stop; only a crash would leave them.
    this.#helper.on("error", () => {});
    this.#helper.stdin?.on("error", () => {});
    this.#helper.unref();
  }

  /** Registers a child until it exits. */
  adopt(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#helper.stdin?.write(`+${pid}\n`);
    child.once("exit", () => this.#helper.stdin?.write(`-${pid}\n`));
  }

  /** Lets the helper go, which kills whatever is still registered. */
  stop(): void {
    this.#helper.stdin?.end();
  }
}

/** Sends a signal to a detached child and all it started; does nothing when it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
