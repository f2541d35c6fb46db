import { World } from "../support/world.ts";
import type { RangeOutcome, SeedRange } from "./run.ts";
import { type BrokenSeed, liveSeed } from "./seeds.ts";
import { shardCount, warmUp } from "./simulate.ts";

// A process of `npm run sim`: lives the seeds that it is sent, until its parent lets it go.

const world = await World.open(shardCount, "memory");
await warmUp(world);

process.on("message", async ({ first, count }: SeedRange) => {
  const broken: BrokenSeed[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const outcome = await liveSeed(world, seed);
    if (outcome !== null) broken.push(outcome);
  }
  process.send?.({ broken } satisfies RangeOutcome);
});
process.on("disconnect", () => process.exit(0));
