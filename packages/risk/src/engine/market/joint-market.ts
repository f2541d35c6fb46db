import { isMeasuredJointly } from "../../methods/margin-method.ts";
import type { BuiltMethod } from "../../methods/registry.ts";
import { buildBumps } from "../../methods/var/bumps.ts";
import { checkHistoryAge } from "../../methods/var/history-age.ts";
import type { VarMethodParameters } from "../../methods/var/parameters.ts";
import {
  findHistory,
  findVarScenarios,
  type JointFault,
  jointParametersOf,
  unknownStressSet,
  unmovedUnderlying,
} from "../../methods/var/prepare-scenarios.ts";
import type { JointScenarios } from "../../methods/var/requirement.ts";
import type { ParameterSet } from "../../model/index.ts";
import { exp } from "../../numbers/index.ts";
import {
  covarianceNow,
  findMoves,
  type JointScenarioSet,
  type ScenarioProxy,
  volatilityByRule,
} from "../../scenarios/index.ts";
import { buildStressSet, stressedSymbolsOf } from "../../stress/build-stress-set.ts";
import { stressHistory } from "../../stress/history.ts";
import { isPegged, type Market } from "./market.ts";

/**
 * The moves of one underlying or currency in all joint scenarios of a market. Each column has one number per scenario.
 */
export interface JointColumns {
  readonly scenarioCount: number;
  readonly priceMove: Float64Array;
  readonly priceMultiplier: Float64Array;
  readonly logPriceMultiplier: Float64Array;
  /** The natural logarithm of the factor on a volatility of the reference tenor. */
  readonly volatilityLogMove: Float64Array;
  /**
   * The factors on volatilities by scenario, kept by the tenor's scale of the moves; see volatilityFactors. They are
   * computed when first needed.
   */
  readonly volatilityFactorsByTenor: Map<number, Float64Array>;
  readonly proxy: ScenarioProxy | null;
}

/** The joint scenarios in which the books of a market are revalued. */
export interface JointMarket extends JointScenarios {
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly tail: JointScenarioSet;
  readonly history: JointScenarioSet;
  /** Returns the moves of an underlying or currency, or null if neither it nor a proxy has any. */
  readonly columnsOf: (symbol: string) => JointColumns | null;
  /**
   * The quotient X'(c) / X'(Q) over X(c) / X(Q) for each pair of currencies, as computeJointParts needs it. It is null
   * for a pair whose quotient is 1 in every scenario.
   */
  readonly ratios: Map<string, Float64Array | null>;
  /** The underlyings that are not pegged. Their moves must be known. */
  readonly coins: ReadonlySet<string>;
}

const known = new WeakMap<ParameterSet, WeakMap<object, JointMarket>>();

/**
 * Returns the joint scenarios of a market, or the reason why there are none. They are built once for its snapshot and
 * parameters, and are the same at every moved price.
 */
export function findJointMarket(market: Market): JointMarket | JointFault {
  const { parameters, snapshot } = market;
  let markets = known.get(parameters);
  if (markets === undefined) {
    markets = new WeakMap();
    known.set(parameters, markets);
  }
  const found = markets.get(snapshot);
  if (found !== undefined) return found;
  const built = buildJointMarket(market);
  if (!isJointFault(built)) markets.set(snapshot, built);
  return built;
}

/** The parts of a book that tell whether joint scenarios must move it, and which underlyings they must move. */
interface JointlyRevalued {
  readonly method: BuiltMethod;
  readonly units: readonly { readonly underlying: string }[];
}

/** Returns the reason why a book cannot be revalued jointly. It is null if it can be, or need not be. */
export function findJointFault(market: Market, { method, units }: JointlyRevalued): JointFault | null {
  if (!isMeasuredJointly(method)) return null;
  const joint = findJointMarket(market);
  if (isJointFault(joint)) return joint;
  for (const { underlying } of units) {
    if (!joint.coins.has(underlying) || joint.columnsOf(underlying) !== null) continue;
    return unmovedUnderlying(joint.tail.setId, underlying);
  }
  return null;
}

export function isJointFault(joint: JointMarket | JointFault): joint is JointFault {
  return "remedy" in joint;
}

function buildJointMarket(market: Market): JointMarket | JointFault {
  const { parameters, snapshot } = market;
  const own = jointParametersOf(parameters);
  const scenarios = findVarScenarios(parameters);
  if (scenarios.status === "refused") return scenarios;
  const age = checkHistoryAge(own, scenarios.endsMs, snapshot.asOfMs);
  if (age !== null && "remedy" in age) return age;
  const { tail, history } = scenarios;
  const notes = age === null ? scenarios.notes : [...scenarios.notes, age];
  let stress: JointScenarioSet | null = null;
  if (own.stressSetId !== null) {
    stress = findHistory(parameters, own.stressSetId);
    if (stress === null) {
      const shipped = buildStressSet(stressedSymbolsOf(snapshot, parameters), stressHistory);
      if (shipped.setId !== own.stressSetId) {
        return unknownStressSet(own.stressSetId, shipped.setId);
      }
      stress = shipped;
    }
  }
  const tailCount = tail.scenarioIds.length;
  const stressCount = stress?.scenarioIds.length ?? 0;
  const covariance =
    own.simulation === "delta_gamma" ? covarianceNow(history, { ...own.monteCarlo, ...own.filter }) : null;
  const bumps =
    covariance &&
    buildBumps(
      history,
      covariance.map((row, index) => Math.sqrt(row[index]!)),
    );
  const sections = [tail, stress, bumps?.set ?? null];
  const scenarioCount = tailCount + stressCount + (bumps?.set.scenarioIds.length ?? 0);
  const names = market.underlyings.map(({ underlying }) => underlying);
  const coins = new Set(names.filter((name) => !isPegged(market, name)));
  const columns = new Map<string, JointColumns | null>();
  return {
    scenarioCount,
    tailCount,
    stressCount,
    bumpSteps: bumps?.steps ?? null,
    ids: [...tail.scenarioIds, ...(stress?.scenarioIds ?? [])],
    labels: [...(tail.labels ?? tail.scenarioIds), ...(stress?.labels ?? stress?.scenarioIds ?? [])],
    weights: tail.weights,
    parameters: own,
    notes,
    ratios: new Map(),
    coins,
    tail,
    history,
    columnsOf: (symbol) => {
      let found = columns.get(symbol);
      if (found === undefined) {
        found = buildColumns(symbol, sections, scenarioCount, coins.has(symbol), own);
        columns.set(symbol, found);
      }
      return found;
    },
    covariance: covariance ?? [],
  };
}

/**
 * Builds the columns of a symbol, or returns null if it has no moves. A coin needs moves in the tail set, either its
 * own or a proxy's. Any other symbol needs its own moves in at least one set; without any it stands still in every
 * scenario. In a set that lacks its moves, a symbol stands still.
 */
function buildColumns(
  symbol: string,
  sections: readonly (JointScenarioSet | null)[],
  scenarioCount: number,
  isCoin: boolean,
  { proxies, volatility }: VarMethodParameters,
): JointColumns | null {
  const found = sections.map((set) => set && findMoves(set, symbol, isCoin ? proxies : []));
  const [inTail] = found;
  if (isCoin ? inTail === null : found.every((moves) => moves === null)) return null;
  const logPriceMultiplier = new Float64Array(scenarioCount);
  const volatilityLogMove = new Float64Array(scenarioCount);
  let start = 0;
  for (const [section, set] of sections.entries()) {
    const count = set?.scenarioIds.length ?? 0;
    for (let s = 0; s < count; s += 1) {
      const move = found[section]?.logReturns[s] ?? 0;
      logPriceMultiplier[start + s] = move;
      volatilityLogMove[start + s] =
        found[section]?.volatilityLogMoves?.[s] ??
        volatilityByRule(move, volatility.risePerFall, volatility.risePerRise);
    }
    start += count;
  }
  const priceMultiplier = logPriceMultiplier.map((move) => exp(move));
  return {
    scenarioCount,
    priceMove: priceMultiplier.map((multiplier) => multiplier - 1),
    priceMultiplier,
    logPriceMultiplier,
    volatilityLogMove,
    volatilityFactorsByTenor: new Map(),
    proxy: inTail?.proxy ?? null,
  };
}
