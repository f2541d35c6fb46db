import { createScratch } from "../arrays/scratch.ts";
import { log } from "../numbers/index.ts";
import type { ScenarioSet } from "../scenarios/index.ts";

const moveScratch = createScratch();
const multiplierScratch = createScratch();
const logScratch = createScratch();

/**
 * Returns the price moves of a scenario set, or the moves of a price of which only a share follows them. The arrays are
 * valid until the next call.
 */
export function settlementMoves(
  set: Pick<ScenarioSet, "scenarioCount" | "priceMove" | "priceMultiplier" | "logPriceMultiplier">,
  movingShare: number | undefined,
): Pick<ScenarioSet, "priceMove" | "priceMultiplier" | "logPriceMultiplier"> {
  if (movingShare === undefined) return set;
  const count = set.scenarioCount;
  const priceMove = moveScratch(count);
  const priceMultiplier = multiplierScratch(count);
  const logPriceMultiplier = logScratch(count);
  for (let s = 0; s < count; s += 1) {
    priceMove[s] = movingShare * set.priceMove[s]!;
    priceMultiplier[s] = 1 + priceMove[s]!;
    logPriceMultiplier[s] = log(priceMultiplier[s]!);
  }
  return { priceMove, priceMultiplier, logPriceMultiplier };
}
