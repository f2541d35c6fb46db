import { fork } from "node:child_process";
import { join, resolve } from "node:path";
import { ensurePlatform } from "./platform.ts";
import type { StageGraph } from "./stage-graph.ts";

/** Thrown if the stacks could not be evaluated. The message comes from SST, esbuild or the stack itself. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  /** The stage: `production`, `pr-<number>`, `local`, or a personal stage. */
  readonly stage: string;
  /** `build` writes each handler's bundle to `.plimsoll/build/<stage>`; `skip` leaves bundle paths null. */
  readonly bundles?: "build" | "skip";
  /** The root of the checkout. By default it is the one that contains this file. */
  readonly root?: string;
  /** Called before a step of about a minute: the first run installs SST's components. */
  readonly onProgress?: (message: string) => void;
}

/** The request to the child process. */
export interface EvaluationRequest {
  readonly stage: string;
  readonly bundles: "build" | "skip";
  readonly root: string;
  readonly platform: { readonly directory: string; readonly version: string };
}

/** The single answer of the child process. */
export type EvaluationAnswer = { readonly graph: StageGraph } | { readonly error: string };

/** Limit in milliseconds. An evaluation takes seconds; one that takes longer than this is taken to hang. */
const EVALUATION_TIMEOUT_MS = 120_000;

/** Allowed stage names. The name becomes part of physical names and of a path. */
const STAGE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * Runs `sst.config.ts` for a stage without AWS, and returns what it declares. The program runs in a separate process,
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
    // The child must not inherit options such as a debugger or the loader of a test runner.
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
