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
import {
  collectFacts,
  compareText,
  type InstrumentFacts,
  isUsablePrice,
  type PricedMarket,
} from "./instrument-facts.ts";
import { moveQuotedInstrument } from "./move-underlying.ts";

/**
 * A snapshot and a parameter set with everything that the kernel needs of them looked up once. All lists are in a
 * fixed, sorted order.
 */
export interface Market extends PricedMarket {
  readonly parameters: ParameterSet;
  /** Returns the method with an id, built with its parameters of this set. */
  readonly methodOf: (methodId: MethodId) => BuiltMethod;
  readonly instrumentIndexes: ReadonlyMap<string, number>;
  /** The instruments that no longer have a mark, by id. */
  readonly lapsed: ReadonlyMap<string, LapsedInstrument>;
  /**
   * The remedies for instrument ids that are not known, by id. They are found when first needed; see remedyOfUnknown.
   */
  readonly remediesOfUnknown: Map<string, string>;
  /** The facts of the instruments, parallel to the instruments of the snapshot. */
  readonly facts: readonly InstrumentFacts[];
  readonly asOfMs: number;
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** The redemption rates of earlier days, by token. */
  readonly tokenRates: ReadonlyMap<string, readonly DatedRate[]>;
  /** The view of each underlying. It is null if the parameters have no scan for it. */
  readonly views: readonly (UnderlyingView | null)[];
}

/**
 * One underlying at a price, which is its index price times `multiplier`. Its instruments are priced there when they
 * are needed.
 */
export interface UnderlyingView {
  readonly state: UnderlyingState;
  readonly multiplier: number;
  /** The index price in US dollars, already moved. */
  readonly indexPrice: number;
  readonly scan: ScanParameters;
  readonly set: ScenarioSet;
  readonly arrays: RiskArrays;
  /**
   * The priced instruments, by the index of the instrument in the snapshot. An entry is undefined until it is first
   * asked for.
   */
  readonly rows: (InstrumentRow | undefined)[];
}

/** The parts of a view, besides its instruments, that a scan reads. */
export type MovedPrices = Pick<UnderlyingView, "state" | "indexPrice" | "scan" | "set">;

/** One instrument at the price of its view. All figures are those of one long contract. */
export interface InstrumentRow {
  /**
   * The start of its risk array in the arrays of the view. It is -1 until a scan asks for the array; see getRiskArray.
   */
  offset: number;
  readonly quoted: QuotedInstrument;
  readonly isPaidFor: boolean;
  /** Whether its profit goes by the reciprocal of the price; see gainsByReciprocal. */
  readonly isInverse: boolean;
  /** The strike of a call or put of any kind, and which of the two it is. It is null for other instruments. */
  readonly strikeTerms: Pick<StrikeInstrument, "optionType" | "strike"> | null;
  readonly paysFunding: boolean;
  /** Its forward divided by the index price of the view. Outside settlement windows it is the same at every price. */
  readonly forwardToIndex: number;
  readonly contractSize: number;
  readonly markPrice: number;
  /**
   * The change of the contract's value for a move of the price by 1, both in US dollars. It is in units of the
   * underlying.
   */
  readonly delta: number;
  /** The change of `delta` for a move of the price by 1 US dollar. */
  readonly gamma: number;
  /** The change of value in US dollars per volatility point. */
  readonly vega: number;
  /** The change of value in US dollars per day. */
  readonly theta: number;
  /** The share of the index price that is charged for each unit of net delta of this expiry (the roll). */
  readonly calendarRate: number;
  /** Whether it is a perpetual of any kind. A perpetual is never charged for rolling by itself. */
  readonly isPerpetual: boolean;
}

/** Prepares a snapshot. Throws a RangeError if its instruments are not sorted by id, each once. */
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

/** Returns the scan of an underlying, or else the scan of `*`, or null if there is neither. */
export function findScanParameters(parameters: ParameterSet, underlying: string): ScanParameters | null {
  const { scan } = parameters;
  return scan.find((s) => s.underlying === underlying) ?? scan.find((s) => s.underlying === "*") ?? null;
}

/** Returns the market with one underlying, and the coin of its name, at a multiple of its price. */
export function moveMarket(market: Market, moved: UnderlyingView): Market {
  const { underlying } = moved.state;
  const currencyPrices = movePrices(market, underlying, moved.multiplier);
  // Gamma, vega and theta of an instrument quoted in a stablecoin depend on its price. No instrument is quoted in
  // another coin that moves.
  const requoted = isPegged(market, underlying);
  const views = market.views.map((view) => {
    if (view?.state === moved.state) return moved;
    return requoted && view
      ? { ...view, rows: view.rows.map((row) => row && requote(market, row, currencyPrices)) }
      : view;
  });
  return { ...market, currencyPrices, views };
}

/** Returns a row with its Greeks at another price of its quote currency. */
function requote(market: Market, row: InstrumentRow, currencyPrices: ReadonlyMap<string, number>): InstrumentRow {
  const price = currencyPrices.get(row.quoted.instrument.quoteCurrency) ?? 1;
  return { ...row, ...contractGreeks(row.quoted, market.snapshot.asOfMs, price) };
}

/**
 * Returns the currency prices with one underlying at a multiple of its price. Tokens that redeem into the underlying
 * move with it.
 */
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

/** Returns a view of the same underlying at a multiple of its price. No instrument is priced in it yet. */
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

/** Frees the memory of a view's risk arrays. They are written anew when they are asked for again. */
export function releaseView(view: UnderlyingView): void {
  releaseRiskArrays(view.arrays);
  for (const row of view.rows) if (row !== undefined) row.offset = -1;
}

/** The number of risk arrays that a buffer has room for before it has to grow. */
export const FIRST_ROWS = 16;

/**
 * Returns an instrument at the price of the view, priced on first use. The instrument must have passed the checks of a
 * book.
 */
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

/** Returns the start of a row's risk array in the arrays of its view. The array is written on first use. */
export function getRiskArray(market: Market, { arrays, set, scan }: UnderlyingView, row: InstrumentRow): number {
  if (row.offset >= 0) return row.offset;
  row.offset = reserveRiskArray(arrays, set.scenarioCount);
  writeRiskArray(arrays.buffer, row.offset, row.quoted, set, scan, market.snapshot.asOfMs);
  return row.offset;
}

/** Returns how many numbers priceInto writes for one instrument. */
export function pricedLength({ set }: UnderlyingView, multipleCount: number): number {
  return multipleCount * (set.scenarioCount + 2);
}

/**
 * Prices an instrument with its underlying at several multiples of its price in the snapshot. It writes to out[offset
 * ...], by multiple: first all risk arrays, then all marks, then all deltas.
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
 * Returns max(minimum, exp(annualised x years) - 1); a perpetual pays the minimum (docs/sources.md, Deribit portfolio
 * margin).
 */
function calendarRate(scan: ScanParameters, instrument: Instrument, years: number): number {
  if (expiryMsOf(instrument) === Number.POSITIVE_INFINITY) return scan.calendarMinimumMove;
  return Math.max(scan.calendarMinimumMove, exp(scan.calendarAnnualisedMove * years) - 1);
}

/** Returns whether a currency is a pegged stablecoin. Its depeg tiers cover its price risk, so no scan moves it. */
export function isPegged({ collateral }: Pick<Market, "collateral">, currency: string): boolean {
  return collateral.get(currency)?.valuation.kind === "pegged";
}

/**
 * Returns whether a currency is a token that stands for other assets. It can be collateral, but no pool is counted in
 * it and nothing settles in it.
 */
export function isToken({ collateral }: Pick<Market, "collateral">, currency: string): boolean {
  const kind = collateral.get(currency)?.valuation.kind;
  return kind === "redeemable" || kind === "pool_token";
}

/** Returns the state of an underlying, or undefined if the snapshot has none. */
export function findUnderlying(market: Market, underlying: string): UnderlyingState | undefined {
  const index = market.underlyingIndexes.get(underlying);
  return index === undefined ? undefined : market.underlyings[index];
}
