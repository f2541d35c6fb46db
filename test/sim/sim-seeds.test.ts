import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { World } from "../support/world.ts";
import { liveSeed } from "./seeds.ts";
import { shardCount, warmUp } from "./simulate.ts";

let world: World;

beforeAll(async () => {
  world = await World.open(shardCount, "memory");
  await warmUp(world);
});
afterAll(() => world.close());

/** Returns a digest of a seed's world: the number of calls in it, and everything that its tables hold in the end. */
async function digestOf(seed: number): Promise<string> {
  const before = world.faults.calls;
  expect(await liveSeed(world, seed)).toBeNull();
  const calls = world.faults.calls - before;
  const tables = await Promise.all((["Ledger", "Market", "Margin"] as const).map((name) => world.stage.scan(name)));
  const text = JSON.stringify(tables, (_, value) => (value instanceof Set ? [...value] : value));
  return `${calls} calls, ${createHash("sha256").update(text).digest("hex")}`;
}

describe("a seed", () => {
  it("is one world, whatever was lived before it in the same process", { timeout: 120_000 }, async () => {
    const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
    const forwards = new Map<number, string>();
    for (const seed of seeds) forwards.set(seed, await digestOf(seed));
    for (const seed of seeds.toReversed()) expect(await digestOf(seed), `seed ${seed}`).toBe(forwards.get(seed));
  });
});
