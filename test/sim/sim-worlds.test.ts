import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { World } from "../support/world.ts";
import { brokenText, runSeeds } from "./run.ts";
import { liveSeed } from "./seeds.ts";
import { shardCount, warmUp } from "./simulate.ts";

/** The number of worlds in every run of the tests. `npm run sim` takes its own number. */
const seedsInMemory = 500;

/**
 * Few seeds, as each takes a second or two. memory-contract.test.ts compares the services in memory with the emulators.
 */
const seedsOnEmulators = Array.from({ length: 12 }, (_, index) => index + 1);

describe("worlds of a seeded history of trouble", () => {
  it(`heal, and nothing that must never break has broken: ${seedsInMemory} seeds in memory`, {
    timeout: 600_000,
  }, async () => {
    const { lived, broken } = await runSeeds({ first: 1, count: seedsInMemory }, { processes: 2, brokenMost: 1 });
    expect(broken.map(brokenText)).toEqual([]);
    expect(lived).toBe(seedsInMemory);
  });
});

describe("the same worlds on the emulators", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(shardCount, "emulators");
    await warmUp(world);
  });
  afterAll(() => world.close());

  it.each(seedsOnEmulators)("seed %i", { timeout: 300_000 }, async (seed) => {
    const broken = await liveSeed(world, seed);
    expect(broken === null ? "" : brokenText(broken)).toBe("");
  });
});
