import {
  type CurrencyPrice,
  expiryMsOf,
  type MarketSnapshot,
  moveUnderlying,
  type QuotedInstrument,
  type SettlementAverage,
  type TokenState,
  type UnderlyingState,
} from "@plimsoll/risk";
import { ageOf, findConsensus } from "./consensus.ts";
import { fillVolatilities } from "./fill-volatilities.ts";
import { keepRates } from "./keep-rates.ts";
import { keepLapsed } from "./lapsed-instruments.ts";
import type { OracleParameters, SourceMarks, UnderlyingQuotes } from "./model.ts";
import { extendAverages } from "./settlement-averages.ts";
import { keepTokenRates } from "./token-rates.ts";
import { findTokenState } from "./token-state.ts";

/**
 * Builds one view of the market at one time: a consensus price per underlying, and the marks of its newest source,
 * moved to that price. An instrument without a mark keeps its last one among the lapsed, and a perpetual without a
 * funding rate keeps its last rate. An underlying whose price is blocked is listed but not offered as a currency price,
 * so that nothing is valued by it unnoticed.
 */
export function buildSnapshot(
  quotes: readonly UnderlyingQuotes[],
  asOfMs: number,
  previous: MarketSnapshot | null,
  parameters: OracleParameters,
): Omit<MarketSnapshot, "snapshotId"> {
  const underlyings: UnderlyingState[] = [];
  const currencies: CurrencyPrice[] = [{ currency: "USD", priceUsd: 1 }];
  const instruments = new Map<string, QuotedInstrument>();
  const settlementAverages: SettlementAverage[] = [];
  const tokens: TokenState[] = [];
  const sorted = quotes.toSorted((a, b) => compare(a.underlying, b.underlying));
  const quoted = sorted.map(({ underlying, index, marks, tokens: read = [] }) => {
    const before = previous?.underlyings.find((state) => state.underlying === underlying);
    const known = previous === null || before === undefined ? null : { state: before, asOfMs: previous.asOfMs };
    return { underlying, marks, read, agreed: findConsensus(underlying, index, asOfMs, known, parameters) };
  });
  const currencyPrices = new Map(
    quoted.flatMap(({ agreed }) =>
      agreed === null || agreed.quality === "blocked" ? [] : [[agreed.underlying, agreed.indexPrice] as const],
    ),
  );
  for (const { underlying, marks, read, agreed } of quoted) {
    const token = findTokenState(read, asOfMs, parameters);
    if (token !== null && tokens.length < parameters.tokensPerSnapshot) tokens.push(token);
    if (agreed === null) continue;
    const newest = marks.reduce<SourceMarks | null>(
      (best, next) => (best === null || next.observedAtMs > best.observedAtMs ? next : best),
      null,
    );
    const fits = instruments.size + (newest?.instruments.length ?? 0) <= parameters.instrumentsPerSnapshot;
    const state = newest === null ? agreed : fits ? withMarkAge(agreed, newest, asOfMs, parameters) : tooMany(agreed);
    underlyings.push(state);
    if (state.quality !== "blocked" && underlying !== "USD") {
      currencies.push({ currency: underlying, priceUsd: state.indexPrice });
    }
    if (newest === null || !fits) continue;
    const averages = extendAverages(newest, state.indexPrice, currencyPrices, asOfMs);
    settlementAverages.push(...averages);
    for (const moved of moveMarks(newest, averages, state, asOfMs))
      instruments.set(moved.instrument.instrumentId, moved);
  }
  const tokenRates = keepTokenRates(previous, parameters);
  const lapsed = keepLapsed(previous, { quotes, underlyings, instruments }, asOfMs, parameters);
  return {
    asOfMs,
    currencies,
    underlyings,
    instruments: keepRates(
      previous,
      [...instruments.values()].sort((a, b) => compare(a.instrument.instrumentId, b.instrument.instrumentId)),
    ),
    ...(settlementAverages.length > 0 && { settlementAverages }),
    ...(tokens.length > 0 && { tokens }),
    ...(tokenRates.length > 0 && { tokenRates }),
    ...(lapsed.length > 0 && { lapsed }),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Blocks an underlying with more instruments than the limit. Taking only some of them could margin one half of a hedge.
 */
function tooMany(state: UnderlyingState): UnderlyingState {
  return { ...state, quality: "blocked", qualityReason: "its instruments exceed the limit of a snapshot" };
}

/**
 * Degrades the quality if the marks are too old, since forwards and volatilities may have moved differently from the
 * index.
 */
function withMarkAge(
  state: UnderlyingState,
  marks: SourceMarks,
  asOfMs: number,
  { marksMaxAgeMs }: OracleParameters,
): UnderlyingState {
  const markAgeMs = ageOf(marks, asOfMs);
  const priceAgeMs = Math.max(state.priceAgeMs, markAgeMs);
  if (markAgeMs <= marksMaxAgeMs || state.quality === "blocked") return { ...state, priceAgeMs };
  const qualityReason = `marks of ${marks.source} are ${markAgeMs} ms old`;
  return { ...state, priceAgeMs, quality: "degraded", qualityReason };
}

/**
 * Moves the marks to the agreed index price: forwards in proportion, options revalued at their volatilities. Expired
 * instruments are left out.
 */
function moveMarks(
  marks: SourceMarks,
  settlementAverages: readonly SettlementAverage[],
  { underlying, indexPrice }: UnderlyingState,
  asOfMs: number,
) {
  const alive = marks.instruments.filter(({ instrument }) => expiryMsOf(instrument) > asOfMs);
  const instruments = fillVolatilities(alive, asOfMs);
  const observed = { snapshotId: "", asOfMs, currencies: [], underlyings: [], instruments, settlementAverages };
  return moveUnderlying(observed, underlying, indexPrice / marks.indexPrice).instruments;
}
