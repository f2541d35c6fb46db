import type { BacktestReport, ContenderSummary } from "@plimsoll/backtest";
import { groupDigits } from "@plimsoll/calls";
import { figureText } from "@plimsoll/schema";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import { accountSetRows, describeAccountSet } from "./account-set-text.ts";

const none = "–";

/** Writes a share in percent with so many decimals, or a dash for null. */
export function percentText(share: number | null, decimals = 2): string {
  return share === null ? none : `${(share * 100).toFixed(decimals)} %`;
}

export function ratioText(ratio: number | null): string {
  return ratio === null ? none : ratio.toFixed(2);
}

export function usdText(amount: number | null): string {
  return amount === null ? none : groupDigits(figureText(amount, 0));
}

/** Writes a time to the hour, as tables show it. */
export function hourText(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 13)}h`;
}

/** Returns the rows of the table of contenders, each with a heading and one figure for each contender. */
export function summaryRows(report: BacktestReport): { readonly head: string; readonly cells: string[] }[] {
  const row = (head: string, cell: (summary: ContenderSummary) => string) => ({
    head,
    cells: report.summary.map(cell),
  });
  const share = percentText(report.level, 0);
  return [
    row("Observations", ({ observations }) => groupDigits(String(observations))),
    row("Exceptions", ({ exceptions }) => groupDigits(String(exceptions))),
    row("Coverage", ({ coverage }) => percentText(coverage)),
    row(
      `Portfolios covered ${share}`,
      (s) => `${s.portfolios_at_level} of ${s.portfolios_at_level + s.portfolios_below_level}`,
    ),
    row("Average margin, share of notional", (s) => percentText(s.average_margin_share)),
    row("Average margin, USD", (s) => usdText(s.average_margin_usd)),
    row("Kupiec rejects: too many, too few", (s) => `${s.kupiec_too_many}, ${s.kupiec_too_few}`),
    row("Independence rejected", (s) => String(s.independence_rejected)),
    row("Conditional coverage rejected", (s) => String(s.conditional_coverage_rejected)),
    row("Traffic light green, yellow, red", ({ zones }) => `${zones.green}, ${zones.yellow}, ${zones.red}`),
    row("Worst shortfall, USD", (s) => usdText(s.worst_shortfall?.shortfall_usd ?? null)),
    row("  share of notional", (s) => percentText(s.worst_shortfall?.shortfall_share ?? null)),
    row("  after", (s) => (s.worst_shortfall === null ? none : hourText(s.worst_shortfall.at))),
    row("Peak to trough, median", (s) => ratioText(s.procyclicality.peak_to_trough)),
    row("Greatest rise in 1 day, median", (s) => percentText(s.procyclicality.increase_1_day, 0)),
    row("  in 5 days", (s) => percentText(s.procyclicality.increase_5_days, 0)),
    row("  in 20 days", (s) => percentText(s.procyclicality.increase_20_days, 0)),
    row("Reached liquidation", ({ liquidations }) => String(liquidations.count)),
    row("  without a warning before", ({ liquidations }) => String(liquidations.unwarned)),
    row("  with nothing left", ({ liquidations }) => String(liquidations.bankrupt)),
    row("Hours of warning, median", ({ liquidations }) => hoursText(liquidations.median_lead_hours)),
  ];
}

function hoursText(hours: number | null): string {
  return hours === null ? none : String(hours);
}

/** Renders the report for a terminal. */
export function backtestText(report: BacktestReport, paint: Paint): string {
  const { summary, kinds, notes } = report;
  const names = summary.map(({ name }) => ({ head: name, align: "right" as const }));
  const shareOfLevel = percentText(report.level, 1);
  const lines = [
    "",
    `  ${paint.bold("Backtest")} ${report.from.slice(0, 10)} to ${report.to.slice(0, 10)}, every ${report.step_hours} h, ` +
      `${report.portfolios.length} portfolios; loss over ${report.horizon_hours} h against initial margin at its start`,
    "",
    table(
      [{ head: "" }, ...names],
      summaryRows(report).map(({ head, cells }) => [head, ...cells]),
      paint,
    ),
    "",
    `  ${paint.bold("Coverage and average margin by kind of portfolio")}`,
    "",
    table(
      [{ head: "Kind" }, { head: "Portfolios", align: "right" }, ...names],
      kinds.map(({ kind, portfolios, contenders }) => [
        kind.replaceAll("_", " "),
        String(portfolios),
        ...contenders.map(({ coverage, average_margin_share }) => {
          const text = `${percentText(coverage)} / ${percentText(average_margin_share, 1)}`;
          return coverage !== null && coverage < report.level ? paint.red(text) : text;
        }),
      ]),
      paint,
    ),
    "",
    ...report.account_sets.flatMap((set) => [
      `  ${paint.bold(set.set.replaceAll("_", " "))}: ${describeAccountSet(set)}`,
      table(
        [{ head: "" }, ...names],
        accountSetRows(set).map(({ head, cells }) => [head, ...cells]),
        paint,
      ),
      "",
    ]),
    `  ${paint.bold("Notes on the data")}`,
    ...notes.map(
      (note) =>
        `  ${note.subject}: ${groupDigits(String(note.count))} × ${note.words} ` +
        paint.dim(
          `(${hourText(note.first)} to ${hourText(note.last)}${note.worst === null ? "" : `, at worst ${percentText(note.worst)}`})`,
        ),
    ),
    "",
    `  ${paint.dim(`Tests on one observation in every ${report.horizon_hours} h, at 5 %; ${shareOfLevel} asked. Plan ${report.plan_id}.`)}`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}
