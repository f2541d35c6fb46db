import { groupDigits, priceWords } from "@plimsoll/calls";
import type { RunSummary } from "@plimsoll/schema";
import { paintSeverity } from "../output/severity-style.ts";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import { count } from "./counts.ts";
import { gapWords, incompleteOf, unknownOf } from "./gap-words.ts";
import { dollars, milliseconds } from "./panel.ts";
import type { ReplaySummary } from "./run-replay.ts";

/** Renders the summary of one sweep for a person. */
export function summaryText(summary: RunSummary, paint: Paint): string {
  const { market, sweep, calls, aws_cost: cost, timings } = summary;
  const prices = market.underlyings.map(
    ({ underlying, index_price, at_par }) =>
      `${underlying} ${priceWords(index_price)}${at_par === underlying ? " at par" : ""}`,
  );
  const severities = summary.severities
    .filter(({ accounts }) => accounts > 0)
    .map(({ severity, accounts }) => paintSeverity(severity, `${severity} ${count(accounts)}`, paint));
  const phases = Object.entries(timings).map(([phase, ms]) => `${phase.replace(/_ms$/, "")} ${milliseconds(ms)}`);
  const rows = [
    ["Market", `${market.source}, ${market.as_of}: ${prices.join(", ")}; ${count(market.instruments)} instruments`],
    [
      "Accounts",
      `${count(sweep.accounts)}: ${count(sweep.margined)} margined, ${count(sweep.not_margined)} without figures`,
    ],
    ...gapRows(sweep, paint),
    ["Sweep", `${milliseconds(sweep.duration_ms)} for ${sweep.shards} shards; ${phases.join(", ")}`],
    ["Severities", severities.join("  ")],
    ["Calls", `${count(calls.events)} events, ${count(calls.published)} published, ${count(calls.open)} open`],
    [
      "AWS cost",
      `${dollars(cost.per_sweep_usd)} a sweep, ${dollars(cost.per_million_accounts_usd)} per million accounts`,
    ],
    ["Digest", summary.events_digest],
  ];
  return `\n${table(
    [{ head: "" }, { head: "" }],
    rows.map(([name = "", text = ""]) => [paint.dim(name), text]),
    paint,
  )}\n`;
}

/** Returns the rows of the accounts that are not margined in full, and of those whose severity is unknown. */
function gapRows({ gaps, unknown, incomplete }: RunSummary["sweep"], paint: Paint): string[][] {
  const rows: string[][] = [];
  if (incomplete > 0) rows.push(["Not in full", paint.yellow(gapWords(incompleteOf(gaps), incomplete))]);
  if (unknown > 0) rows.push(["Unknown", paint.yellow(gapWords(unknownOf(gaps), unknown))]);
  return rows;
}

/** Renders the summary of a replay: a row for each snapshot, then the whole. */
export function replayText(summary: ReplaySummary, paint: Paint): string {
  const names = summary.total.severities.map(({ severity }) => severity);
  const underlyings = summary.snapshots[0]?.market.map(({ underlying }) => underlying) ?? [];
  const rows = summary.snapshots.map(({ as_of, market, sweep, severities }) => [
    `${as_of.slice(5, 10)} ${as_of.slice(11, 16)}`,
    ...underlyings.map((name) => priceAt(market, name)),
    count(sweep.margined),
    count(sweep.not_margined),
    ...severities.map(({ severity, accounts }) => paintSeverity(severity, count(accounts), paint)),
    milliseconds(sweep.duration_ms),
  ]);
  const columns = [
    { head: "UTC" },
    ...[...underlyings, "margined", "not", ...names.map(shortName), "sweep"].map(
      (head) => ({ head, align: "right" }) as const,
    ),
  ];
  const { opened, escalated, eased, cured } = summary.changes;
  const { calls, events_digest: digest, aws_cost: cost } = summary.total;
  return [
    "",
    table(columns, rows, paint),
    "",
    `  ${opened} opened, ${escalated} escalated, ${eased} eased, ${cured} cured: ` +
      `${count(calls.events)} events committed, ${count(calls.published)} published, ${count(calls.open)} open at the end`,
    `  AWS list price of the last sweep ${dollars(cost.per_sweep_usd)}, ${dollars(cost.per_million_accounts_usd)} per million accounts`,
    ...gapRows(summary.total.sweep, paint).map(([name = "", text = ""]) => `  ${name} at the end ${text}`),
    `  ${paint.dim(`SHA-256 of the events ${digest}`)}`,
    "",
  ].join("\n");
}

function priceAt(market: ReplaySummary["snapshots"][number]["market"], name: string): string {
  return groupDigits(market.find(({ underlying }) => underlying === name)?.index_price ?? "");
}

function shortName(severity: string): string {
  return severity.toLowerCase().replace("_", " ");
}
