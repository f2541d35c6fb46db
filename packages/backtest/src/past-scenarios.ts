import {
  buildJointHistory,
  getMarginMethod,
  isMeasuredJointly,
  type JointScenarioSet,
  MS_PER_DAY,
  type ParameterSet,
  type TimeSeries,
} from "@plimsoll/risk";
import type { PriceHistory } from "./history.ts";
import type { Contender } from "./plan.ts";

const setId = "backtest-past";

/**
 * Returns a function that gives a contender's parameters at a grid point. Most contenders always keep theirs. A method
 * that reads joint scenarios gets the joint moves of the days that were complete at the last midnight. It loses the
 * shipped stress scenarios, because they are named after days that a backtest must not know yet. The function returns
 * the same object for a whole day.
 */
export function createParameterSource(
  { methodId, parameters }: Contender,
  history: PriceHistory,
): (at: number) => ParameterSet {
  if (!isMeasuredJointly(getMarginMethod(parameters, methodId))) return () => parameters;
  let dayOf = Number.NaN;
  let ofDay = parameters;
  return (at) => {
    const day = Math.floor((history.startMs + at * history.gridMs) / MS_PER_DAY);
    if (day !== dayOf) {
      dayOf = day;
      ofDay = parametersOfDay(parameters, history, day * MS_PER_DAY);
    }
    return ofDay;
  };
}

function parametersOfDay(parameters: ParameterSet, history: PriceHistory, midnightMs: number): ParameterSet {
  const { methods } = parameters;
  const set = pastScenarios(parameters, history, midnightMs);
  return {
    ...parameters,
    scenarioSets: set === null ? [] : [set],
    methods: { ...methods, var: { ...methods.var, historySetId: setId, stressSetId: null } },
  };
}

/**
 * Builds the joint scenario set of the days before a midnight. Returns null while there is no whole move, and the
 * engine then refuses with its reason.
 */
function pastScenarios({ methods }: ParameterSet, history: PriceHistory, midnightMs: number): JointScenarioSet | null {
  const { windowScenarios, horizonHours, volatility } = methods.var;
  const { startMs, gridMs } = history;
  const days = Math.min(
    windowScenarios + Math.ceil(horizonHours / 24) + 1,
    Math.floor((midnightMs - startMs) / MS_PER_DAY) + 1,
  );
  const timesMs = Array.from({ length: Math.max(0, days) }, (_, index) => midnightMs - (days - 1 - index) * MS_PER_DAY);
  const seriesOf = (symbol: string, column: Float64Array): TimeSeries => {
    const known = timesMs.filter((timeMs) => column[(timeMs - startMs) / gridMs]! > 0);
    return { symbol, timesMs: known, values: known.map((timeMs) => column[(timeMs - startMs) / gridMs]!) };
  };
  const prices = history.underlyings.map(({ underlying, index }) => seriesOf(underlying, index));
  if (prices.some(({ timesMs: known }) => known.length < 2)) return null;
  const volatilities = history.underlyings
    .map(({ underlying, level }) => seriesOf(underlying, level))
    .filter(({ timesMs: known }) => known.length > 1);
  const { risePerFall, risePerRise } = volatility;
  const question = { setId, prices, volatilities, horizonHours, stepHours: 24, proxies: [], risePerFall, risePerRise };
  try {
    return buildJointHistory(question).set;
  } catch (error) {
    // Two prices on either side of an outage make no move.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
