import { InputError } from "@plimsoll/files/input-error";
import { buildStressSet, stressedSymbolsOf, stressHistory, stressPool } from "@plimsoll/risk";
import {
  accountId,
  decimal,
  methodId,
  requirementText,
  snapshotId,
  statedIncomplete,
  stateIncomplete,
  symbol,
  toWire,
  utcTime,
  valueText,
} from "@plimsoll/schema";
import * as z from "zod";
import { accountOf } from "../margin/margin-report.ts";
import type { PortfolioQuestion } from "../margin/portfolio-question.ts";

/**
 * The JSON object that `plimsoll stress --json` prints: one portfolio against one market in every named stress, worst
 * first.
 */
export const stressReport = z.strictObject({
  schema_version: z.literal(1),
  account_id: accountId,
  /** The currency of every amount. */
  pool_currency: symbol,
  method_id: methodId,
  market: z.strictObject({ source: z.string(), snapshot_id: snapshotId, as_of: utcTime }),
  parameters_version: z.string(),
  stress_set: z.string(),
  equity: decimal,
  initial_margin: decimal,
  /** What could not be margined in full, and how it is counted. It is absent when there is nothing. */
  incomplete: statedIncomplete.exactOptional(),
  scenarios: z.array(
    z.strictObject({
      scenario_id: z.string(),
      label: z.string(),
      /** A loss is positive. */
      loss: decimal,
      loss_beyond_margin: decimal,
      equity_after: decimal,
    }),
  ),
});
export type StressReport = z.infer<typeof stressReport>;

/** Stresses a portfolio by the method of its file. Throws an `InputError` when it cannot be margined. */
export function reportStress({ portfolio, snapshot, source, parameters }: PortfolioQuestion): StressReport {
  const pool = accountOf(portfolio, portfolio.account_id, portfolio.method_id, snapshot);
  const set = buildStressSet(stressedSymbolsOf(snapshot, parameters), stressHistory);
  const result = stressPool(pool, snapshot, parameters, set);
  if (result.status === "not_margined") {
    const { field, value, remedy } = result;
    throw new InputError(`not margined by ${pool.methodId}: ${field} is ${value}: ${remedy}`);
  }
  const currency = pool.poolCurrency;
  return stressReport.parse({
    schema_version: 1,
    account_id: pool.accountId,
    pool_currency: currency,
    method_id: pool.methodId,
    market: { source, snapshot_id: snapshot.snapshotId, as_of: new Date(snapshot.asOfMs).toISOString() },
    parameters_version: parameters.parametersVersion,
    stress_set: result.setId,
    equity: valueText(result.equity, currency),
    initial_margin: requirementText(result.initialMargin, currency),
    ...(result.incomplete && { incomplete: toWire(stateIncomplete(result.incomplete, currency)) }),
    scenarios: result.losses.map(({ scenarioId, label, loss, lossBeyondMargin, equityAfter }) => ({
      scenario_id: scenarioId,
      label,
      loss: requirementText(loss, currency),
      loss_beyond_margin: requirementText(lossBeyondMargin, currency),
      equity_after: valueText(equityAfter, currency),
    })),
  });
}
