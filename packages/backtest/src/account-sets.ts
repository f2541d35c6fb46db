import { basename } from "node:path";
import { groupDigits } from "@plimsoll/calls";
import { severityRank } from "@plimsoll/risk";
import { figureText } from "@plimsoll/schema";
import { medianOf } from "./measure.ts";
import type { AccountSet } from "./recorded-accounts.ts";
import type { AccountSetSummary, ContenderResult, PortfolioResult } from "./report-schema.ts";

/** What became of the accounts of a set, by contender. */
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

/** An account that opens beyond a level says nothing of whether the level comes in time: it is counted apart. */
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

const reasonWords = {
  no_candles: "without candles of their coin",
  outside_the_replay: "recorded outside of the replay",
  unknown_collateral: "with collateral of an unknown kind",
} as const;

/** How many rows of a set were replayed, and why the others were not. */
export function describeAccountSet(set: AccountSetSummary): string {
  const reasons = new Map<string, { count: number; subjects: string[] }>();
  for (const { reason, subject, count } of set.left_out) {
    const known = reasons.get(reason) ?? { count: 0, subjects: [] };
    reasons.set(reason, {
      count: known.count + count,
      subjects: [...known.subjects, subject].filter((one) => one !== ""),
    });
  }
  const leftOut = [...reasons].map(([reason, { count, subjects }]) => {
    const coins =
      subjects.length === 0 ? "" : ` (${subjects.slice(0, 5).join(", ")}${subjects.length > 5 ? ", …" : ""})`;
    return `, ${digits(count)} left out ${reasonWords[reason as keyof typeof reasonWords]}${coins}`;
  });
  const rejected = set.rejected === 0 ? "" : `, ${digits(set.rejected)} refused`;
  return (
    `${digits(set.accounts)} of ${digits(set.rows)} rows of ${set.file} with ${dollars(set.equity_usd)} US dollars${leftOut.join("")}${rejected}; ` +
    `were nobody to act, ${digits(set.unacted_shortfalls)} would owe ${dollars(set.unacted_usd)} at worst`
  );
}

/** The rows of the table of a set: heading, then one figure for each contender. */
export function accountSetRows({
  contenders,
}: AccountSetSummary): { readonly head: string; readonly cells: string[] }[] {
  const row = (head: string, cell: (figures: AccountSetSummary["contenders"][number]) => string) => ({
    head,
    cells: contenders.map(cell),
  });
  const hours = (value: number | null) => (value === null ? "–" : String(value));
  return [
    row("Margined", ({ margined }) => digits(margined)),
    row("Open with a call or worse", (one) => digits(one.opened_called)),
    row("  at the level of liquidation", (one) => digits(one.opened_in_liquidation)),
    row("  owing more than they have", (one) => digits(one.opened_in_shortfall)),
    row("Called later", ({ called }) => digits(called)),
    row("Reached liquidation later", ({ liquidated }) => digits(liquidated)),
    row("  without a warning before", ({ unwarned }) => digits(unwarned)),
    row("  hours of warning, median", (one) => hours(one.median_lead_hours)),
    row("  hours of warning, least", (one) => hours(one.shortest_lead_hours)),
    row("  closed in shortfall", ({ shortfalls }) => digits(shortfalls)),
    row("  left uncovered, USD", ({ uncovered_usd }) => dollars(uncovered_usd)),
  ];
}

function digits(count: number): string {
  return groupDigits(String(count));
}

function dollars(amount: number): string {
  return groupDigits(figureText(amount, 0));
}
