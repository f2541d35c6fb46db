import {
  createMarginEngine,
  defaultParameters,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  type Pool,
  type QuotedInstrument,
} from "@plimsoll/risk";

const accountCount = 100;
const rounds = 40;
const positionCounts = [5, 20, 200] as const;

/** Time of one method for accounts of one size, beside the method `portfolio` in the same run. */
export interface MethodBench {
  readonly methodId: MethodId;
  readonly positions: number;
  /** Microseconds an account, best round, instruments priced before. */
  readonly perAccountUs: number;
  /** Against `portfolio` with as many positions. */
  readonly ratio: number;
}

/** Margins accounts of 5, 20 and 200 positions by every method on one market: best of interleaved rounds. */
export function benchMethods(snapshot: MarketSnapshot): MethodBench[] {
  const engine = createMarginEngine(snapshot, defaultParameters);
  return positionCounts.flatMap((positions) => {
    const accounts = new Map(methodIds.map((methodId) => [methodId, accountsOf(snapshot, methodId, positions)]));
    const best = new Map<MethodId, number>();
    for (let round = 0; round < rounds; round += 1) {
      for (const methodId of methodIds) {
        const held = accounts.get(methodId) ?? [];
        const started = performance.now();
        for (const account of held) {
          const result = engine.margin(account);
          if (result.status === "not_margined") throw new Error(`${methodId}: ${result.field} is ${result.value}`);
        }
        const us = ((performance.now() - started) * 1000) / held.length;
        best.set(methodId, Math.min(us, best.get(methodId) ?? Number.POSITIVE_INFINITY));
      }
    }
    const plain = best.get("portfolio") ?? Number.NaN;
    return [...best].map(([methodId, perAccountUs]) => ({
      methodId,
      positions,
      perAccountUs,
      ratio: perAccountUs / plain,
    }));
  });
}

/** US-dollar pools with positions drawn evenly from what the method margins; there are fewer contracts than 200 without options. */
export function accountsOf(
  snapshot: MarketSnapshot,
  methodId: MethodId,
  positions: number,
  count = accountCount,
): Pool[] {
  const held = snapshot.instruments.filter((quoted) => isMarginedBy(methodId, quoted));
  let state = 20260205;
  const draw = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 1;
    return state % below;
  };
  return Array.from({ length: count }, (_, account) => ({
    accountId: `account-${account}`,
    poolCurrency: "USD",
    methodId,
    ledgerSequence: 1,
    collateral: [
      { asset: "USD", amount: 1_000_000 },
      { asset: "BTC", amount: 2 },
    ],
    positions: Array.from({ length: positions }, () => {
      const { instrument, markPrice } = held[draw(held.length)]!;
      return { instrumentId: instrument.instrumentId, quantity: draw(41) - 20, entryPrice: markPrice };
    }),
  }));
}

function isMarginedBy(methodId: MethodId, { instrument: { kind } }: QuotedInstrument): boolean {
  if (methodId === "account_ratio") return kind !== "option";
  return kind !== "future" || !methodId.startsWith("derive");
}
