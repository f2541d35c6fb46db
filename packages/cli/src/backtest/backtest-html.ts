import type { Backtest, BacktestReport } from "@plimsoll/backtest";
import { groupDigits } from "@plimsoll/calls";
import { inLines, type Markup, markup } from "../output/markup.ts";
import { accountSetRows, describeAccountSet } from "./account-set-text.ts";
import { backtestPlots } from "./backtest-plots.ts";
import { hourText, percentText, summaryRows, usdText } from "./backtest-text.ts";

const style = markup`
:root { color-scheme: light dark; --ink: #1b2733; --soft: #5c6b7a; --line: #dde3e9; --page: #fff; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9fb0c0; --line: #33414e; --page: #141b22; --bad: #ff8f80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1000px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; } p { color: var(--soft); }
.wide { overflow-x: auto; } svg { width: 100%; max-width: 860px; height: auto; display: block; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child { text-align: left; } .bad { color: var(--bad); }
td.words { white-space: normal; text-align: left; min-width: 20rem; }`;

type Cell = string | { readonly text: string; readonly className: string };

/**
 * Renders the backtest as one page that needs no network: plots, figures by contender, by kind and by portfolio, and
 * notes.
 */
export function backtestHtml(backtest: Backtest): string {
  const { report } = backtest;
  const names = report.summary.map(({ name }) => name);
  const title = `Backtest ${report.from.slice(0, 10)} to ${report.to.slice(0, 10)}`;
  const below = (coverage: number | null, text: string): Cell =>
    coverage !== null && coverage < report.level ? { text, className: "bad" } : text;
  return String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}
</style>
</head>
<body>
<h1>${title}</h1>
<p>${report.portfolios.length} ${report.account_sets.length > 0 ? "recorded accounts" : "generated portfolios"}, margined every ${report.step_hours} h by the live margin code; the loss over the next ${report.horizon_hours} h of what each holds is compared with its initial margin. ${percentText(report.level, 1)} is asked. Seed ${report.seed}, plan ${report.plan_id}.</p>
${inLines(backtestPlots(backtest).map(({ svg }) => svg))}
<h2>By method</h2>
${tableHtml(
  ["", ...names],
  summaryRows(report).map(({ head, cells }, row) => [
    head.replace(/^ +/, "\u2003"),
    ...cells.map((cell, index) => (row === 2 ? below(report.summary[index]!.coverage, cell) : cell)),
  ]),
)}
<p>Tests at 5 % on one observation in every ${report.horizon_hours} h, because losses that overlap are not independent. Margins are judged by their share of the gross notional, rises only while what is held stays the same. ${openingWords(report)}</p>
${inLines(
  report.account_sets.map(
    (set) => markup`<h2>Recorded accounts: ${set.set.replaceAll("_", " ")}</h2>
<p>${describeAccountSet(set)}.</p>
${tableHtml(
  ["", ...names],
  accountSetRows(set).map(({ head, cells }) => [head.replace(/^ +/, "\u2003"), ...cells]),
)}`,
  ),
)}
<h2>By kind of portfolio: coverage and average margin</h2>
${tableHtml(
  ["Kind", "Portfolios", ...names],
  report.kinds.map(({ kind, portfolios, contenders }) => [
    kind.replaceAll("_", " "),
    String(portfolios),
    ...contenders.map(({ coverage, average_margin_share }) =>
      below(coverage, `${percentText(coverage)} / ${percentText(average_margin_share, 1)}`),
    ),
  ]),
)}
<details><summary>By portfolio: coverage, average margin, worst shortfall (US dollars)</summary>
${tableHtml(
  ["Portfolio", ...names],
  report.portfolios.map(({ portfolio_id, contenders }) => [
    portfolio_id,
    ...contenders.map(({ coverage, average_margin_share, worst_shortfall }) =>
      below(
        coverage,
        `${percentText(coverage)} / ${percentText(average_margin_share, 1)} / ${usdText(worst_shortfall?.shortfall_usd ?? null)}`,
      ),
    ),
  ]),
)}
</details>
<h2>Notes on the data</h2>
${tableHtml(
  ["Subject", "Times", "First", "Last", "Worst", "What and what follows"],
  report.notes.map((note) => [
    note.subject,
    groupDigits(String(note.count)),
    hourText(note.first),
    hourText(note.last),
    note.worst === null ? "" : percentText(note.worst),
    { text: note.words, className: "words" },
  ]),
)}
<h2>Data</h2>
${tableHtml(
  ["File", "Holds", "SHA-256"],
  report.files.map(({ file, holds, sha256 }) => [file, { text: holds, className: "words" }, `${sha256.slice(0, 16)}…`]),
)}
</body>
</html>
`);
}

function openingWords({ account_sets, opening_multiple }: BacktestReport): string {
  return account_sets.length > 0
    ? "Recorded accounts open once with what they had, and are closed at the level of liquidation."
    : `Accounts open with ${opening_multiple} times their initial margin, and anew after each roll and after the level of liquidation.`;
}

function tableHtml(heads: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  const cell = (one: Cell) =>
    typeof one === "string" ? markup`<td>${one}</td>` : markup`<td class="${one.className}">${one.text}</td>`;
  const body = rows.map((row) => markup`<tr>${row.map(cell)}</tr>`);
  return markup`<div class="wide"><table>
<thead><tr>${heads.map((head) => markup`<th>${head}</th>`)}</tr></thead>
<tbody>
${inLines(body)}
</tbody>
</table></div>`;
}
