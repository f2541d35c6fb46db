import { basename } from "node:path";
import { severityRank } from "@plimsoll/risk";
import { medianOf } from "./measure.ts";
import type { AccountSet } from "./recorded-accounts.ts";
import type { AccountSetSummary, ContenderResult, PortfolioResult } from "./report-schema.ts";

/** Summarises what became of the accounts of one recorded set, for each contender. */
export function summariseAccountSet(
  { name, file, sha256, rowCount, rejected, leftOut }: AccountSet,
  portfolios: readonly PortfolioResult[],
): AccountSetSummary {
  const own = portfolios.filter(({ kind }) => kind === name);
  const unacted = own.map((portfolio) => portfolio.unacted).filter((one) => one !== null);
  const fallen = unacted.filter(({ worst_equity_usd }) => worst_equity_usd < 0);
  const names = own[0]?.contenders.map((contender) => contender.name) ?? [];
  return {
    set: name,
    file: basename(file),
    sha256,
    rows: rowCount,
    rejected,
    left_out: [...leftOut],
    accounts: own.length,
    equity_usd: sum(unacted.map(({ equity_usd }) => equity_usd)),
    unacted_shortfalls: fallen.length,
    unacted_usd: sum(fallen.map(({ worst_equity_usd }) => -worst_equity_usd)),
    contenders: names.map((contender, index) => ({
      name: contender,
      ...countOutcomes(own.map(({ contenders }) => contenders[index]!.outcome)),
    })),
  };
}

/**
 * Counts the outcomes under one contender. An account that opens at or beyond a severity does not show whether that
 * severity comes in time, so it is counted apart.
 */
function countOutcomes(all: readonly ContenderResult["outcome"][]) {
  const outcomes = all.filter((outcome) => outcome !== null);
  const isAtLeast = (
    severity: NonNullable<ContenderResult["outcome"]>["gravest"],
    level: "MARGIN_CALL" | "LIQUIDATION",
  ) => severityRank(severity) >= severityRank(level);
  const opened = outcomes.filter(({ opened_as }) => !isAtLeast(opened_as, "LIQUIDATION"));
  const liquidated = opened.filter(({ liquidated_at }) => liquidated_at !== null);
  const leads = liquidated.map(({ lead_hours }) => lead_hours ?? 0).sort((a, b) => a - b);
  const short = liquidated.filter(({ uncovered_usd }) => uncovered_usd > 0);
  return {
    margined: outcomes.length,
    opened_called: outcomes.filter(({ opened_as }) => isAtLeast(opened_as, "MARGIN_CALL")).length,
    opened_in_liquidation: outcomes.length - opened.length,
    opened_in_shortfall: outcomes.filter(
      ({ opened_as, uncovered_usd }) => opened_as === "BANKRUPT" && uncovered_usd > 0,
    ).length,
    called: opened.filter(({ opened_as, called_at }) => !isAtLeast(opened_as, "MARGIN_CALL") && called_at !== null)
      .length,
    liquidated: liquidated.length,
    unwarned: leads.filter((lead) => lead === 0).length,
    shortfalls: short.length,
    uncovered_usd: sum(short.map(({ uncovered_usd }) => uncovered_usd)),
    median_lead_hours: medianOf(leads),
    shortest_lead_hours: leads[0] ?? null,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
