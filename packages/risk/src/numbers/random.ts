import { exp } from "./exponential.ts";
import { normalQuantile } from "./normal.ts";

/**
 * A source of seeded random numbers, with the same sequence for the same seed on every machine. It is not for secrets.
 */
export interface Random {
  /** Draws a number of at least 0 and below 1, with 53 bits. */
  readonly uniform: () => number;
  /** Draws a standard normal number. */
  readonly normal: () => number;
  /** Draws exp(mean + deviation x normal). */
  readonly logNormal: (mean: number, deviation: number) => number;
  /** Draws a whole number from `low` to `high`, both included. */
  readonly integer: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  /** Draws one item of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
  /** Draws one item of a list by weights that are not all zero. */
  readonly pickWeighted: <T extends { readonly weight: number }>(list: readonly T[]) => T;
}

/**
 * Creates a generator by sfc32 of Chris Doty-Humphrey (PractRand). It is seeded with a seed and a stream. With one
 * stream for each item, item n can be drawn without item n - 1.
 */
export function createRandom(seed: number, stream = 0): Random {
  let a = seed >>> 0;
  let b = stream >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 1;
  const word = () => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + result) >>> 0;
    return result;
  };
  for (let warmUp = 0; warmUp < 15; warmUp += 1) word();

  const uniform = () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  const normal = () => normalQuantile(Math.max(uniform(), 2 ** -53));
  const pickWeighted = <T extends { readonly weight: number }>(list: readonly T[]): T => {
    let left = uniform() * list.reduce((sum, item) => sum + item.weight, 0);
    for (const item of list) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return list.findLast((item) => item.weight > 0)!;
  };
  return {
    uniform,
    normal,
    logNormal: (mean, deviation) => exp(mean + deviation * normal()),
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    chance: (probability) => uniform() < probability,
    pick: (list) => list[Math.floor(uniform() * list.length)]!,
    pickWeighted,
  };
}
