import { logRatio } from "../numbers/index.ts";
import { MS_PER_HOUR } from "../numbers/time.ts";
import type { JointMoves, JointScenarioSet, ScenarioProxy } from "./joint.ts";

/** The prices of an underlying, or its implied volatilities, at times in any order. */
export interface TimeSeries {
  readonly symbol: string;
  /** The times in milliseconds since 1970. */
  readonly timesMs: readonly number[];
  /** The values in US dollars per unit, or volatilities in any unit that stays the same. */
  readonly values: readonly number[];
}

export interface HistoryQuestion {
  readonly setId: string;
  readonly prices: readonly TimeSeries[];
  /** The series of the underlyings that have a volatility index. */
  readonly volatilities: readonly TimeSeries[];
  readonly horizonHours: number;
  /**
   * The hours from one scenario to the next. Below the horizon windows overlap, and scenarios are no longer
   * independent.
   */
  readonly stepHours: number;
  /** The proxies whose moves are used before an underlying's own history begins. */
  readonly proxies: readonly { readonly underlying: string; readonly proxy: string; readonly beta: number }[];
  /**
   * The rise of ln volatility per unit of log return, on falls and on rises. It serves moves without two known
   * volatilities.
   */
  readonly risePerFall: number;
  readonly risePerRise: number;
}

/** What was done with faulty data. */
export interface HistoryNote {
  readonly code:
    | "duplicate_dropped"
    | "contradiction_dropped"
    | "unusable_value_dropped"
    | "gap_skipped"
    | "suspected_outlier_kept"
    | "proxy_used"
    | "volatility_by_rule";
  readonly symbol: string;
  /** The number of points or scenarios concerned. */
  readonly count: number;
  /** The text for people, with the first place where the fault was found. */
  readonly text: string;
}

export interface JointHistory {
  readonly set: JointScenarioSet;
  readonly notes: readonly HistoryNote[];
}

/**
 * A move is a suspected outlier when it exceeds this many times the median size of its series and the next move
 * reverses it.
 */
const OUTLIER_MEDIANS = 20;

/**
 * Builds joint scenarios from prices. A scenario is named by the time at which its move was complete. It exists only if
 * every underlying whose history had begun has both prices. A gap of one underlying skips the scenario for all, so that
 * dates stay joint.
 *
 * A time given twice with one value counts once. A time with two values counts as a gap, since neither can be trusted.
 * Values that are not above 0 are gaps. A spike that the next step takes back is kept and named, since leaving it out
 * would lower margins by a guess. Before an underlying's own history its proxy's moves are used. Without a proxy the
 * set begins with that history.
 */
export function buildJointHistory(question: HistoryQuestion): JointHistory {
  const { horizonHours, stepHours, prices } = question;
  if (!(horizonHours > 0 && stepHours > 0)) {
    throw new RangeError(`Horizon is ${horizonHours} h and step ${stepHours} h; both must be above 0`);
  }
  if (prices.length === 0) throw new RangeError("A history needs the prices of at least one underlying");
  const notes: HistoryNote[] = [];
  const series = prices.map((entry) => cleanSeries(entry, notes)).sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const volatilities = new Map(
    question.volatilities.map((entry) => [entry.symbol, cleanSeries(entry, notes).byTime] as const),
  );
  const horizonMs = horizonHours * MS_PER_HOUR;
  const standIns: StandIns = new Map(series.map((own) => [own, findStandIn(own, series, question)]));
  const times = scenarioTimes(series, standIns, question, notes);
  const underlyings = series.map((own): JointMoves => {
    const logReturns = times.map((time) => returnOf(own, time, horizonMs));
    const missing = logReturns.filter((move) => move === null).length;
    const standIn = missing === 0 ? null : standIns.get(own)!;
    const filled = logReturns.map((move, s) => move ?? standInReturn(standIn!, times[s]!, horizonMs, standIns));
    const proxy: ScenarioProxy | null = standIn && {
      underlying: standIn.series.symbol,
      beta: standIn.beta,
      scenarioCount: missing,
    };
    if (proxy !== null) {
      const text = `${own.symbol} has no prices for the first ${missing} scenarios: ${proxy.beta} x ${proxy.underlying} there`;
      notes.push({ code: "proxy_used", symbol: own.symbol, count: missing, text });
    }
    noteOutliers(own.symbol, filled, times, notes);
    const seen = volatilities.get(own.symbol);
    return {
      underlying: own.symbol,
      logReturns: filled,
      volatilityLogMoves: seen === undefined ? null : volatilityMoves(own.symbol, seen, filled, times, question, notes),
      proxy,
    };
  });
  const set: JointScenarioSet = {
    setId: question.setId,
    kind: "historical",
    horizonHours,
    stepHours,
    scenarioIds: times.map(timeName),
    labels: null,
    weights: null,
    underlyings,
  };
  return { set, notes };
}

interface CleanSeries {
  readonly symbol: string;
  readonly byTime: ReadonlyMap<number, number>;
  readonly firstMs: number;
  readonly lastMs: number;
}

function cleanSeries({ symbol, timesMs, values }: TimeSeries, notes: HistoryNote[]): CleanSeries {
  if (timesMs.length !== values.length) {
    throw new RangeError(`Series ${symbol} has ${timesMs.length} times and ${values.length} values; give one each`);
  }
  const byTime = new Map<number, number>();
  const contradicted = new Set<number>();
  const found = {
    duplicate_dropped: [] as number[],
    contradiction_dropped: [] as number[],
    unusable_value_dropped: [] as number[],
  };
  for (const [index, time] of timesMs.entries()) {
    const value = values[index]!;
    if (!(value > 0 && value < Number.POSITIVE_INFINITY) || !Number.isFinite(time))
      found.unusable_value_dropped.push(time);
    else if (byTime.get(time) === value) found.duplicate_dropped.push(time);
    else if (byTime.has(time)) contradicted.add(time);
    else byTime.set(time, value);
  }
  for (const time of contradicted) {
    byTime.delete(time);
    found.contradiction_dropped.push(time);
  }
  const reasons = {
    duplicate_dropped: "a time given again with the same value counts once",
    contradiction_dropped: "a time with two values counts as a gap",
    unusable_value_dropped: "a value that is not a number above 0 counts as a gap",
  } as const;
  for (const [code, times] of Object.entries(found) as [keyof typeof found, number[]][]) {
    if (times.length === 0) continue;
    const at = Number.isFinite(times[0]) ? timeName(times[0]!) : "a time that is no time";
    notes.push({ code, symbol, count: times.length, text: `${symbol}: ${reasons[code]}, first at ${at}` });
  }
  if (byTime.size === 0) throw new RangeError(`Series ${symbol} has no usable value; give prices above 0`);
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const time of byTime.keys()) {
    firstMs = Math.min(firstMs, time);
    lastMs = Math.max(lastMs, time);
  }
  return { symbol, byTime, firstMs, lastMs };
}

/** Returns the log return up to a time, or null where the series lacks one of the two prices, as before it begins. */
function returnOf({ byTime }: CleanSeries, time: number, horizonMs: number): number | null {
  const after = byTime.get(time);
  const before = byTime.get(time - horizonMs);
  return after === undefined || before === undefined ? null : logRatio(after, before);
}

/** The series of a proxy, of which `beta` times the move stands in for another before that begins. */
interface StandIn {
  readonly series: CleanSeries;
  readonly beta: number;
}

/** The stand-in of each series, or null where no rule names one. */
type StandIns = ReadonlyMap<CleanSeries, StandIn | null>;

/**
 * Finds the first proxy rule for a series whose proxy is among the others, or null. A rule for the symbol itself comes
 * before one for `*`.
 */
function findStandIn(
  { symbol }: CleanSeries,
  all: readonly CleanSeries[],
  { proxies }: HistoryQuestion,
): StandIn | null {
  const found = (underlying: string) => {
    for (const rule of proxies) {
      const series = all.find((one) => one.symbol === rule.proxy && one.symbol !== symbol);
      if (rule.underlying === underlying && series !== undefined) return { series, beta: rule.beta };
    }
    return null;
  };
  return found(symbol) ?? found("*");
}

/**
 * Returns the log return that a stand-in gives up to a time. Where the proxy has no prices yet either, its own stand-in
 * gives its move. This ends, because a stand-in is only asked before the series begins, and the times begin with the
 * first series without one.
 */
function standInReturn({ series, beta }: StandIn, time: number, horizonMs: number, standIns: StandIns): number {
  return beta * (returnOf(series, time, horizonMs) ?? standInReturn(standIns.get(series)!, time, horizonMs, standIns));
}

/**
 * Returns the times at which a move was complete for all underlyings, ascending. They are whole steps of UTC, so that
 * days end at midnight.
 */
function scenarioTimes(
  series: readonly CleanSeries[],
  standIns: StandIns,
  question: HistoryQuestion,
  notes: HistoryNote[],
): number[] {
  const horizonMs = question.horizonHours * MS_PER_HOUR;
  const stepMs = question.stepHours * MS_PER_HOUR;
  const first = series.filter((entry) => (standIns.get(entry)?.series.firstMs ?? entry.firstMs) >= entry.firstMs);
  const startMs = Math.max(...first.map(({ firstMs }) => firstMs));
  const endMs = Math.min(...series.map(({ lastMs }) => lastMs));
  const skipped = new Map<string, number[]>();
  const times: number[] = [];
  const firstMs = Math.ceil((startMs + horizonMs) / stepMs) * stepMs;
  for (let time = firstMs; time <= endMs; time += stepMs) {
    const begun = series.filter(({ firstMs }) => firstMs <= time - horizonMs);
    const lacking = begun.find((entry) => returnOf(entry, time, horizonMs) === null);
    if (lacking === undefined) times.push(time);
    else skipped.set(lacking.symbol, [...(skipped.get(lacking.symbol) ?? []), time]);
  }
  for (const [symbol, missing] of skipped) {
    const text = `${symbol} lacks a price: ${missing.length} scenarios are skipped for all, first ${timeName(missing[0]!)}`;
    notes.push({ code: "gap_skipped", symbol, count: missing.length, text });
  }
  if (times.length === 0) {
    const span = `${timeName(startMs)} to ${timeName(endMs)}`;
    throw new RangeError(
      `No scenario of ${question.horizonHours} h is complete for all of ${span}; give longer histories`,
    );
  }
  return times;
}

function volatilityMoves(
  symbol: string,
  seen: ReadonlyMap<number, number>,
  returns: readonly number[],
  times: readonly number[],
  { horizonHours, risePerFall, risePerRise }: HistoryQuestion,
  notes: HistoryNote[],
): number[] {
  let byRule = 0;
  const moves = times.map((time, s) => {
    const after = seen.get(time);
    const before = seen.get(time - horizonHours * MS_PER_HOUR);
    if (after !== undefined && before !== undefined) return logRatio(after, before);
    byRule += 1;
    return volatilityByRule(returns[s]!, risePerFall, risePerRise);
  });
  if (byRule > 0) {
    const text = `${symbol} has no two volatilities for ${byRule} scenarios: the rule gives them`;
    notes.push({ code: "volatility_by_rule", symbol, count: byRule, text });
  }
  return moves;
}

/**
 * Returns ln(volatility after / before) for a log return where no volatilities are known. Falls have one slope, rises
 * another.
 */
export function volatilityByRule(logReturn: number, risePerFall: number, risePerRise: number): number {
  return logReturn < 0 ? 0 - risePerFall * logReturn : risePerRise * logReturn;
}

function noteOutliers(symbol: string, moves: readonly number[], times: readonly number[], notes: HistoryNote[]): void {
  const sizes = moves.map(Math.abs).sort((a, b) => a - b);
  const limit = OUTLIER_MEDIANS * (sizes[Math.floor(sizes.length / 2)] ?? 0);
  const isSpike = (move: number, next: number) =>
    Math.abs(move) > limit && Math.abs(move + next) < 0.1 * Math.abs(move);
  const spikes = times.filter((_, s) => limit > 0 && s + 1 < moves.length && isSpike(moves[s]!, moves[s + 1]!));
  if (spikes.length === 0) return;
  const text = `${symbol} jumps and comes back at ${timeName(spikes[0]!)}: kept, check the source`;
  notes.push({ code: "suspected_outlier_kept", symbol, count: spikes.length, text });
}

/** Returns the time that a scenario's name states, in milliseconds since 1970, or null for a name that states none. */
function timeOfName(name: string): number | null {
  const found = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2})(?::(\d{2}))?Z)?$/.exec(name);
  const timeMs = found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2] ?? "00"}:${found[3] ?? "00"}:00Z`);
  return Number.isNaN(timeMs) ? null : timeMs;
}

/**
 * Returns when the last move of a set was complete, according to the names of its scenarios. It is null where none of
 * them states a time.
 */
export function lastMoveMs({ scenarioIds }: JointScenarioSet): number | null {
  let last: number | null = null;
  for (const id of scenarioIds) {
    const timeMs = timeOfName(id);
    if (timeMs !== null && (last === null || timeMs > last)) last = timeMs;
  }
  return last;
}

/**
 * Returns the name of a time: `2020-03-12` at midnight UTC, `2020-03-12T11Z` at another hour, with minutes if not 0.
 */
function timeName(timeMs: number): string {
  const [date, clock] = new Date(timeMs).toISOString().split("T") as [string, string];
  if (clock.startsWith("00:00")) return date;
  return `${date}T${clock.slice(3, 5) === "00" ? clock.slice(0, 2) : clock.slice(0, 5)}Z`;
}
