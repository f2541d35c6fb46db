import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Ends our child processes when this process ends, even by SIGKILL. A helper process reads a pipe from us; when the
 * pipe closes for any reason, it kills the processes that are still registered. Children run detached, so that a Ctrl-C
 * in the terminal reaches only us and we decide the order in which they stop.
 */
export class ProcessGuard {
  readonly #helper: ChildProcess;

  constructor() {
    this.#helper = spawn(process.execPath, [join(import.meta.dirname, "process-guard-helper.ts")], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    // Without a helper the children still end when the stage stops in order. Only a crash would leave them running.
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

  /** Stops the helper, which kills the processes that are still registered. */
  stop(): void {
    this.#helper.stdin?.end();
  }
}

/** Sends a signal to a detached child and all processes that it started. It does nothing if the child is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
