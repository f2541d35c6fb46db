import { fork } from "node:child_process";
import { join, resolve } from "node:path";
import { ensurePlatform } from "./platform.ts";
import type { StageGraph } from "./stage-graph.ts";

/** The stacks could not be evaluated; the message is SST's, esbuild's or the stack's own. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** What to evaluate. */
export interface EvaluateOptions {
  /** `production`, `pr-<number>`, `local`, or a personal stage. */
  readonly stage: string;
  /** `build` writes each handler's bundle to `.plimsoll/build/<stage>`; `skip` leaves bundle paths null. */
  readonly bundles?: "build" | "skip";
  /** The checkout; by default the one this file is in. */
  readonly root?: string;
  /** Told before a step of a minute or so: the first run lays SST's components down. */
  readonly onProgress?: (message: string) => void;
}

/** What the child process is asked. */
export interface EvaluationRequest {
  readonly stage: string;
  readonly bundles: "build" | "skip";
  readonly root: string;
  readonly platform: { readonly directory: string; readonly version: string };
}

/** What it answers, once. */
export type EvaluationAnswer = { readonly graph: StageGraph } | { readonly error: string };

/** An evaluation takes seconds; one that lasts this long hangs. */
const EVALUATION_TIMEOUT_MS = 120_000;

/** A stage name becomes part of physical names and of a path. */
const STAGE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * Runs `sst.config.ts` for a stage without AWS, and returns what it declares. The program runs in a process of its own,
 * since Pulumi and SST keep state in globals, change the working directory and end only with their process.
 */
export async function evaluateStacks(options: EvaluateOptions): Promise<StageGraph> {
  const { stage, bundles = "build", onProgress = () => {} } = options;
  if (!STAGE_NAME.test(stage)) {
    throw new EvaluationError(
      `stage is ${JSON.stringify(stage)}; allowed are 1 to 32 of a-z, 0-9 and "-", not at either end, for example "pr-7".`,
    );
  }
  const root = resolve(options.root ?? join(import.meta.dirname, "..", "..", "..", ".."));
  const platform = await ensurePlatform(root, onProgress);
  const answer = await ask({ stage, bundles, root, platform });
  if ("error" in answer) throw new EvaluationError(`The stacks of stage ${stage} do not evaluate: ${answer.error}`);
  return answer.graph;
}

function ask(request: EvaluationRequest): Promise<EvaluationAnswer> {
  const child = fork(join(import.meta.dirname, "evaluation.ts"), [JSON.stringify(request)], {
    cwd: request.root,
    // Options of the caller (a debugger, a test runner's loader) are not for this process.
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: join(request.root, ".plimsoll", "compile-cache") },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    timeout: EVALUATION_TIMEOUT_MS,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  return new Promise((resolveAnswer) => {
    let answer: EvaluationAnswer | undefined;
    child.once("message", (message) => {
      answer = message as EvaluationAnswer;
    });
    child.once("close", (code, signal) => {
      resolveAnswer(answer ?? { error: `the evaluation ended with ${signal ?? `code ${code}`}.\n${output.trim()}` });
    });
  });
}
