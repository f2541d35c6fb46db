import { MS_PER_HOUR } from "@plimsoll/risk";
import type { ReplayPlan } from "./plan.ts";
import type { PortfolioSeries } from "./replay.ts";
import type { ContenderResult, PortfolioResult } from "./report-schema.ts";

/**
 * Returns what became of a recorded account under one contender: the severities it reached, when, and what it left
 * uncovered in US dollars. Returns null for a generated portfolio and for an account that was never margined.
 */
export function measureOutcome(
  { paths, poolPrices }: PortfolioSeries,
  index: number,
  { stepMs }: ReplayPlan,
  timeAt: (step: number) => string,
): ContenderResult["outcome"] {
  const { record, liquidations } = paths[index]!;
  if (record === null || record.openedAs === null) return null;
  const [end] = liquidations;
  return {
    opened_as: record.openedAs,
    gravest: record.gravest,
    called_at: record.calledAtStep < 0 ? null : timeAt(record.calledAtStep),
    liquidated_at: end === undefined ? null : timeAt(end.step),
    lead_hours: end === undefined ? null : (end.leadSteps * stepMs) / MS_PER_HOUR,
    uncovered_usd: end === undefined ? 0 : Math.max(0, -end.equity * poolPrices[end.step]!),
  };
}

/**
 * Returns the first and the lowest equity of a recorded account on which nobody acts, in US dollars. Only steps with
 * believed prices count. Returns null for a generated portfolio and for an account without such a step.
 */
export function measureUnacted(
  { rule, values, poolPrices }: PortfolioSeries,
  timeAt: (step: number) => string,
): PortfolioResult["unacted"] {
  const first = values.findIndex((value) => !Number.isNaN(value));
  if (rule.recorded === null || first < 0) return null;
  let worst = first;
  const equityAt = (step: number) => values[step]! * poolPrices[step]!;
  for (let step = first; step < values.length; step += 1) if (equityAt(step) < equityAt(worst)) worst = step;
  return {
    opened_at: timeAt(first),
    equity_usd: equityAt(first),
    worst_at: timeAt(worst),
    worst_equity_usd: equityAt(worst),
  };
}
