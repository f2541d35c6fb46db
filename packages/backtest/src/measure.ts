import {
  christoffersenIndependence,
  conditionalCoverageTest,
  countTransitions,
  kupiecTest,
  MS_PER_DAY,
  MS_PER_HOUR,
  measureCoverage,
  measureProcyclicality,
  trafficLight,
} from "@plimsoll/risk";
import { measureOutcome, measureUnacted } from "./account-outcomes.ts";
import type { Liquidation } from "./account-path.ts";
import type { PriceHistory } from "./history.ts";
import { type ReplayPlan, stepCount } from "./plan.ts";
import { type PortfolioSeries, underlyingsOf } from "./replay.ts";
import type { ContenderResult, PortfolioResult } from "./report-schema.ts";

const increaseDays = [1, 5, 20];

/**
 * Returns the least number of observations for a test, at which one exception is expected. Fewer observations say
 * nothing, even if none is an exception.
 */
export function leastObservations(level: number): number {
  return Math.round(1 / (1 - level));
}

/** Computes the figures of one portfolio from its series. */
export function measurePortfolio(series: PortfolioSeries, history: PriceHistory, plan: ReplayPlan): PortfolioResult {
  const { rule, runs, gross, losses, margins } = series;
  const steps = stepCount(plan);
  let held = 0;
  let rolls = -1;
  for (let step = 0; step < steps; step += 1) {
    if (runs[step]! < 0) continue;
    held += 1;
    rolls = Math.max(rolls, runs[step]!);
  }
  const shares = margins.map((margin) => margin.map((usd, step) => usd / gross[step]!));
  return {
    portfolio_id: rule.portfolioId,
    kind: rule.kind,
    underlyings: underlyingsOf(rule).sort(),
    steps: held,
    rolls: Math.max(0, rolls),
    gap_restarts: series.gapRestarts,
    unacted: measureUnacted(series, (step) => timeText(history, plan, step)),
    contenders: plan.contenders.map((_, index) => measureContender(series, index, shares[index]!, history, plan)),
    daily: dailyFigures(losses, gross, margins, shares, plan),
  };
}

function timeText(history: PriceHistory, plan: ReplayPlan, step: number): string {
  return new Date(history.startMs + (plan.fromAt + step * plan.pointsPerStep) * history.gridMs).toISOString();
}

function measureContender(
  series: PortfolioSeries,
  index: number,
  shares: Float64Array,
  history: PriceHistory,
  plan: ReplayPlan,
): ContenderResult {
  const { rule, runs, gross, losses } = series;
  const margins = series.margins[index]!;
  const { worst, ...counted } = measureCoverage(margins, losses);
  const observed = Float64Array.from(margins, (margin, step) => (Number.isNaN(losses[step]!) ? Number.NaN : margin));
  const [dayIncrease, fiveDays, twentyDays] = measureProcyclicality(
    shares,
    runs,
    increaseDays.map((days) => Math.max(1, Math.round((days * MS_PER_DAY) / plan.stepMs))),
  ).greatestIncreases;
  return {
    name: plan.contenders[index]!.name,
    ...counted,
    ...sampledTests(margins, losses, plan),
    average_margin_usd: meanOf(observed),
    average_margin_share: meanOf(observed.map((margin, step) => margin / gross[step]!)),
    worst_shortfall: worst && {
      at: timeText(history, plan, worst.index),
      portfolio_id: rule.portfolioId,
      loss_usd: worst.loss,
      margin_usd: worst.margin,
      shortfall_usd: worst.loss - worst.margin,
      shortfall_share: (worst.loss - worst.margin) / gross[worst.index]!,
    },
    procyclicality: {
      peak_to_trough: measureProcyclicality(shares, null, []).peakToTrough,
      increase_1_day: dayIncrease ?? null,
      increase_5_days: fiveDays ?? null,
      increase_20_days: twentyDays ?? null,
    },
    liquidations: measureLiquidations(series.paths[index]!.liquidations, plan.stepMs / MS_PER_HOUR),
    outcome: measureOutcome(series, index, plan, (step) => timeText(history, plan, step)),
    not_margined: Object.fromEntries([...series.refusals[index]!].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Tests every observation that starts where the last one ended, because overlapping losses are not independent. */
function sampledTests(margins: Float64Array, losses: Float64Array, { horizonSteps, level }: ReplayPlan) {
  const flags: number[] = [];
  for (let step = 0; step < losses.length; step += horizonSteps) {
    const uncovered = losses[step]! - margins[step]!;
    flags.push(Number.isNaN(uncovered) ? Number.NaN : uncovered > 0 ? 1 : 0);
  }
  const known = flags.filter((flag) => !Number.isNaN(flag));
  const exceptions = known.reduce((sum, flag) => sum + flag, 0);
  const counts = { sampled_observations: known.length, sampled_exceptions: exceptions };
  if (known.length < leastObservations(level)) {
    return { ...counts, kupiec: null, independence: null, conditional_coverage: null, traffic_light: null };
  }
  const probability = 1 - level;
  const kupiec = kupiecTest(exceptions, known.length, probability);
  const independence = christoffersenIndependence(countTransitions(flags));
  const { zone, cumulativeProbability, plusFactor } = trafficLight(exceptions, known.length, probability);
  return {
    ...counts,
    kupiec: testFigures(kupiec),
    independence: testFigures(independence),
    conditional_coverage: testFigures(conditionalCoverageTest(kupiec, independence)),
    traffic_light: { zone, cumulative_probability: Math.min(1, cumulativeProbability), plus_factor: plusFactor },
  };
}

function testFigures({ likelihoodRatio, pValue }: { readonly likelihoodRatio: number; readonly pValue: number }) {
  return { likelihood_ratio: likelihoodRatio, p_value: pValue };
}

export function measureLiquidations(liquidations: readonly Liquidation[], stepHours: number) {
  const leads = liquidations.map(({ leadSteps }) => leadSteps * stepHours).sort((a, b) => a - b);
  return {
    count: liquidations.length,
    unwarned: leads.filter((lead) => lead === 0).length,
    bankrupt: liquidations.filter(({ equity }) => equity <= 0).length,
    median_lead_hours: medianOf(leads),
    shortest_lead_hours: leads[0] ?? null,
  };
}

/**
 * Returns the median of the values, or null if there are none. Of an even number of values, it is the lower middle one.
 */
export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Returns the mean of the values that are not NaN, or null if there are none. */
function meanOf(values: Float64Array): number | null {
  let sum = 0;
  let known = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return known === 0 ? null : sum / known;
}

function dailyFigures(
  losses: Float64Array,
  gross: Float64Array,
  margins: readonly Float64Array[],
  shares: readonly Float64Array[],
  plan: ReplayPlan,
): PortfolioResult["daily"] {
  const perDay = Math.max(1, Math.round(MS_PER_DAY / plan.stepMs));
  const days = Math.ceil(losses.length / perDay);
  const eachDay = <Figure>(figure: (start: number, end: number) => Figure) =>
    Array.from({ length: days }, (_, day) => figure(day * perDay, Math.min(losses.length, (day + 1) * perDay)));
  return {
    margin_shares: shares.map((share) => eachDay((start) => rounded(share[start]!))),
    loss_shares: eachDay((start, end) => {
      let worst = Number.NaN;
      for (let step = start; step < end; step += 1) {
        const loss = losses[step]! / gross[step]!;
        if (!(loss <= worst) && !Number.isNaN(loss)) worst = loss;
      }
      return rounded(worst);
    }),
    exceptions: margins.map((margin) =>
      eachDay((start, end) => {
        let exceptions = 0;
        for (let step = start; step < end; step += 1) if (losses[step]! > margin[step]!) exceptions += 1;
        return exceptions;
      }),
    ),
  };
}

/** Rounds a figure to four significant digits, since a plot cannot show more. NaN becomes null. */
function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(4));
}
