import { World } from "../support/world.ts";
import type { ChildMessage, SeedRange } from "./run.ts";
import { liveSeed } from "./seeds.ts";
import { shardCount, warmUp } from "./simulate.ts";

// A process of `npm run sim`. It simulates the seeds that it is sent and reports each broken seed at once, until its
// parent disconnects.

const world = await World.open(shardCount, "memory");
await warmUp(world);

const tell = (message: ChildMessage) => process.send?.(message);

process.on("message", async ({ first, count, path }: SeedRange) => {
  for (let seed = first; seed < first + count; seed += 1) {
    const broken = await liveSeed(world, seed, path);
    if (broken !== null) tell({ kind: "broken", broken });
  }
  tell({ kind: "lived" });
});
process.on("disconnect", () => process.exit(0));
