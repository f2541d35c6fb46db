import { evaluateStacks, type StageGraph } from "@plimsoll/local";
import type { TestProject } from "vitest/node";

/** One stage of each kind that is deployed or run. */
export const stages = ["production", "pr-7", "local"] as const;

declare module "vitest" {
  interface ProvidedContext {
    /** The evaluated stacks of each stage in `stages`. */
    readonly graphs: Readonly<Record<string, StageGraph>>;
  }
}

/** Evaluates each stage once for all test files that assert on it. */
export default async function evaluateStages({ provide }: TestProject): Promise<void> {
  const graphs: Record<string, StageGraph> = {};
  for (const stage of stages) {
    graphs[stage] = await evaluateStacks({ stage, bundles: "skip", onProgress: console.info });
  }
  provide("graphs", graphs);
}
