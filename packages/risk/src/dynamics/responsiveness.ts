import { measureProcyclicality } from "../backtest/procyclicality.ts";
import { dayNumber } from "./bars.ts";
import type { ReferenceRequirement } from "./reference-portfolios.ts";

/** The requirements of the reference portfolios on one UTC day. */
export interface ReferenceDay {
  readonly date: string;
  readonly parametersVersion: string;
  readonly requirements: readonly ReferenceRequirement[];
}

/** The changes of margin beyond which the operators must explain them. */
export interface ResponsivenessLimits {
  readonly peakToTrough: number;
  readonly increases: readonly { readonly days: number; readonly limit: number }[];
}

/** Our own choice: slightly more than the shipped policy shows on BTC and ETH since 2019. */
export const defaultResponsivenessLimits: ResponsivenessLimits = {
  peakToTrough: 3,
  increases: [
    { days: 1, limit: 0.5 },
    { days: 5, limit: 1 },
    { days: 20, limit: 1.25 },
  ],
};

export interface PortfolioResponsiveness {
  readonly name: string;
  /** The newest day's initial margin as a fraction of the index price. It is null if it was not margined. */
  readonly requirement: number | null;
  readonly averageRequirement: number | null;
  readonly peakToTrough: number | null;
  readonly increases: readonly { readonly days: number; readonly greatest: number | null; readonly limit: number }[];
}

/** A limit that was exceeded. */
export interface ResponsivenessBreach {
  readonly name: string;
  /** The value is 0 for the peak-to-trough measure. */
  readonly days: number;
  readonly value: number;
  readonly limit: number;
}

/** The procyclicality card: how margins moved over a window, and which limits they exceeded. */
export interface ResponsivenessCard {
  readonly fromDate: string;
  readonly toDate: string;
  readonly daysMeasured: number;
  readonly daysMissing: number;
  readonly parametersVersions: readonly string[];
  readonly portfolios: readonly PortfolioResponsiveness[];
  readonly breaches: readonly ResponsivenessBreach[];
}

/**
 * Measures how the margins of the reference portfolios moved. Days must be in order of date, each once; without days
 * the result is null. Increases are measured between days that many calendar days apart, so a missing day is not
 * skipped over.
 */
export function measureResponsiveness(
  days: readonly ReferenceDay[],
  limits: ResponsivenessLimits,
): ResponsivenessCard | null {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return null;
  const start = dayNumber(first.date);
  const span = dayNumber(last.date) - start + 1;
  const names = [...new Set(days.flatMap(({ requirements }) => requirements.map(({ name }) => name)))];
  const breaches: ResponsivenessBreach[] = [];
  const portfolios = names.map((name): PortfolioResponsiveness => {
    // NaN stands for a day without margin, which measureProcyclicality leaves out.
    const series = new Float64Array(span).fill(Number.NaN);
    for (const { date, requirements } of days) {
      series[dayNumber(date) - start] = requirements.find((entry) => entry.name === name)?.requirement ?? Number.NaN;
    }
    const measured = measureProcyclicality(
      series,
      null,
      limits.increases.map((increase) => increase.days),
    );
    const known = series.filter((value) => value > 0);
    const { peakToTrough } = measured;
    if (peakToTrough !== null && peakToTrough > limits.peakToTrough) {
      breaches.push({ name, days: 0, value: peakToTrough, limit: limits.peakToTrough });
    }
    const increases = limits.increases.map((increase, index) => {
      const greatest = measured.greatestIncreases[index] ?? null;
      if (greatest !== null && greatest > increase.limit) {
        breaches.push({ name, days: increase.days, value: greatest, limit: increase.limit });
      }
      return { ...increase, greatest };
    });
    const newest = series[span - 1]!;
    return {
      name,
      requirement: newest > 0 ? newest : null,
      averageRequirement: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length,
      peakToTrough,
      increases,
    };
  });
  return {
    fromDate: first.date,
    toDate: last.date,
    daysMeasured: days.length,
    daysMissing: span - days.length,
    parametersVersions: [...new Set(days.map(({ parametersVersion }) => parametersVersion))],
    portfolios,
    breaches,
  };
}
