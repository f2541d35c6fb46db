import fc from "fast-check";
import type { World } from "../support/world.ts";
import { type History, histories } from "./history.ts";
import { simulate } from "./simulate.ts";

/** A seed whose world broke: why, and the smallest history found in which it does. */
export interface BrokenSeed {
  readonly seed: number;
  readonly problem: string;
  readonly history: History;
  /** Histories tried to find a smaller one. */
  readonly tried: number;
}

/** How long a smaller history is looked for. */
const shrinkMs = 30_000;

/** Lives the world of a seed; null where all that must never break holds. */
export async function liveSeed(world: World, seed: number): Promise<BrokenSeed | null> {
  const untilMs = performance.now() + shrinkMs;
  const property = fc.asyncProperty(histories, async (history) => {
    // What is not tried any more counts as whole: the smallest that broke stays.
    if (performance.now() < untilMs) await simulate(world, history);
  });
  const outcome = await fc.check(property, { seed, numRuns: 1, unbiased: true });
  if (!outcome.failed || outcome.counterexample === null) return null;
  const error = outcome.errorInstance;
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { seed, problem, history: outcome.counterexample[0], tried: outcome.numShrinks };
}
