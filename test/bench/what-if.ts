import {
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  type Pool,
} from "@plimsoll/risk";
import { accountsOf } from "./methods.ts";

const positions = 500;
const candidates = 1_000;
/** Single answers are slow and alike, so that fewer of them tell as much. */
const singles = 100;
const rounds = 5;

/** Time of 1,000 answers to "what if" about one account, beside answering one by one. */
export interface WhatIfBench {
  readonly methodId: MethodId;
  readonly positions: number;
  /** Microseconds a candidate, best round: margin before and after the change, and all candidates of one account. */
  readonly baselineUs: number;
  readonly oursUs: number;
  readonly ratio: number;
}

/** Adds one position to an account of 500, for each of 1,000 candidates and by every method: best of interleaved rounds. */
export function benchWhatIfs(snapshot: MarketSnapshot): WhatIfBench[] {
  const engine = createMarginEngine(snapshot, defaultParameters);
  return methodIds.map((methodId) => {
    const [base, other] = [positions, candidates].map((count) => accountsOf(snapshot, methodId, count, 1)[0]!);
    const changed = other!.positions.map((position): Pool => ({ ...base!, positions: [...base!.positions, position] }));
    return { methodId, positions, ...compare(engine, base!, changed) };
  });
}

function compare(engine: MarginEngine, base: Pool, changed: readonly Pool[]) {
  let [baselineUs, oursUs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const single = changed.slice(0, singles).map((pool) => [engine.margin(base), engine.margin(pool)]);
    const between = performance.now();
    const marginOf = engine.marginChanges(base);
    const together = changed.map(marginOf);
    const ended = performance.now();
    baselineUs = Math.min(baselineUs, ((between - started) * 1000) / singles);
    oursUs = Math.min(oursUs, ((ended - between) * 1000) / changed.length);
    for (const [place, [, after]] of single.entries()) {
      if (JSON.stringify(after) !== JSON.stringify(together[place])) throw new Error(`candidate ${place} differs`);
    }
  }
  return { baselineUs, oursUs, ratio: oursUs / baselineUs };
}
