import { createRandom, measureTail } from "@plimsoll/risk";

const vectors = 20;
const rounds = 400;

/** Value at risk and expected shortfall of loss vectors by selection, beside sorting them. */
export interface TailBench {
  readonly scenarios: number;
  /** Nanoseconds a vector: a copy sorted as a typed array, and measureTail. */
  readonly baselineNs: number;
  readonly oursNs: number;
  readonly ratio: number;
}

/** Normal losses at 99 %: best of interleaved rounds over vectors that no branch predictor has learnt by heart. */
export function benchTails(): TailBench[] {
  return [1_000, 4_096].map((scenarios) => {
    const random = createRandom(scenarios);
    const losses = Array.from({ length: vectors }, () => Float64Array.from({ length: scenarios }, random.normal));
    const sorted = new Float64Array(scenarios);
    let kept = 0;
    let baselineNs = Number.POSITIVE_INFINITY;
    let oursNs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round += 1) {
      const started = performance.now();
      for (const own of losses) {
        sorted.set(own);
        kept += sorted.sort()[0]!;
      }
      const between = performance.now();
      for (const own of losses) kept += measureTail(own, 0.99).expectedShortfall;
      const ended = performance.now();
      baselineNs = Math.min(baselineNs, ((between - started) * 1e6) / vectors);
      oursNs = Math.min(oursNs, ((ended - between) * 1e6) / vectors);
    }
    if (Number.isNaN(kept)) throw new Error("a tail is NaN");
    return { scenarios, baselineNs, oursNs, ratio: oursNs / baselineNs };
  });
}
