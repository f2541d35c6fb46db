import {
  createRiskArrays,
  daysToExpiry,
  type RiskArrays,
  releaseRiskArrays,
  reserveRiskArray,
  writeRiskArray,
} from "../../arrays/index.ts";
import type { MethodId } from "../../methods/method-parameters.ts";
import { type BuiltMethod, getMarginMethod, type MethodRegistry, methodRegistry } from "../../methods/registry.ts";
import {
  type DatedRate,
  expiryMsOf,
  gainsByReciprocal,
  hasStrike,
  type Instrument,
  type LapsedInstrument,
  type MarketSnapshot,
  type ParameterSet,
  priceCurrency,
  type QuotedInstrument,
  type ScanParameters,
  type StrikeInstrument,
  type TokenState,
  traitsOf,
  type UnderlyingState,
} from "../../model/index.ts";
import { exp } from "../../numbers/index.ts";
import { DAYS_PER_YEAR } from "../../numbers/time.ts";
import { paysFunding } from "../../perpetuals/index.ts";
import { type ScenarioSet, scenarioSetOf } from "../../scenarios/index.ts";
import { blendInWindows } from "../../settlement/index.ts";
import { contractGreeks } from "./contract-greeks.ts";
import { collectFacts, compareText, type InstrumentFacts, type PricedMarket } from "./instrument-facts.ts";
import { moveQuotedInstrument } from "./move-underlying.ts";
import { isUsablePrice } from "./usable-price.ts";

/** What the kernel needs of a snapshot and a parameter set, looked up once; everything is in a fixed, sorted order. */
export interface Market extends PricedMarket {
  readonly parameters: ParameterSet;
  /** The method behind an id, with its parameters of this set. */
  readonly methodOf: (methodId: MethodId) => BuiltMethod;
  readonly instrumentIndexes: ReadonlyMap<string, number>;
  /** By id, what has no mark any more. */
  readonly lapsed: ReadonlyMap<string, LapsedInstrument>;
  /** By ids that are not known, what to do about them; see remedyOfUnknown. */
  readonly remediesOfUnknown: Map<string, string>;
  /** Parallel to the instruments of the snapshot. */
  readonly facts: readonly InstrumentFacts[];
  readonly asOfMs: number;
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** By token, the redemption rates of the days before. */
  readonly tokenRates: ReadonlyMap<string, readonly DatedRate[]>;
  /** Null where the parameters have no scan for the underlying. */
  readonly views: readonly (UnderlyingView | null)[];
}

/** One underlying at a price: its index moved by `multiplier`, and the instruments priced there as they are needed. */
export interface UnderlyingView {
  readonly state: UnderlyingState;
  readonly multiplier: number;
  /** US dollars, already moved. */
  readonly indexPrice: number;
  readonly scan: ScanParameters;
  readonly set: ScenarioSet;
  readonly arrays: RiskArrays;
  /** By the index of the instrument in the snapshot; undefined until first asked for. */
  readonly rows: (InstrumentRow | undefined)[];
}

/** What a scan reads of a view besides the instruments. */
export type MovedPrices = Pick<UnderlyingView, "state" | "indexPrice" | "scan" | "set">;

/** One instrument at the price of its view, per one long contract. */
export interface InstrumentRow {
  /** Where its risk array starts in the arrays of the view; -1 until a scan asks for it, see getRiskArray. */
  offset: number;
  readonly quoted: QuotedInstrument;
  readonly isPaidFor: boolean;
  /** See gainsByReciprocal. */
  readonly isInverse: boolean;
  /** Side and strike of calls and puts of every kind; null for everything else. */
  readonly strikeTerms: Pick<StrikeInstrument, "optionType" | "strike"> | null;
  readonly paysFunding: boolean;
  /** Its forward over the index of the view, the same at every price. */
  readonly forwardToIndex: number;
  readonly contractSize: number;
  readonly markPrice: number;
  /** Change of the contract's value for a move of the price by 1, both in US dollars: units of the underlying. */
  readonly delta: number;
  /** Change of delta per US dollar. */
  readonly gamma: number;
  /** US dollars per volatility point. */
  readonly vega: number;
  /** US dollars per day. */
  readonly theta: number;
  /** Share of the index charged per unit of net delta of this expiry: the roll. */
  readonly calendarRate: number;
  /** Never rolled by itself: perpetuals of all kinds. */
  readonly isPerpetual: boolean;
}

/** Prepares a snapshot; throws when it is not in the order its contract states. */
export function createMarket(
  pinned: MarketSnapshot,
  parameters: ParameterSet,
  registry: MethodRegistry = methodRegistry,
): Market {
  const snapshot = blendInWindows(pinned);
  const instrumentIndexes = new Map<string, number>();
  let previous = "";
  for (const [index, quoted] of snapshot.instruments.entries()) {
    const { instrumentId } = quoted.instrument;
    if (index > 0 && instrumentId <= previous) {
      throw new RangeError(
        `Snapshot ${snapshot.snapshotId}: instruments[${index}] is ${instrumentId} after ${previous}; sort them by id, each once`,
      );
    }
    previous = instrumentId;
    instrumentIndexes.set(instrumentId, index);
  }
  const underlyings = [...snapshot.underlyings].sort((a, b) => compareText(a.underlying, b.underlying));
  const usable = snapshot.currencies.filter(({ priceUsd }) => isUsablePrice(priceUsd));
  const market = {
    snapshot,
    parameters,
    methodOf: (methodId: MethodId) => getMarginMethod(parameters, methodId, registry),
    instrumentIndexes,
    remediesOfUnknown: new Map<string, string>(),
    lapsed: new Map(snapshot.lapsed?.map((entry) => [entry.quoted.instrument.instrumentId, entry])),
    underlyings,
    underlyingIndexes: new Map(underlyings.map(({ underlying }, index) => [underlying, index])),
    currencyPrices: new Map(usable.map(({ currency, priceUsd }) => [currency, priceUsd])),
    collateral: new Map(parameters.collateral.map((entry) => [entry.asset, entry])),
    asOfMs: snapshot.asOfMs,
    tokens: new Map(snapshot.tokens?.map((token) => [token.asset, token])),
    tokenRates: new Map(snapshot.tokenRates?.map(({ asset, rates }) => [asset, rates])),
    views: underlyings.map((state) => {
      const scan = findScanParameters(parameters, state.underlying);
      return scan && createView(state, scan, snapshot.instruments.length);
    }),
  };
  return { ...market, facts: collectFacts(market) };
}

/** The scan of an underlying, or the one of `*`; null when there is neither. */
export function findScanParameters(parameters: ParameterSet, underlying: string): ScanParameters | null {
  const { scan } = parameters;
  return scan.find((s) => s.underlying === underlying) ?? scan.find((s) => s.underlying === "*") ?? null;
}

/** The same market with one underlying, and the coin of its name, at a multiple of its price. */
export function moveMarket(market: Market, moved: UnderlyingView): Market {
  const { underlying } = moved.state;
  const currencyPrices = movePrices(market, underlying, moved.multiplier);
  // Deltas of what is quoted in a stablecoin are worth its price; nothing is quoted in any other coin that moves.
  const requoted = isPegged(market, underlying);
  const views = market.views.map((view) => {
    if (view?.state === moved.state) return moved;
    return requoted && view
      ? { ...view, rows: view.rows.map((row) => row && requote(market, row, currencyPrices)) }
      : view;
  });
  return { ...market, currencyPrices, views };
}

/** A row with its Greeks at other prices of the currency that it is quoted in. */
function requote(market: Market, row: InstrumentRow, currencyPrices: ReadonlyMap<string, number>): InstrumentRow {
  const price = currencyPrices.get(row.quoted.instrument.quoteCurrency) ?? 1;
  return { ...row, ...contractGreeks(row.quoted, market.snapshot.asOfMs, price) };
}

/** Prices of currencies with one underlying at a multiple of its price, and with it the markets of what redeems into it. */
export function movePrices(market: Market, underlying: string, multiple: number): Map<string, number> {
  const prices = new Map(market.currencyPrices);
  const move = (currency: string) => {
    const price = prices.get(currency);
    if (price !== undefined) prices.set(currency, price * multiple);
  };
  move(underlying);
  for (const { asset, valuation } of market.collateral.values()) {
    if (valuation.kind === "redeemable" && valuation.redeemsInto === underlying) move(asset);
  }
  return prices;
}

/** A view of the same underlying at a multiple of its price, nothing priced yet. */
export function moveView(view: UnderlyingView, multiplier: number): UnderlyingView {
  const rows: (InstrumentRow | undefined)[] = [];
  const arrays = createRiskArrays(0);
  return { ...view, multiplier, indexPrice: view.state.indexPrice * multiplier, arrays, rows };
}

function createView(state: UnderlyingState, scan: ScanParameters, instrumentCount: number): UnderlyingView {
  const set = scenarioSetOf(scan, state.underlying);
  const arrays = createRiskArrays(FIRST_ROWS * set.scenarioCount);
  const rows = new Array<InstrumentRow | undefined>(instrumentCount);
  return { state, multiplier: 1, indexPrice: state.indexPrice, scan, set, arrays, rows };
}

/** Gives the memory of a view's risk arrays back; they are written anew when they are asked for. */
export function releaseView(view: UnderlyingView): void {
  releaseRiskArrays(view.arrays);
  for (const row of view.rows) if (row !== undefined) row.offset = -1;
}

/** Risk arrays there is room for before a buffer has to grow. */
export const FIRST_ROWS = 16;

/** The instrument at the price of the view, priced on first use. The instrument must have passed the checks of a book. */
export function getRow(market: Market, view: UnderlyingView, instrumentIndex: number): InstrumentRow {
  const known = view.rows[instrumentIndex];
  if (known !== undefined) return known;
  const { asOfMs, instruments } = market.snapshot;
  const quoted = moveQuotedInstrument(instruments[instrumentIndex]!, view.multiplier, asOfMs);
  const { instrument } = quoted;
  const years = yearsToExpiry(instrument, asOfMs);
  const row: InstrumentRow = {
    offset: -1,
    quoted,
    isPaidFor: traitsOf(instrument).isPaidFor,
    isInverse: gainsByReciprocal(instrument),
    strikeTerms: hasStrike(instrument) ? instrument : null,
    paysFunding: paysFunding(quoted),
    forwardToIndex: quoted.forwardPrice / view.indexPrice,
    contractSize: instrument.contractSize,
    markPrice: quoted.markPrice,
    ...contractGreeks(quoted, asOfMs, market.currencyPrices.get(priceCurrency(instrument)) ?? 1),
    calendarRate: calendarRate(view.scan, instrument, years),
    isPerpetual: expiryMsOf(instrument) === Number.POSITIVE_INFINITY,
  };
  view.rows[instrumentIndex] = row;
  return row;
}

/** Where the risk array of a row of the view starts in its arrays, written on first use. */
export function getRiskArray(market: Market, { arrays, set, scan }: UnderlyingView, row: InstrumentRow): number {
  if (row.offset >= 0) return row.offset;
  row.offset = reserveRiskArray(arrays, set.scenarioCount);
  writeRiskArray(arrays.buffer, row.offset, row.quoted, set, scan, market.snapshot.asOfMs);
  return row.offset;
}

/** Numbers that priceInto writes for one instrument. */
export function pricedLength({ set }: UnderlyingView, multipleCount: number): number {
  return multipleCount * (set.scenarioCount + 2);
}

/**
 * Prices an instrument with its underlying at several multiples of the price of `view`, into out[offset ...]: all risk
 * arrays, then all marks, then all deltas, by multiple.
 */
export function priceInto(
  out: Float64Array,
  offset: number,
  market: Market,
  view: UnderlyingView,
  instrumentIndex: number,
  multiples: readonly number[],
): void {
  const { asOfMs, instruments } = market.snapshot;
  const { set, scan } = view;
  const marks = offset + multiples.length * set.scenarioCount;
  const deltas = marks + multiples.length;
  for (let m = 0; m < multiples.length; m += 1) {
    const quoted = moveQuotedInstrument(instruments[instrumentIndex]!, multiples[m]!, asOfMs);
    writeRiskArray(out, offset + m * set.scenarioCount, quoted, set, scan, asOfMs);
    out[marks + m] = quoted.markPrice;
    out[deltas + m] = contractGreeks(quoted, asOfMs, 1).delta;
  }
}

function yearsToExpiry(instrument: Instrument, asOfMs: number): number {
  return daysToExpiry(instrument, asOfMs) / DAYS_PER_YEAR;
}

/**
 * max(minimum, exp(annualised x years) - 1); a perpetual pays the minimum (docs/sources.md, Deribit portfolio margin).
 */
function calendarRate(scan: ScanParameters, instrument: Instrument, years: number): number {
  if (expiryMsOf(instrument) === Number.POSITIVE_INFINITY) return scan.calendarMinimumMove;
  return Math.max(scan.calendarMinimumMove, exp(scan.calendarAnnualisedMove * years) - 1);
}

/** Whether a currency is a stablecoin that its depeg tiers speak for, so that no scan moves it. */
export function isPegged({ collateral }: Pick<Market, "collateral">, currency: string): boolean {
  return collateral.get(currency)?.valuation.kind === "pegged";
}

/** Whether a currency stands for others: it can be collateral, but nothing is counted or settled in it. */
export function isToken({ collateral }: Pick<Market, "collateral">, currency: string): boolean {
  const kind = collateral.get(currency)?.valuation.kind;
  return kind === "redeemable" || kind === "pool_token";
}

/** The state of an underlying; undefined where the snapshot has none. */
export function findUnderlying(market: Market, underlying: string): UnderlyingState | undefined {
  const index = market.underlyingIndexes.get(underlying);
  return index === undefined ? undefined : market.underlyings[index];
}
