import type { Backtest, PortfolioResult } from "@plimsoll/backtest";
import { MS_PER_DAY } from "@plimsoll/risk";
import type { Markup } from "../output/markup.ts";
import { dotChart, timeChart } from "../output/plots.ts";

const daysPerPoint = 7;

export interface NamedPlot {
  /** The name of the file without its ending. */
  readonly name: string;
  readonly svg: Markup;
}

/** Draws the plots of a backtest: prices, margins and exceptions by the week, and the coverage by kind of portfolio. */
export function backtestPlots({ report, results, history, plan }: Backtest): NamedPlot[] {
  const startMs = history.startMs + plan.fromAt * history.gridMs;
  const days = results[0]?.daily.loss_shares.length ?? 0;
  const weeks = Math.ceil(days / daysPerPoint);
  const timesMs = Array.from({ length: weeks }, (_, week) => startMs + week * daysPerPoint * MS_PER_DAY);
  const names = report.summary.map(({ name }) => name);
  const byWeek = (figure: (day: number) => number | null, join: (values: readonly number[]) => number | null) =>
    Array.from({ length: weeks }, (_, week) => {
      const ofWeek = Array.from({ length: daysPerPoint }, (_, day) => week * daysPerPoint + day);
      return join(
        ofWeek
          .filter((day) => day < days)
          .map(figure)
          .filter((value) => value !== null),
      );
    });
  const common = { timesMs, logarithmic: false } as const;
  const shareAsked = `${report.level * 100} %`;
  return [
    {
      name: "prices",
      svg: timeChart({
        ...common,
        title: "Index, US dollars",
        unit: "dollars",
        logarithmic: true,
        lines: history.underlyings.map(({ underlying, index }) => ({
          name: underlying,
          values: timesMs.map((timeMs) => {
            const price = index[Math.round((timeMs - history.startMs) / history.gridMs)];
            return price === undefined || Number.isNaN(price) ? null : price;
          }),
        })),
      }),
    },
    {
      name: "margins",
      svg: timeChart({
        ...common,
        title: "Initial margin, share of the gross notional, mean of all portfolios",
        unit: "percent",
        lines: names.map((name, index) => ({ name, values: byWeek((day) => meanShare(results, index, day), mean) })),
      }),
    },
    {
      name: "exceptions",
      svg: timeChart({
        ...common,
        title: `Losses over ${report.horizon_hours} h beyond their margin, a week, all portfolios`,
        unit: "count",
        lines: names.map((name, index) => ({
          name,
          values: byWeek(
            (day) => total(results, index, day),
            (values) => values.reduce((sum, value) => sum + value, 0),
          ),
        })),
      }),
    },
    {
      name: "coverage",
      svg: dotChart(
        `Coverage by kind of portfolio; ${shareAsked} asked`,
        names,
        report.kinds.map(({ kind, contenders }) => ({
          name: kind.replaceAll("_", " "),
          values: contenders.map(({ coverage }) => coverage),
        })),
        report.level,
      ),
    },
  ];
}

/** Returns the mean margin share of the portfolios that are margined on a day, or null if there are none. */
function meanShare(results: readonly PortfolioResult[], contender: number, day: number): number | null {
  const known = results.map(({ daily }) => daily.margin_shares[contender]![day] ?? null).filter((one) => one !== null);
  return mean(known);
}

function total(results: readonly PortfolioResult[], contender: number, day: number): number {
  return results.reduce((sum, { daily }) => sum + (daily.exceptions[contender]![day] ?? 0), 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
