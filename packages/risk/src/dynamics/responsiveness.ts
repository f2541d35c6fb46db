import { measureProcyclicality } from "../backtest/index.ts";
import { dayNumber } from "./bars.ts";
import type { ReferenceRequirement } from "./reference-portfolios.ts";

/** The reference portfolios on one UTC day. */
export interface ReferenceDay {
  readonly date: string;
  readonly parametersVersion: string;
  readonly requirements: readonly ReferenceRequirement[];
}

/** What margin may do by itself before the operators must explain it. */
export interface ResponsivenessLimits {
  readonly peakToTrough: number;
  readonly increases: readonly { readonly days: number; readonly limit: number }[];
}

/** Our choice: what the shipped policy stays within on BTC and ETH since 2019, and a little more. */
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
  /** Share of the index price; the newest day's, null where it was not margined. */
  readonly requirement: number | null;
  readonly averageRequirement: number | null;
  readonly peakToTrough: number | null;
  readonly increases: readonly { readonly days: number; readonly greatest: number | null; readonly limit: number }[];
}

/** How a limit was passed. */
export interface ResponsivenessBreach {
  readonly name: string;
  /** 0 for peak to trough. */
  readonly days: number;
  readonly value: number;
  readonly limit: number;
}

/** The procyclicality card: what our own margins did over a window, and where that was more than it should be. */
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
 * Measures the margins of the reference portfolios, days in order of date, each once; null without any. A missing day is a
 * gap: increases are between days that many calendar days apart, never across one as if it were next.
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
    // NaN is no margin: measureProcyclicality passes it over.
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
