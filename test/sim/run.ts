import { World } from "../support/world.ts";
import { tryShrunk } from "./seeds.ts";
import { shardCount, warmUp } from "./simulate.ts";

const world = await World.open(shardCount, "memory");
await warmUp(world);
const n = Number(process.argv[2] ?? 20);
const from = Number(process.argv[3] ?? 1);
const c = process.cpuUsage();
const t = performance.now();
let bad = 0;
for (let seed = from; seed < from + n; seed++) {
  const r = await tryShrunk(world, seed);
  if (r) {
    bad++;
    console.log(seed, r.problem.slice(0, 900), JSON.stringify(r.history), r.tried);
    if (bad >= Number(process.argv[4] ?? 1)) break;
  }
}
console.log(process.cpuUsage(c).user / 1000 / n, "cpu ms", (performance.now() - t) / n, "ms per world");
process.exit(0);
