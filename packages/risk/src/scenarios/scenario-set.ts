import type { ScanParameters } from "../model/scan.ts";
import { log } from "../numbers/index.ts";

/** The state of volatility in a scenario: +1 moved up, 0 left as it is, -1 moved down. */
export type VolatilityState = 1 | 0 | -1;

/** One joint move of the price and the volatilities of one underlying. */
export interface Scenario {
  /** The price move as a fraction above -1, where -0.16 is 16 % down. */
  readonly priceMove: number;
  readonly volatilityState: VolatilityState;
  /**
   * Whether the scenario is extended. An extended scenario lies beyond the price scan range, and its loss counts in
   * part and is dampened.
   */
  readonly extended: boolean;
  /** The share of the loss that counts (the cover fraction), from 0 to 1. It is 1 on the main grid. */
  readonly weight: number;
  /**
   * The price move at which the counted loss is converted into the pool currency, when that currency is the coin
   * itself.
   */
  readonly settlementMove: number;
}

/**
 * The scenarios of one underlying as columns, the main grid first, then the extended ones. A set never changes once it
 * is built.
 */
export interface ScenarioSet {
  readonly underlying: string;
  readonly scenarioCount: number;
  /** The number of scenarios of the main grid, which are scenarios 0 to mainCount - 1. */
  readonly mainCount: number;
  /** The index of the scenario that moves nothing. Its loss is exactly 0 for every instrument. */
  readonly noMoveIndex: number;
  /** The ids, distinct within the set, for example `-0.16:up` or `extended:2:up`. */
  readonly ids: readonly string[];
  /** The texts for people, for example `BTC −16 %, vol up`. */
  readonly labels: readonly string[];
  readonly priceMove: Float64Array;
  /** 1 + priceMove. */
  readonly priceMultiplier: Float64Array;
  /** ln(priceMultiplier). */
  readonly logPriceMultiplier: Float64Array;
  readonly volatilityState: Int8Array;
  /** The share of the loss that counts. */
  readonly weight: Float64Array;
  readonly settlementMove: Float64Array;
  /**
   * The factors that convert a loss into the counted loss in the pool's currency. Each is weight x price of the loss's
   * currency in the scenario / price of the pool's currency at the settlement move. Both prices are relative to now. A
   * coin moves, cash does not. In the coin's own pool the main grid has exactly 1.
   */
  readonly coinIntoCoin: Float64Array;
  readonly coinIntoCash: Float64Array;
  readonly cashIntoCoin: Float64Array;
  /** 1 where the scenario is extended, else 0. */
  readonly extended: Uint8Array;
}

/** The greatest number of scenarios in one set. It bounds the memory of a risk array to 32 kB. */
export const SCENARIO_LIMIT = 4096;

const volatilityStates: readonly VolatilityState[] = [1, 0, -1];
const volatilityNames = { 1: "up", 0: "none", "-1": "down" } as const;

/**
 * Builds the scenario set of one underlying. It has 2n + 1 equal price moves within the scan range, each with
 * volatility up, unchanged and down. The extended moves follow, with volatility up. An extended loss counts with factor
 * x range / |move|, at most in full. It is converted at the edge of the main range on its side (Deribit PME;
 * docs/sources.md, Deribit portfolio margin).
 */
export function buildScenarioSet(scan: ScanParameters): ScenarioSet {
  const range = scan.priceScanRange;
  const perSide = scan.priceStepsPerSide;
  if (!(range > 0 && range < 1)) refuse("priceScanRange", range, "a fraction above 0 and below 1");
  if (!Number.isInteger(perSide) || perSide < 1) refuse("priceStepsPerSide", perSide, "a whole number from 1 on");
  const scenarios: Scenario[] = [];
  for (let step = -perSide; step <= perSide; step += 1) {
    const priceMove = range * (step / perSide);
    for (const volatilityState of volatilityStates) {
      scenarios.push({ priceMove, volatilityState, extended: false, weight: 1, settlementMove: priceMove });
    }
  }
  for (const priceMove of scan.extendedMoves) {
    if (!(Math.abs(priceMove) > range)) refuse("extendedMoves", priceMove, `a move beyond the scan range of ${range}`);
    const weight = Math.min(1, (scan.extendedFactor * range) / Math.abs(priceMove));
    const settlementMove = Math.sign(priceMove) * range;
    scenarios.push({ priceMove, volatilityState: 1, extended: true, weight, settlementMove });
  }
  return createScenarioSet(scan.underlying, scenarios);
}

const built = new WeakMap<ScanParameters, Map<string, ScenarioSet>>();

/**
 * Returns the scenario set of a scan for one underlying, also where the scan is that of `*`. Each set is built once for
 * as long as the scan is in use.
 */
export function scenarioSetOf(scan: ScanParameters, underlying: string): ScenarioSet {
  let sets = built.get(scan);
  if (sets === undefined) {
    sets = new Map();
    built.set(scan, sets);
  }
  let set = sets.get(underlying);
  if (set === undefined) {
    set = buildScenarioSet({ ...scan, underlying });
    sets.set(underlying, set);
  }
  return set;
}

/**
 * Builds the columns from a list of scenarios, in its order. Throws a RangeError for a list without the scenario that
 * moves nothing, since its scan would find losses in an empty book. It also throws for a main scenario after an
 * extended one, and for a figure out of bounds.
 */
export function createScenarioSet(underlying: string, scenarios: readonly Scenario[]): ScenarioSet {
  const scenarioCount = scenarios.length;
  if (scenarioCount > SCENARIO_LIMIT) refuse("scenarios", scenarioCount, `at most ${SCENARIO_LIMIT}`);
  const mainCount = scenarios.filter((scenario) => !scenario.extended).length;
  const set = {
    underlying,
    scenarioCount,
    mainCount,
    noMoveIndex: scenarios.findIndex((s) => !s.extended && s.priceMove === 0 && s.volatilityState === 0),
    ids: scenarios.map(scenarioId),
    labels: scenarios.map((scenario) => scenarioLabel(underlying, scenario)),
    priceMove: new Float64Array(scenarioCount),
    priceMultiplier: new Float64Array(scenarioCount),
    logPriceMultiplier: new Float64Array(scenarioCount),
    volatilityState: new Int8Array(scenarioCount),
    weight: new Float64Array(scenarioCount),
    settlementMove: new Float64Array(scenarioCount),
    coinIntoCoin: new Float64Array(scenarioCount),
    coinIntoCash: new Float64Array(scenarioCount),
    cashIntoCoin: new Float64Array(scenarioCount),
    extended: new Uint8Array(scenarioCount),
  };
  if (set.noMoveIndex < 0) refuse("scenarios", "no scenario without a move", "one with price and volatility unmoved");
  if (new Set(set.ids).size !== scenarioCount) refuse("scenarios", "the same scenario twice", "each scenario once");
  for (const [index, scenario] of scenarios.entries()) {
    if (!(scenario.priceMove > -1 && scenario.priceMove < Number.POSITIVE_INFINITY)) {
      refuse("priceMove", scenario.priceMove, "a number above -1");
    }
    if (!(scenario.settlementMove > -1)) refuse("settlementMove", scenario.settlementMove, "a number above -1");
    if (!(scenario.weight >= 0 && scenario.weight <= 1)) refuse("weight", scenario.weight, "from 0 to 1");
    if (scenario.extended !== index >= mainCount) refuse("scenarios", scenario.priceMove, "extended scenarios last");
    const multiplier = 1 + scenario.priceMove;
    const settlementMultiplier = 1 + scenario.settlementMove;
    set.priceMove[index] = scenario.priceMove;
    set.priceMultiplier[index] = multiplier;
    set.logPriceMultiplier[index] = log(multiplier);
    set.coinIntoCoin[index] = scenario.weight * (multiplier / settlementMultiplier);
    set.coinIntoCash[index] = scenario.weight * multiplier;
    set.cashIntoCoin[index] = scenario.weight / settlementMultiplier;
    set.volatilityState[index] = scenario.volatilityState;
    set.weight[index] = scenario.weight;
    set.settlementMove[index] = scenario.settlementMove;
    set.extended[index] = scenario.extended ? 1 : 0;
  }
  return set;
}

function scenarioId(scenario: Scenario): string {
  const id = `${scenario.priceMove}:${volatilityNames[scenario.volatilityState]}`;
  return scenario.extended ? `extended:${id}` : id;
}

function scenarioLabel(underlying: string, scenario: Scenario): string {
  const { priceMove, volatilityState } = scenario;
  const percent = String(Number((Math.abs(priceMove) * 100).toFixed(2)));
  const price = priceMove === 0 ? "unmoved" : `${priceMove < 0 ? "−" : "+"}${percent} %`;
  const volatility = volatilityState === 0 ? "" : `, vol ${volatilityNames[volatilityState]}`;
  return `${underlying} ${price}${volatility}`;
}

function refuse(field: string, value: number | string, allowed: string): never {
  throw new RangeError(`Scenario set: ${field} is ${value}; it must be ${allowed}`);
}
