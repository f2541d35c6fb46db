import {
  type CollateralParameters,
  expiryMsOf,
  hasStrike,
  isCurvedPerpetual,
  isDeltaOne,
  type MarketSnapshot,
  type ProductTraits,
  priceCurrency,
  type QuotedInstrument,
  type ScanParameters,
  settlementCurrency,
  traitsOf,
  type UnderlyingState,
} from "../../model/index.ts";
import { findCurvedFault } from "../../perpetuals/index.ts";
import { lacksSettlementAverage } from "../../settlement/index.ts";
import { isBlocked, isUsablePrice, MAGNITUDE_LIMIT } from "./usable-price.ts";

/** What a book asks of an instrument, whatever the price. */
export interface InstrumentFacts {
  /** Place in the order of underlying, settlement currency and id, in which everything is summed. */
  readonly rank: number;
  readonly traits: ProductTraits;
  /** -1 when the snapshot has no such underlying. */
  readonly underlyingIndex: number;
  readonly settlementCurrency: string;
  /** The same for instruments of the same expiry; all perpetuals are one. */
  readonly expiryKey: number;
  /** The same for options of any kind of one underlying, settlement currency, expiry and strike; -1 for others. */
  readonly strikeKey: number;
  /** What stops it from being margined; null when nothing does. */
  readonly fault: InstrumentFault | null;
}

/** A snapshot and a parameter set, looked up: what there is of a market before the facts of its instruments are found. */
export interface PricedMarket {
  readonly snapshot: MarketSnapshot;
  /** Sorted by name; parallel to views. */
  readonly underlyings: readonly UnderlyingState[];
  readonly underlyingIndexes: ReadonlyMap<string, number>;
  /** US dollars per unit, only usable prices. */
  readonly currencyPrices: ReadonlyMap<string, number>;
  readonly collateral: ReadonlyMap<string, CollateralParameters>;
  /** Null where the parameters have no scan for the underlying. */
  readonly views: readonly ({ readonly scan: ScanParameters } | null)[];
}

/** Parallel to the instruments of the snapshot. */
export function collectFacts(market: PricedMarket): InstrumentFacts[] {
  const { instruments } = market.snapshot;
  const order = instruments
    .map((_, index) => index)
    .sort((a, b) => compareInstruments(instruments[a]!, instruments[b]!));
  const facts = new Array<InstrumentFacts>(instruments.length);
  const strikeKeys = new Map<string, number>();
  const expiryKeys = new Map<number, number>();
  for (const [rank, index] of order.entries()) {
    const { instrument } = instruments[index]!;
    const { underlying } = instrument;
    const currency = settlementCurrency(instrument);
    const expiryMs = expiryMsOf(instrument);
    facts[index] = {
      rank,
      traits: traitsOf(instrument),
      underlyingIndex: market.underlyingIndexes.get(underlying) ?? -1,
      settlementCurrency: currency,
      expiryKey: keyOf(expiryKeys, expiryMs),
      strikeKey: hasStrike(instrument)
        ? keyOf(strikeKeys, `${underlying} ${currency} ${expiryMs} ${instrument.strike}`)
        : -1,
      fault: findInstrumentFault(market, instruments[index]!),
    };
  }
  return facts;
}

/** Underlying, settlement currency, id. */
function compareInstruments({ instrument: a }: QuotedInstrument, { instrument: b }: QuotedInstrument): number {
  return (
    compareText(a.underlying, b.underlying) ||
    compareText(settlementCurrency(a), settlementCurrency(b)) ||
    compareText(a.instrumentId, b.instrumentId)
  );
}

/** A number for each key, counted from 0 in the order of first use. */
export function keyOf<Key>(keys: Map<Key, number>, key: Key): number {
  const known = keys.get(key);
  if (known !== undefined) return known;
  keys.set(key, keys.size);
  return keys.size - 1;
}

/** Why a held instrument cannot be margined; null when it can. */
export type InstrumentFault =
  | { readonly code: "instrument_expired" | "volatility_missing" | "unsupported_instrument"; readonly value: string }
  | { readonly code: "settlement_average_missing"; readonly value: string }
  | { readonly code: "prices_blocked" | "currency_not_priced" | "parameters_missing"; readonly value: string };

/** First thing that stops an instrument from being margined, in a fixed order. */
function findInstrumentFault(market: PricedMarket, quoted: QuotedInstrument): InstrumentFault | null {
  const { instrument } = quoted;
  const underlyingIndex = market.underlyingIndexes.get(instrument.underlying);
  if (underlyingIndex === undefined) return { code: "currency_not_priced", value: instrument.underlying };
  if (!isUsablePrice(instrument.contractSize)) {
    return { code: "unsupported_instrument", value: `contract_size ${instrument.contractSize}` };
  }
  if (hasStrike(instrument) && !isUsablePrice(instrument.strike)) {
    return { code: "unsupported_instrument", value: `strike ${instrument.strike}` };
  }
  if (!(expiryMsOf(instrument) > market.snapshot.asOfMs)) {
    return { code: "instrument_expired", value: instrument.instrumentId };
  }
  const currencies = [settlementCurrency(instrument), priceCurrency(instrument)];
  const unpriced = currencies.find((currency) => !market.currencyPrices.has(currency));
  if (unpriced !== undefined) return { code: "currency_not_priced", value: unpriced };
  // What it settles in moves the pool like its own underlying does.
  for (const name of [instrument.underlying, ...currencies]) {
    const index = market.underlyingIndexes.get(name);
    if (index === undefined) {
      if (market.collateral.get(name)?.movesInScenarios !== true) continue;
      return { code: "currency_not_priced", value: name };
    }
    if (market.views[index] === null) return { code: "parameters_missing", value: name };
    if (isBlocked(market.underlyings[index]!)) return { code: "prices_blocked", value: name };
  }
  if (lacksSettlementAverage(quoted, market.snapshot.asOfMs)) {
    return { code: "settlement_average_missing", value: instrument.instrumentId };
  }
  const { markPrice } = quoted;
  // An option may be worth nothing, or next to nothing.
  const markIsUsable = hasStrike(instrument)
    ? markPrice >= 0 && markPrice <= MAGNITUDE_LIMIT
    : isUsablePrice(markPrice);
  if (!isUsablePrice(quoted.forwardPrice) || !markIsUsable) {
    return { code: "prices_blocked", value: `forward ${quoted.forwardPrice}, mark ${quoted.markPrice}` };
  }
  if (isDeltaOne(instrument)) return null;
  const volatility = quoted.markVolatility;
  if (volatility === null || !(volatility >= 0 && volatility <= VOLATILITY_LIMIT)) {
    return { code: "volatility_missing", value: `${instrument.instrumentId}: ${volatility}` };
  }
  const unvalued = isCurvedPerpetual(instrument)
    ? findCurvedFault(instrument, volatility, market.views[underlyingIndex]!.scan)
    : null;
  return unvalued === null
    ? null
    : { code: "unsupported_instrument", value: `${instrument.instrumentId}: ${unvalued}` };
}

/** A volatility above 100,000 % a year is a fault of its source. */
const VOLATILITY_LIMIT = 1000;

/** Order of UTF-16 units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
