import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";

/** Folders of a checkout that tests do not read, or that are linked instead of copied. */
const notCopied = new Set(["node_modules", ".git", ".sst", ".plimsoll", "coverage"]);

/** Folders of installed packages that vitest writes to: every copy has its own. */
const caches = new Set([".vite", ".vite-temp", ".vitest-cache", ".vitest"]);

/** After which a run of test files counts as one that does not end. */
const runTimeoutMs = 300_000;

/** What of the JSON report of vitest is read. */
interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * What became of test files. `broken` is neither: a file did not load, nothing was run, or the run did not end, which says
 * nothing about a guard.
 */
export type RunOutcome =
  | { readonly kind: "passed" }
  /** Names of the tests that failed. */
  | { readonly kind: "failed"; readonly tests: readonly string[] }
  | { readonly kind: "broken"; readonly problem: string };

/** A copy of the repository in a temporary folder, whose files may be changed and whose tests may be run. */
export class Workshop {
  readonly root: string;
  #running: ChildProcess | null = null;
  #runs = 0;

  /** Copies a checkout. Installed packages are linked, except our own, which are the copies. */
  constructor(checkout: string) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "plimsoll-mutants-")));
    const isCopied = (path: string) => path === checkout || !notCopied.has(basename(path));
    cpSync(checkout, this.root, { recursive: true, filter: isCopied });
    this.#linkPackages(checkout);
    for (const room of readdirSync(join(checkout, "packages"))) {
      const own = readdirSync(join(checkout, "packages", room)).filter((name) => name === "node_modules");
      for (const name of own)
        symlinkSync(join(checkout, "packages", room, name), join(this.root, "packages", room, name));
    }
  }

  #linkPackages(checkout: string): void {
    const installed = join(checkout, "node_modules");
    const linked = join(this.root, "node_modules");
    mkdirSync(join(linked, "@plimsoll"), { recursive: true });
    for (const name of readdirSync(installed)) {
      if (name !== "@plimsoll" && !caches.has(name)) symlinkSync(join(installed, name), join(linked, name));
    }
    for (const room of readdirSync(join(this.root, "packages"))) {
      symlinkSync(join("..", "..", "packages", room), join(linked, "@plimsoll", room));
    }
  }

  /** Runs test files up to the first failure, or all of them. */
  async run(tests: readonly string[], until: "first_failure" | "end"): Promise<RunOutcome> {
    this.#runs += 1;
    const reportPath = join(this.root, `mutants-report-${this.#runs}.json`);
    const vitest = join(this.root, "node_modules", "vitest", "vitest.mjs");
    const bail = until === "first_failure" ? ["--bail=1", "--maxWorkers=1"] : [];
    const flags = ["run", ...tests, ...bail, "--reporter=json", `--outputFile=${reportPath}`];
    // A group of its own, so that whatever the tests start ends with them.
    const child = spawn(process.execPath, [vitest, ...flags], { cwd: this.root, detached: true, stdio: "ignore" });
    this.#running = child;
    let isLate = false;
    const timer = setTimeout(
      () => {
        isLate = true;
        this.stop();
      },
      runTimeoutMs * (until === "end" ? 4 : 1),
    );
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", () => resolve());
    });
    clearTimeout(timer);
    this.stop();
    this.#running = null;
    if (isLate) return { kind: "broken", problem: `${tests.join(", ")} did not end in time` };
    return this.#read(reportPath, tests);
  }

  #read(reportPath: string, tests: readonly string[]): RunOutcome {
    let report: Report;
    try {
      report = JSON.parse(readFileSync(reportPath, "utf8"));
    } catch (error) {
      return { kind: "broken", problem: `vitest left no report of ${tests.join(", ")}: ${String(error)}` };
    }
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
    );
    if (failed.length > 0) return { kind: "failed", tests: failed };
    const unloaded = report.testResults.find(({ status }) => status === "failed");
    if (unloaded !== undefined) {
      const file = relative(this.root, unloaded.name);
      return { kind: "broken", problem: `${file} did not run: ${unloaded.message ?? ""}` };
    }
    const absent = tests.filter((test) => !report.testResults.some(({ name }) => name.endsWith(test)));
    if (absent.length > 0) return { kind: "broken", problem: `${absent.join(", ")} was not run` };
    if (report.numPassedTests === 0) return { kind: "broken", problem: `${tests.join(", ")} has no tests` };
    return { kind: "passed" };
  }

  /** Ends what runs, with all that it has started. */
  stop(): void {
    const pid = this.#running?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // All of it has ended already.
    }
  }

  /** Ends what runs and takes the copy away. */
  close(): void {
    this.stop();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
