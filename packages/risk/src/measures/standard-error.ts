import { countBeyond, measureTail, type TailMeasure } from "./tail.ts";

/**
 * Standard error of a figure of the tail of `losses` drawn independently, in their currency. Of the quantile half the distance
 * between the losses sqrt(n a (1 - a)) places either side of it, which is sqrt(a (1 - a) / n) / density without guessing a
 * density (METHODS 6.4); of the shortfall sqrt((tail variance + a (ES - VaR)^2) / (n (1 - a))), the usual asymptotic one.
 * Antithetic pairs make the true error smaller, or leave it. Infinity where too few losses lie beyond the quantile to say.
 */
export function standardErrorOf(losses: Float64Array, level: number, measure: TailMeasure): number {
  const { valueAtRisk, expectedShortfall, scenariosBeyond } = measureTail(losses, level);
  const count = losses.length;
  if (scenariosBeyond < 2) return Number.POSITIVE_INFINITY;
  const sorted = Float64Array.from(losses).sort();
  if (measure === "value_at_risk") {
    const place = count - 1 - countBeyond(count, level);
    const places = Math.max(1, Math.round(Math.sqrt(count * level * (1 - level))));
    const above = Math.min(count - 1, place + places);
    const below = Math.max(0, place - places);
    return (sorted[above]! - sorted[below]!) / 2;
  }
  let squares = 0;
  for (let index = count - scenariosBeyond; index < count; index += 1) {
    squares += (sorted[index]! - expectedShortfall) * (sorted[index]! - expectedShortfall);
  }
  const distance = expectedShortfall - valueAtRisk;
  return Math.sqrt((squares / scenariosBeyond + level * distance * distance) / scenariosBeyond);
}
