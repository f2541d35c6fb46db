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

/**
 * The greatest price, size or quantity that is accepted. Its inverse is the least price. Within these limits no product
 * overflows.
 */
export const MAGNITUDE_LIMIT = 1e18;

/** Returns whether an underlying is blocked by the oracle, or lacks a usable index price or confidence width. */
export function isBlocked(state: UnderlyingState): boolean {
  return state.quality === "blocked" || !isUsablePrice(state.indexPrice) || !(state.confidenceWidth >= 0);
}

/** Returns whether a price, size or strike lies between 1 / MAGNITUDE_LIMIT and MAGNITUDE_LIMIT. */
export function isUsablePrice(price: number): boolean {
  return price >= 1 / MAGNITUDE_LIMIT && price <= MAGNITUDE_LIMIT;
}

/** The facts of an instrument that a book needs. They are the same at every price. */
export interface InstrumentFacts {
  /**
   * The place of the instrument in the order of underlying, settlement currency and id. All sums are taken in this
   * order.
   */
  readonly rank: number;
  readonly traits: ProductTraits;
  /** The index of its underlying in the market's underlyings, or -1 if the snapshot has no such underlying. */
  readonly underlyingIndex: number;
  readonly settlementCurrency: string;
  /** A number that instruments of the same expiry share. All perpetuals share one number. */
  readonly expiryKey: number;
  /**
   * A number that options of any kind share if they have one underlying, settlement currency, expiry and strike. It is
   * -1 for other instruments.
   */
  readonly strikeKey: number;
  /** The reason why the instrument cannot be margined, or null if it can. */
  readonly fault: InstrumentFault | null;
}

/** The part of a market that the facts of its instruments are found from: a snapshot and a parameter set, looked up. */
export interface PricedMarket {
  readonly snapshot: MarketSnapshot;
  /** The underlyings, sorted by name and parallel to `views`. */
  readonly underlyings: readonly UnderlyingState[];
  readonly underlyingIndexes: ReadonlyMap<string, number>;
  /** The price of each currency in US dollars. Currencies without a usable price are left out. */
  readonly currencyPrices: ReadonlyMap<string, number>;
  readonly collateral: ReadonlyMap<string, CollateralParameters>;
  /** The scan of each underlying. It is null if the parameters have none for it. */
  readonly views: readonly ({ readonly scan: ScanParameters } | null)[];
}

/** Collects the facts of all instruments, parallel to the instruments of the snapshot. */
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

/** Compares instruments by underlying, then by settlement currency, then by id. */
function compareInstruments({ instrument: a }: QuotedInstrument, { instrument: b }: QuotedInstrument): number {
  return (
    compareText(a.underlying, b.underlying) ||
    compareText(settlementCurrency(a), settlementCurrency(b)) ||
    compareText(a.instrumentId, b.instrumentId)
  );
}

/** Returns the number of a key. Keys are numbered from 0 in the order of first use. */
function keyOf<Key>(keys: Map<Key, number>, key: Key): number {
  const known = keys.get(key);
  if (known !== undefined) return known;
  keys.set(key, keys.size);
  return keys.size - 1;
}

/** A reason why a held instrument cannot be margined. */
export type InstrumentFault =
  | { readonly code: "instrument_expired" | "volatility_missing" | "unsupported_instrument"; readonly value: string }
  | { readonly code: "settlement_average_missing"; readonly value: string }
  | { readonly code: "prices_blocked" | "currency_not_priced" | "parameters_missing"; readonly value: string };

/** Returns the first reason, in a fixed order, why an instrument cannot be margined, or null if it can. */
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
  // The currencies that it settles and is quoted in move the pool just as its underlying does.
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
  // The mark of an option may be 0, or close to 0.
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

/** The greatest volatility that is accepted, per year. One above 100,000 % is a fault of its source. */
const VOLATILITY_LIMIT = 1000;

/** Compares two texts by their UTF-16 code units, which gives the same order on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
