import { groupDigits } from "@plimsoll/calls";
import { incompleteLines } from "../margin/incomplete-text.ts";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import type { StressReport } from "./stress-report.ts";

/** Renders the report for a person: what each named stress costs, and the part of it that margin does not cover. */
export function stressText(report: StressReport, paint: Paint): string {
  const { market, pool_currency: currency } = report;
  const beyond = report.scenarios.filter(({ loss_beyond_margin }) => Number(loss_beyond_margin) > 0).length;
  const heading = [
    `  ${paint.bold(`Account ${report.account_id}`)}  ${report.scenarios.length} named stresses, ${currency} pool`,
    `  ${paint.dim("Snapshot")} ${market.snapshot_id} (${market.source}), parameters ${report.parameters_version}`,
    `  ${paint.dim("Equity")} ${groupDigits(report.equity)} ${currency}, initial margin ${groupDigits(report.initial_margin)} by ${report.method_id}`,
  ];
  const rows = report.scenarios.map(({ label, loss, loss_beyond_margin, equity_after }) => [
    label,
    groupDigits(loss),
    Number(loss_beyond_margin) > 0 ? paint.red(groupDigits(loss_beyond_margin)) : paint.dim("covered"),
    equity_after.startsWith("-") ? paint.red(groupDigits(equity_after)) : groupDigits(equity_after),
  ]);
  const columns = [
    { head: "Stress" },
    { head: "loss", align: "right" },
    { head: "beyond margin", align: "right" },
    { head: "equity after", align: "right" },
  ] as const;
  const summary = `  ${beyond} of ${report.scenarios.length} lose more than initial margin; a negative loss is a gain.`;
  const gaps = incompleteLines(report.incomplete, currency, paint);
  return `${[[...heading, ...gaps].join("\n"), table(columns, rows, paint), summary].join("\n\n")}\n`;
}
