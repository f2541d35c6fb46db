import { writeRiskArray } from "../../arrays/index.ts";
import { expiryMsOf, type QuotedInstrument, type ScanParameters } from "../../model/index.ts";
import { isDated, isDatedOption } from "../../model/product-traits.ts";
import { exp } from "../../numbers/index.ts";
import { DAYS_PER_YEAR } from "../../numbers/time.ts";
import { black76Greeks, black76Price } from "../../pricing/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import { settlementMultiplier, varianceYears, windowShare } from "../../settlement/index.ts";

/** A position in an instrument at its snapshot prices. */
export interface Holding {
  readonly quoted: QuotedInstrument;
  /** Signed number of contracts. */
  readonly quantity: number;
}

/** One holding per instrument, sorted by id, so that neither the order nor the pieces of fills matter. */
export function netHoldings(holdings: readonly Holding[]): Holding[] {
  const netted = new Map<string, Holding>();
  for (const { quoted, quantity } of holdings) {
    const { instrumentId } = quoted.instrument;
    if (!Number.isFinite(quantity)) {
      throw new RangeError(`Holding of ${instrumentId} is ${quantity} contracts; give a finite number`);
    }
    netted.set(instrumentId, { quoted, quantity: (netted.get(instrumentId)?.quantity ?? 0) + quantity });
  }
  return [...netted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, holding]) => holding);
}

/**
 * Net holdings fit for scenarios. Refuses, with the instrument and the value, what would make a requirement of nothing: an
 * instrument at or past its expiry, a forward or mark that is no price, an option without a volatility.
 */
export function prepareHoldings(holdings: readonly Holding[], asOfMs: number): Holding[] {
  const netted = netHoldings(holdings);
  for (const { quoted } of netted) {
    const { instrument, forwardPrice, markPrice, markVolatility } = quoted;
    const name = instrument.instrumentId;
    if (!(expiryMsOf(instrument) > asOfMs)) {
      throw new RangeError(`${name} expired at ${expiryMsOf(instrument)}; settle it before margining at ${asOfMs}`);
    }
    if (!(forwardPrice > 0)) throw new RangeError(`${name} has the forward price ${forwardPrice}; give one above 0`);
    const isPriced = isDatedOption(instrument) ? markPrice >= 0 : markPrice > 0;
    if (!isPriced) throw new RangeError(`${name} has the mark price ${markPrice}; give a price`);
    if (isDatedOption(instrument) && !(markVolatility !== null && markVolatility >= 0)) {
      throw new RangeError(`${name} has the volatility ${markVolatility}; give one of at least 0`);
    }
  }
  return netted;
}

/** A named part of a requirement, requirement positive. */
export interface NamedAmount<Name extends string> {
  readonly name: Name;
  readonly amount: number;
}

/** The scenario that set a requirement. */
export interface NamedScenario {
  readonly scenarioId: string;
  readonly label: string;
  /** Loss positive. */
  readonly loss: number;
}

/** Currency of a sum of losses: cash (the quote currency) or the coin of the underlying itself. */
export type ValuedIn = "cash" | "coin";

/**
 * A scenario set with the risk arrays priced so far, for one snapshot: accounts and methods that share it price an instrument
 * once. `asOfMs` is the snapshot's time.
 */
export interface PricedScenarios {
  /** The same for grids that give the same risk arrays. */
  readonly gridKey: string;
  readonly set: ScenarioSet;
  readonly scan: ScanParameters;
  readonly asOfMs: number;
  readonly arrays: Map<QuotedInstrument, Float64Array>;
}

/** A scenario set with nothing priced yet. */
export function priceScenarios(set: ScenarioSet, scan: ScanParameters, asOfMs: number): PricedScenarios {
  const { volatilityUp, volatilityDown, shortTermPower, longTermPower, minimumDaysToExpiry, minimumVolatilityUp } =
    scan;
  const volatility = [
    volatilityUp,
    volatilityDown,
    shortTermPower,
    longTermPower,
    minimumDaysToExpiry,
    minimumVolatilityUp,
  ];
  const gridKey = [asOfMs, volatility, set.priceMove, set.volatilityState].join(";");
  return { gridKey, set, scan, asOfMs, arrays: new Map() };
}

/** Risk arrays by instrument of a snapshot and grid: methods whose grids are the same price an instrument once. */
const arraysByGrid = new WeakMap<QuotedInstrument, Map<string, Float64Array>>();

/** Risk array of an instrument, priced on first use: loss of one long contract before weights, settlement currency. */
function riskArrayOf({ gridKey, set, scan, asOfMs, arrays }: PricedScenarios, quoted: QuotedInstrument): Float64Array {
  const known = arrays.get(quoted);
  if (known !== undefined) return known;
  const ofInstrument = arraysByGrid.get(quoted) ?? new Map<string, Float64Array>();
  arraysByGrid.set(quoted, ofInstrument);
  let array = ofInstrument.get(gridKey);
  if (array === undefined) {
    array = new Float64Array(set.scenarioCount);
    writeRiskArray(array, 0, quoted, set, scan, asOfMs);
    ofInstrument.set(gridKey, array);
  }
  arrays.set(quoted, array);
  return array;
}

/**
 * Summed loss of the holdings on one underlying in each scenario of a set, weighted, in cash or in coin. Coin profits of
 * inverse contracts turn into cash at the scenario's price; cash profits turn into coin at its settlement move.
 */
export function computeHoldingLosses(
  holdings: readonly Holding[],
  priced: PricedScenarios,
  indexPrice: number,
  valuedIn: ValuedIn,
): Float64Array {
  const { set } = priced;
  const losses = new Float64Array(set.scenarioCount);
  for (const { quoted, quantity } of holdings) {
    const settled = riskArrayOf(priced, quoted);
    const inverse = quoted.instrument.settlement === "inverse";
    for (let s = 0; s < losses.length; s += 1) {
      losses[s] = losses[s]! + quantity * settled[s]! * lossFactor(set, s, inverse, valuedIn, indexPrice);
    }
  }
  return losses;
}

/** What else a pool holds that moves with an underlying, and what its losses are counted in. */
export interface PoolView {
  /**
   * Coin balances of a cash pool, or cash balances of the coin's pool, as delta-one holdings: they are scanned with the
   * positions and charged with nothing else.
   */
  readonly balances: readonly Holding[];
  readonly valuedIn: ValuedIn;
}

/** A cash pool that holds nothing else. */
export const cashPool: PoolView = { balances: [], valuedIn: "cash" };

/** Losses of positions and balances in each scenario, in cash; those counted in coin stand at the unmoved index price. */
export function computePoolViewLosses(
  holdings: readonly Holding[],
  priced: PricedScenarios,
  indexPrice: number,
  { balances, valuedIn }: PoolView,
): Float64Array {
  const held = balances.length === 0 ? holdings : [...holdings, ...balances];
  const losses = computeHoldingLosses(held, priced, indexPrice, valuedIn);
  return valuedIn === "coin" ? losses.map((loss) => loss * indexPrice) : losses;
}

function lossFactor(set: ScenarioSet, s: number, inverse: boolean, valuedIn: ValuedIn, indexPrice: number): number {
  if (valuedIn === "coin") return inverse ? set.coinIntoCoin[s]! : set.cashIntoCoin[s]! / indexPrice;
  return inverse ? set.coinIntoCash[s]! * indexPrice : set.weight[s]!;
}

/** Units of the underlying that one holding stands for: change of its cash value per unit of price. */
export function holdingDelta({ quoted, quantity }: Holding, asOfMs: number): number {
  const { instrument } = quoted;
  if (!isDatedOption(instrument)) {
    const units =
      instrument.settlement === "inverse" ? instrument.contractSize / quoted.markPrice : instrument.contractSize;
    return quantity * units * windowShare(instrument, asOfMs);
  }
  const sign = instrument.optionType === "call" ? 1 : -1;
  const years = varianceYears(quoted, asOfMs);
  const volatility = quoted.markVolatility ?? Number.NaN;
  return (
    quantity *
    windowShare(instrument, asOfMs) *
    instrument.contractSize *
    black76Greeks(sign, quoted.forwardPrice, instrument.strike, years, volatility, 1).delta
  );
}

/** Deltas of all holdings by expiry time, ascending; perpetuals and spot stand under 0. */
export function deltasByExpiry(holdings: readonly Holding[], asOfMs: number): Map<number, number> {
  const deltas = new Map<number, number>();
  for (const holding of holdings) {
    const { instrument } = holding.quoted;
    const expiryMs = isDated(instrument) ? instrument.expiryMs : 0;
    deltas.set(expiryMs, (deltas.get(expiryMs) ?? 0) + holdingDelta(holding, asOfMs));
  }
  return new Map([...deltas].sort(([a], [b]) => a - b));
}

/** What longs hedge of shorts: the lesser of the summed positive and the summed negative deltas. */
export function hedgedDelta(deltas: Iterable<number>): number {
  let long = 0;
  let short = 0;
  for (const delta of deltas) {
    if (delta > 0) long += delta;
    else short -= delta;
  }
  return Math.min(long, short);
}

/** Options sold beyond those bought at the same strike and expiry, calls and puts together; units of the underlying. */
export function netShortOptions(holdings: readonly Holding[]): number {
  const strikes = new Map<string, number>();
  for (const { quoted, quantity } of holdings) {
    const { instrument } = quoted;
    if (!isDatedOption(instrument)) continue;
    const key = `${instrument.expiryMs}:${instrument.strike}`;
    strikes.set(key, (strikes.get(key) ?? 0) + quantity * instrument.contractSize);
  }
  let short = 0;
  for (const quantity of strikes.values()) if (quantity < 0) short -= quantity;
  return short;
}

/** A change of what an option is valued with; futures and perpetuals only know the forward. */
export interface Revaluation {
  /** Factor on the forward. */
  readonly forwardMultiplier: number;
  readonly volatilityMultiplier: number;
  /** Days that pass; an option cannot have fewer than none left. */
  readonly elapsedDays: number;
  /** Continuously compounded rate that discounts the option's value, per year. */
  readonly rate: number;
}

/** Nothing changes. */
export const noRevaluation: Revaluation = { forwardMultiplier: 1, volatilityMultiplier: 1, elapsedDays: 0, rate: 0 };

/**
 * Cash value of one option holding after a revaluation, long positive; coin-settled options at the unmoved index price of
 * their coin times the forward's multiplier, so that value and price move together. Options only.
 */
export function revaluedOption({ quoted, quantity }: Holding, change: Revaluation, asOfMs: number): number {
  const { instrument } = quoted;
  if (!isDatedOption(instrument)) throw new TypeError(`${instrument.instrumentId} is not an option`);
  const sign = instrument.optionType === "call" ? 1 : -1;
  const years = varianceYears(quoted, asOfMs, change.elapsedDays / DAYS_PER_YEAR);
  const volatility = (quoted.markVolatility ?? Number.NaN) * change.volatilityMultiplier;
  const forward = quoted.forwardPrice * settlementMultiplier(quoted, change.forwardMultiplier);
  const discount = change.rate === 0 ? 1 : exp(-change.rate * years);
  return (
    quantity * instrument.contractSize * black76Price(sign, forward, instrument.strike, years, volatility, discount)
  );
}
