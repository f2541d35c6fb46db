import type { MarketSnapshot, ParameterSet } from "../model/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { buildVolatilitySurface, collectExpiryMarks, forwardAt, volatilityAt } from "../volatility/index.ts";
import { arrangeHistory, type DailyBar, dayNumber, type PriceHistory } from "./bars.ts";
import { ewmaVolatility, garmanKlassVolatility, longRunVolatility, parkinsonVolatility } from "./estimators.ts";
import type { VolatilityEstimate, VolatilityView } from "./follow-number.ts";
import type { DynamicsPolicy, VolatilityProxy } from "./policy.ts";

/** The 30-day implied volatility of one UTC day, per year. */
export interface DailyImplied {
  readonly date: string;
  readonly volatility: number;
}

/** The price history of one underlying. */
export interface UnderlyingHistory {
  readonly underlying: string;
  readonly bars: readonly DailyBar[];
  /** 30-day implied volatilities by day, oldest first. It is empty for an underlying without options. */
  readonly implied: readonly DailyImplied[];
}

export interface ProposalInputs {
  readonly current: ParameterSet;
  /** The set that was in effect 24 hours ago. It is the current set if that was in effect then, or if none was. */
  readonly dayAgo: ParameterSet;
  /** UTC date of the proposal. The bar of this date is not complete, and may only raise a number. */
  readonly date: string;
  readonly histories: readonly UnderlyingHistory[];
  readonly policy: DynamicsPolicy;
}

/**
 * A history that ends more than this many days ago is not used. This is our choice: a weekend's outage and one more
 * day.
 */
const staleDays = 3;

/** If there was an implied volatility within this many days, its absence now counts as missing data. */
const impliedDays = 10;

/**
 * Estimates an underlying's volatility from its prices and options, or from its proxy if its own history is too short.
 */
export function viewPrices(underlying: string, proxy: VolatilityProxy | null, inputs: ProposalInputs): VolatilityView {
  const { policy, date } = inputs;
  const history = find(underlying, inputs);
  const own = arrangeHistory(history?.bars ?? []);
  const fault = findFault(own, date, policy);
  if (fault !== null && proxy !== null) return throughProxy(proxy, fault, inputs);
  if (fault !== null) return { estimates: [], longRun: null, incomplete: fault };
  const complete = before(own, date);
  const estimates: VolatilityEstimate[] = [
    { estimator: "ewma", volatility: ewmaVolatility(complete.returns, policy.ewmaLambda) },
    // The incomplete day may only raise the estimate, since it may still become more volatile.
    { estimator: "ewma_with_today", volatility: ewmaVolatility(own.returns, policy.ewmaLambda) },
  ];
  const newest = complete.bars.slice(-policy.rangeDays);
  estimates.push({ estimator: "parkinson", volatility: parkinsonVolatility(newest) });
  estimates.push({ estimator: "garman_klass", volatility: garmanKlassVolatility(newest) });
  const implied = findImplied(history, date);
  if (implied.now !== null) {
    estimates.push({ estimator: "implied", volatility: implied.now / Math.sqrt(DAYS_PER_YEAR) });
  }
  return {
    estimates,
    longRun: longRunVolatility(complete.returns.slice(-policy.longRunReturns)),
    incomplete: implied.isLost ? `no implied volatility on ${date}, but within the ${impliedDays} days before` : null,
  };
}

/** Estimates the daily volatility of the logarithm of an underlying's implied volatility. */
export function viewImplied(underlying: string, inputs: ProposalInputs): VolatilityView {
  const { policy, date } = inputs;
  const flat = (find(underlying, inputs)?.implied ?? []).map(({ date: on, volatility }) => {
    return { date: on, open: volatility, high: volatility, low: volatility, close: volatility };
  });
  const history = arrangeHistory(flat);
  const fault = findFault(history, date, policy);
  if (fault !== null) return { estimates: [], longRun: null, incomplete: fault };
  const complete = before(history, date);
  return {
    estimates: [
      { estimator: "ewma", volatility: ewmaVolatility(complete.returns, policy.ewmaLambda) },
      { estimator: "ewma_with_today", volatility: ewmaVolatility(history.returns, policy.ewmaLambda) },
    ],
    longRun: longRunVolatility(complete.returns.slice(-policy.longRunReturns)),
    incomplete: null,
  };
}

function find(underlying: string, { histories }: ProposalInputs): UnderlyingHistory | undefined {
  return histories.find((history) => history.underlying === underlying);
}

/**
 * Returns the volatility of the proxy times its multiplier. A proxy has no proxy itself; if its history is too short,
 * that is stated.
 */
function throughProxy(proxy: VolatilityProxy, fault: string, inputs: ProposalInputs): VolatilityView {
  const view = viewPrices(proxy.underlying, null, inputs);
  return {
    estimates: view.estimates.map(({ volatility }) => ({
      estimator: "proxy",
      volatility: volatility * proxy.multiplier,
    })),
    longRun: view.longRun === null ? null : view.longRun * proxy.multiplier,
    incomplete: view.incomplete === null ? null : `${fault}; and of its proxy ${proxy.underlying}, ${view.incomplete}`,
  };
}

/** Says in words why a history cannot be used, or returns null if it can. */
function findFault(history: PriceHistory, date: string, { minimumReturns }: DynamicsPolicy): string | null {
  const { bars, refused, returns } = before(history, date);
  const left = refused.length === 0 ? "" : `, ${refused.length} bars left out (${refused[0]?.reason})`;
  if (returns.length < minimumReturns) return `${returns.length} daily returns of the ${minimumReturns} needed${left}`;
  const last = bars.at(-1)?.date ?? "";
  if (dayNumber(date) - dayNumber(last) > staleDays) return `the history ends on ${last}${left}`;
  if (returns.every((change) => change === 0)) return `${returns.length} daily returns, all of them zero${left}`;
  return null;
}

/** Returns the history up to the day before a date. */
function before(history: PriceHistory, date: string): PriceHistory {
  const bars = history.bars.filter((bar) => bar.date < date);
  return { ...history, bars, returns: history.returns.slice(0, Math.max(0, bars.length - 1)) };
}

function findImplied(history: UnderlyingHistory | undefined, date: string) {
  const since = dayNumber(date) - impliedDays;
  const recent = (history?.implied ?? []).filter((entry) => entry.date <= date && dayNumber(entry.date) >= since);
  const today = recent.find((entry) => entry.date === date);
  return { now: today?.volatility ?? null, isLost: today === undefined && recent.length > 0 };
}

/** Tenor in days at which the implied volatility is read. Volatility moves are stated for the same tenor. */
const tenorDays = 30;

/**
 * Finds the implied volatility of an underlying at 30 days and at the forward, per year, on the surface of its options'
 * marks. It is null if the snapshot has no option of it with a volatility.
 */
export function findImpliedVolatility(snapshot: MarketSnapshot, underlying: string): number | null {
  const own = snapshot.instruments.filter(({ instrument }) => instrument.underlying === underlying);
  const surface = buildVolatilitySurface(collectExpiryMarks(own, snapshot.asOfMs));
  const years = tenorDays / DAYS_PER_YEAR;
  const volatility = volatilityAt(surface, forwardAt(surface, years), years);
  return volatility > 0 ? volatility : null;
}
