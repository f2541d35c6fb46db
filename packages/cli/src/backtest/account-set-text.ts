import type { AccountSetSummary } from "@plimsoll/backtest";
import { groupDigits } from "@plimsoll/calls";
import { figureText } from "@plimsoll/schema";

const reasonWords = {
  no_candles: "without candles of their coin",
  outside_the_replay: "recorded outside of the replay",
  unknown_collateral: "with collateral of an unknown kind",
} as const;

/** Describes how many rows of a set were replayed, and why the others were not. */
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

/** Returns the table rows of a set, each with a heading and one figure for each contender. */
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
