import fc from "fast-check";
import type { World } from "../support/world.ts";
import { type History, histories } from "./history.ts";
import { simulate } from "./simulate.ts";

/** A seed whose world broke, with the reason and the smallest history found in which it breaks. */
export interface BrokenSeed {
  readonly seed: number;
  readonly problem: string;
  readonly history: History;
  /** The path of fast-check to that history, for simulating the seed again. */
  readonly path: string;
}

/** The most histories that are tried, including those that serve to find a smaller one. */
const triesMost = 400;

/**
 * Simulates the world of a seed. Returns null if everything that must never break holds. With the path of a broken
 * seed, it simulates the smallest history that was found.
 */
export async function liveSeed(world: World, seed: number, path?: string): Promise<BrokenSeed | null> {
  let tries = 0;
  const property = fc.asyncProperty(histories, async (history) => {
    tries += 1;
    // A history beyond the limit is not tried and counts as unbroken, so that the smallest broken one stays.
    if (tries <= triesMost) await simulate(world, history);
  });
  const replay = path === undefined ? {} : { path, endOnFailure: true };
  const outcome = await fc.check(property, { seed, numRuns: 1, unbiased: true, ...replay });
  if (!outcome.failed || outcome.counterexample === null) return null;
  const error = outcome.errorInstance;
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { seed, problem, history: outcome.counterexample[0], path: outcome.counterexamplePath ?? "0" };
}
