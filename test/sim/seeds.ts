import fc from "fast-check";
import type { World } from "../support/world.ts";
import { type History, histories } from "./history.ts";
import { simulate } from "./simulate.ts";

/** A seed whose world broke: why, and the smallest history found in which it does. */
export interface BrokenSeed {
  readonly seed: number;
  readonly problem: string;
  readonly history: History;
  /** Leads to that history when the seed is lived again. */
  readonly path: string;
}

/** Histories that are tried to find a smaller one. */
const triesMost = 400;

/**
 * Lives the world of a seed; null where all that must never break holds. With the path of a broken seed it lives the smallest history
 * that was found.
 */
export async function liveSeed(world: World, seed: number, path?: string): Promise<BrokenSeed | null> {
  let tries = 0;
  const property = fc.asyncProperty(histories, async (history) => {
    tries += 1;
    // What is not tried any more counts as whole: the smallest that broke stays.
    if (tries <= triesMost) await simulate(world, history);
  });
  const replay = path === undefined ? {} : { path, endOnFailure: true };
  const outcome = await fc.check(property, { seed, numRuns: 1, unbiased: true, ...replay });
  if (!outcome.failed || outcome.counterexample === null) return null;
  const error = outcome.errorInstance;
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { seed, problem, history: outcome.counterexample[0], path: outcome.counterexamplePath ?? "0" };
}
