import { type DatedRate, type MarketSnapshot, MS_PER_DAY, type TokenRates } from "@plimsoll/risk";
import type { OracleParameters } from "./model.ts";

/**
 * Keeps the history against which redemption rates are checked: for each token the first rate that a previous snapshot
 * read on each UTC day. It survives failed readings and is part of the snapshot, so that anybody with the snapshot can
 * recompute the check.
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
