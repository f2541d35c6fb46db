import { writeRiskArray } from "../../arrays/index.ts";
import { expiryMsOf, type QuotedInstrument, type ScanParameters } from "../../model/index.ts";
import { isDated, isDatedOption } from "../../model/product-traits.ts";
import { exp } from "../../numbers/index.ts";
import { DAYS_PER_YEAR } from "../../numbers/time.ts";
import { black76Greeks, black76Price } from "../../pricing/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import { settlementMultiplier, varianceYears, windowShare } from "../../settlement/index.ts";

/** A position in one instrument with the instrument's quote in the snapshot. */
export interface HeldInstrument {
  readonly quoted: QuotedInstrument;
  /** The number of contracts, negative for a short position. */
  readonly quantity: number;
}

/**
 * Returns one net holding per instrument, sorted by instrument id. The result depends neither on the order of the input
 * nor on how fills were split. Throws a RangeError if a quantity is not finite.
 */
export function netHoldings(holdings: readonly HeldInstrument[]): HeldInstrument[] {
  const netted = new Map<string, HeldInstrument>();
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
 * Returns net holdings that can be valued in scenarios. Throws a RangeError that names the instrument and the value
 * where no requirement could be computed. This is so for an instrument at or past its expiry, an unusable forward or
 * mark, and an option without a volatility.
 */
export function prepareHoldings(holdings: readonly HeldInstrument[], asOfMs: number): HeldInstrument[] {
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

/** A named part of a requirement. The amount is positive when it adds to the requirement. */
export interface NamedAmount<Name extends string> {
  readonly name: Name;
  readonly amount: number;
}

/** The scenario whose loss set a requirement. */
export interface NamedScenario {
  readonly scenarioId: string;
  readonly label: string;
  /** The loss in the scenario, positive. */
  readonly loss: number;
}

/** The currency in which losses are summed: cash (the quote currency) or the coin of the underlying itself. */
export type ValuedIn = "cash" | "coin";

/**
 * A scenario set with the risk arrays that were priced so far for one snapshot. Pools and methods that share it price
 * each instrument once. `asOfMs` is the time of the snapshot.
 */
export interface PricedScenarios {
  /** A key that is equal for grids that give the same risk arrays. */
  readonly gridKey: string;
  readonly set: ScenarioSet;
  readonly scan: ScanParameters;
  readonly asOfMs: number;
  readonly arrays: Map<QuotedInstrument, Float64Array>;
}

/** Returns a scenario set for which no risk array has been priced yet. */
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

/**
 * The risk arrays by quoted instrument and grid key. Methods whose grids are the same share them, so that an
 * instrument is priced once.
 */
const arraysByGrid = new WeakMap<QuotedInstrument, Map<string, Float64Array>>();

/**
 * Returns the risk array of an instrument, which is priced at first use. It holds the loss of one long contract in each
 * scenario, before weights and in the settlement currency.
 */
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
 * Computes the weighted loss of the holdings on one underlying in each scenario of a set, in cash or in coin. Losses of
 * inverse contracts, which are in coin, turn into cash at the scenario's price. Losses in cash turn into coin at the
 * price after the scenario's settlement move.
 */
export function computeHoldingLosses(
  holdings: readonly HeldInstrument[],
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

/** The balances of a pool that move with an underlying, and the currency in which the pool's losses are counted. */
export interface PoolView {
  /**
   * The coin balances of a cash pool, or the cash balances of the coin's own pool, as delta-one holdings. They are
   * scanned with the positions, and no other charge applies to them.
   */
  readonly balances: readonly HeldInstrument[];
  readonly valuedIn: ValuedIn;
}

/** The view of a cash pool without balances that move. */
export const cashPool: PoolView = { balances: [], valuedIn: "cash" };

/**
 * Computes the loss of positions and balances in each scenario, in cash. Losses that are counted in coin are converted
 * at the unmoved index price.
 */
export function computePoolViewLosses(
  holdings: readonly HeldInstrument[],
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

/**
 * Returns the delta of one holding in units of the underlying: the change of its cash value per unit of price. Inside a
 * settlement window only the share still to come counts.
 */
export function holdingDelta({ quoted, quantity }: HeldInstrument, asOfMs: number): number {
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

/**
 * Returns the net delta by expiry time in milliseconds, ascending. The key 0 holds the delta of
 * instruments without an expiry.
 */
export function deltasByExpiry(holdings: readonly HeldInstrument[], asOfMs: number): Map<number, number> {
  const deltas = new Map<number, number>();
  for (const holding of holdings) {
    const { instrument } = holding.quoted;
    const expiryMs = isDated(instrument) ? instrument.expiryMs : 0;
    deltas.set(expiryMs, (deltas.get(expiryMs) ?? 0) + holdingDelta(holding, asOfMs));
  }
  return new Map([...deltas].sort(([a], [b]) => a - b));
}

/** Returns the hedged delta, at least 0: the lesser of the summed positive deltas and the summed negative deltas. */
export function hedgedDelta(deltas: Iterable<number>): number {
  let long = 0;
  let short = 0;
  for (const delta of deltas) {
    if (delta > 0) long += delta;
    else short -= delta;
  }
  return Math.min(long, short);
}

/**
 * Returns the options sold beyond those bought at the same strike and expiry, calls and puts together, in
 * units of the underlying.
 */
export function netShortOptions(holdings: readonly HeldInstrument[]): number {
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

/** A change of the inputs with which an option is valued. Futures and perpetuals depend only on the forward. */
export interface Revaluation {
  /** The factor by which the forward is multiplied. */
  readonly forwardMultiplier: number;
  readonly volatilityMultiplier: number;
  /** The days that pass. An option keeps at least 0 days to expiry. */
  readonly elapsedDays: number;
  /** The rate per year, continuously compounded, that discounts the value of the option. */
  readonly rate: number;
}

/** The revaluation that changes nothing. */
export const noRevaluation: Revaluation = { forwardMultiplier: 1, volatilityMultiplier: 1, elapsedDays: 0, rate: 0 };

/**
 * Returns the cash value of one option holding after a revaluation, positive for a long option. A coin-settled option
 * is valued as if its coin were worth the moved forward, so that its value and the price move together. Throws a
 * TypeError if the instrument is not an option.
 */
export function revaluedOption({ quoted, quantity }: HeldInstrument, change: Revaluation, asOfMs: number): number {
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
