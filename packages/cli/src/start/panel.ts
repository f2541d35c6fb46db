import { durationWords, priceWords } from "@plimsoll/calls";
import { type Severity, severities } from "@plimsoll/risk";
import type { MarginGap } from "@plimsoll/schema";
import { priceList } from "../cost/price-list.ts";
import { bar } from "../output/bar.ts";
import { paintSeverity } from "../output/severity-style.ts";
import type { Paint } from "../output/terminal.ts";
import { count } from "./counts.ts";
import { gapWords, incompleteOf, unknownOf } from "./gap-words.ts";
import { incompleteText } from "./incomplete-text.ts";
import { costView, type ProgressState } from "./progress-state.ts";
import type { PricesPosted } from "./session-events.ts";

export interface PanelOptions {
  readonly columns: number;
  readonly paint: Paint;
  /** The wall clock in Unix milliseconds, from which the age of results is told. */
  readonly nowMs: number;
}

const labelWidth = 11;
const widestPanel = 110;

/** Renders the live summary, with one line each for prices, accounts, sweep, severities, calls, cost and address. */
export function panel(state: ProgressState, options: PanelOptions): string {
  const { paint, columns } = options;
  const rule = paint.dim("─".repeat(Math.max(20, Math.min(columns, widestPanel) - 4)));
  const lines = [
    ...(state.prices ? [["Prices", priceLine(state.prices, state, paint)]] : []),
    ...(state.report ? reportLines(state, options) : []),
    ["Now", activity(state, paint)],
    ...(state.apiUrl ? [["API", `${paint.cyan(`${state.apiUrl}/reference`)}   Ctrl-C stops`]] : []),
    ...(state.environmentFile ? [["Try", `source ${state.environmentFile} && npx plimsoll accounts`]] : []),
  ];
  return [
    "",
    `  ${rule}`,
    ...lines.map(([label = "", text = ""]) => `  ${paint.dim(label.padEnd(labelWidth))} ${text}`),
  ].join("\n");
}

function priceLine(prices: PricesPosted, state: ProgressState, paint: Paint): string {
  const quality = new Map(state.report?.underlyings.map((underlying) => [underlying.underlying, underlying.quality]));
  const traded = prices.underlyings.filter(({ underlying }) => !underlying.startsWith("USD"));
  return traded
    .map(({ underlying, indexPrice, multiple }) => {
      const doubt = quality.get(underlying) ?? "good";
      const shownDoubt = doubt === "good" ? "" : ` ${paint.yellow(doubt)}`;
      return `${paint.bold(underlying)} ${priceWords(indexPrice)} ${paintMove(multiple, paint)}${shownDoubt}`;
    })
    .join("   ");
}

function paintMove(multiple: number, paint: Paint): string {
  return multiple < 1 ? paint.red(percentMove(multiple)) : paint.green(percentMove(multiple));
}

/** Writes a multiple as a signed move: 0.88 is `−12.00 %`. */
export function percentMove(multiple: number): string {
  const percent = (multiple - 1) * 100;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(2)} %`;
}

function reportLines(state: ProgressState, { paint, nowMs }: PanelOptions): string[][] {
  const report = state.report!;
  const inPart = incompleteOf(report.gaps);
  const refused = [...report.notMargined.values()].reduce((sum, count) => sum + count, 0);
  const why = [...report.notMargined].map(([code, count]) => `${count} ${code.replaceAll("_", " ")}`).join(", ");
  const age = durationWords(Math.max(0, nowMs - report.completedAtMs));
  const cost = costView(report.usage, report.accounts, state.scheduleSeconds);
  const dead = report.deadLetters === 0 ? "no dead letters" : paint.red(`${report.deadLetters} dead letters`);
  const unpublished = report.unpublished === 0 ? "" : paint.red(`${count(report.unpublished)} not published yet, `);
  const { opened, escalated, eased, cured } = state.calls;
  return [
    [
      "Accounts",
      `${count(report.accounts)}: ${count(report.margined)} margined, ` +
        (refused === 0 ? "none without figures" : paint.yellow(`${count(refused)} without figures (${why})`)),
    ],
    ...(inPart.length === 0 ? [] : [["Not in full", paint.yellow(gapWords(inPart))]]),
    [
      "Sweep",
      `${milliseconds(report.durationMs)} for ${report.shards} shards, ` +
        `${count(report.instruments)} instruments; results ${age} old; ${count(state.sweeps)} so far`,
    ],
    ...(report.shardsMissing.length === 0
      ? []
      : [["", paint.red(`incomplete: ${incompleteText(report.shardsMissing, report.shards, report.failures)}`)]]),
    ...(report.accountsBehind.length === 0
      ? []
      : [["Behind", paint.yellow(`${behindWords(report.accountsBehind)} behind: account_state asked for`)]]),
    ["Severities", severityLine(report.severities, paint) + unknownText(report.gaps, paint)],
    ["Calls", `${opened} opened, ${escalated} escalated, ${eased} eased, ${cured} cured; ${unpublished}${dead}`],
    [
      "AWS cost",
      `${dollars(cost.perSweepUsd)} a sweep, ${dollars(cost.perMonthUsd)} a month at one per ${durationWords(state.scheduleSeconds * 1_000)}, ` +
        `${dollars(cost.perMillionAccountsUsd)} per million accounts ${paint.dim(`(list of ${priceList.date})`)}`,
    ],
  ];
}

/** How many accounts a line names before it only counts them. */
const namedAccounts = 3;

/** Says which accounts lack events of the exchange: `dave is`, `2 accounts (bo, dave) are`. */
export function behindWords(accountIds: readonly string[]): string {
  if (accountIds.length === 1) return `${accountIds[0]} is`;
  const more = accountIds.length > namedAccounts ? ", …" : "";
  return `${count(accountIds.length)} accounts (${accountIds.slice(0, namedAccounts).join(", ")}${more}) are`;
}

function severityLine(counts: ReadonlyMap<Severity, number>, paint: Paint): string {
  return severities
    .map((severity) => {
      const text = `${severity} ${count(counts.get(severity) ?? 0)}`;
      return counts.get(severity) ? paintSeverity(severity, text, paint) : paint.dim(text);
    })
    .join("  ");
}

/** Writes the accounts whose severity is unknown: NORMAL is only carried over and was not found by this result. */
function unknownText(gaps: readonly MarginGap[], paint: Paint): string {
  const unknown = unknownOf(gaps);
  return unknown.length === 0 ? "" : `  ${paint.yellow(`UNKNOWN ${gapWords(unknown)}`)}`;
}

function activity(state: ProgressState, paint: Paint): string {
  if (state.sweeping)
    return `sweeping ${bar(state.sweeping, paint)} ${state.sweeping.done}/${state.sweeping.total} shards`;
  if (state.loading) {
    return `accounts into the ledger ${bar(state.loading, paint)} ${count(state.loading.done)}/${count(state.loading.total)}`;
  }
  return state.step;
}

export function milliseconds(value: number): string {
  return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

/** Writes US dollars with cents from ten cents on, and else with two significant digits. */
export function dollars(value: number): string {
  return value === 0 || value >= 0.1 ? `$${value.toFixed(2)}` : `$${value.toPrecision(2)}`;
}
