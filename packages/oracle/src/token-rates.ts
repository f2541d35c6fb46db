import { type DatedRate, type MarketSnapshot, MS_PER_DAY, type TokenRates } from "@plimsoll/risk";
import type { OracleParameters } from "./model.ts";

/**
 * What the rates of a snapshot are held against: of each token the first redemption rate that a snapshot before it read on each
 * day, UTC. They outlast readings that fail, and are part of the snapshot, so that whoever has it can recompute what it believed.
 */
export function keepTokenRates(
  previous: MarketSnapshot | null,
  { tokensPerSnapshot, tokenRateDays }: OracleParameters,
): TokenRates[] {
  if (previous === null) return [];
  const known = new Map<string, readonly DatedRate[]>(
    previous.tokenRates?.map(({ asset, rates }) => [asset, rates] as const),
  );
  for (const state of previous.tokens ?? []) {
    if (state.kind !== "redeemable") continue;
    const rates = known.get(state.asset) ?? [];
    const last = rates.at(-1);
    if (last !== undefined && dayOf(previous.asOfMs) <= dayOf(last.atMs)) continue;
    const read = { atMs: previous.asOfMs, rate: state.rate };
    known.set(state.asset, [...rates, read].slice(-tokenRateDays));
  }
  return [...known].map(([asset, rates]) => ({ asset, rates })).slice(0, tokensPerSnapshot);
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / MS_PER_DAY);
}
