import {
  countStatuses,
  type GridReport,
  type VectorCaseReport,
  type VectorCounts,
  type VectorReport,
  type VectorStatus,
} from "@plimsoll/conformance";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";

const words: Readonly<Record<VectorStatus, string>> = { pass: "pass", fail: "FAIL", not_applicable: "n/a" };

function painted(status: VectorStatus, paint: Paint): string {
  if (status === "fail") return paint.red(words.fail);
  return status === "pass" ? paint.green(words.pass) : paint.dim(words.not_applicable);
}

/**
 * Renders the report for a person: each case with its figures beside the expected ones, each table with its errors, and
 * the counts.
 */
export function vectorText(report: VectorReport, paint: Paint): string {
  const parts = [
    ...report.cases.map((judged) => caseText(judged, paint)),
    ...report.grids.map((grid) => gridText(grid, paint)),
    countsText("cases", countStatuses(report.cases)),
    countsText("figures", countStatuses(report.cases.flatMap(({ figures }) => figures))),
  ];
  if (report.grids.length > 0) {
    const checked = report.grids.reduce((sum, grid) => sum + grid.rowsChecked, 0);
    const outside = report.grids.reduce((sum, grid) => sum + grid.rowsOutsideTolerance, 0);
    parts.push(countsText("tables", countStatuses(report.grids)));
    parts.push(`${checked} rows of tables checked, ${outside} outside tolerance\n`);
  }
  return parts.join("");
}

function countsText(what: string, { pass, fail, not_applicable: notApplicable }: VectorCounts): string {
  return `${what}: ${pass} pass, ${fail} fail, ${notApplicable} not applicable\n`;
}

function heading(status: VectorStatus, name: string, family: string | null, paint: Paint): string {
  return `${painted(status, paint)}  ${paint.bold(name)}${family === null ? "" : paint.dim(`  ${family}`)}\n`;
}

function caseText(judged: VectorCaseReport, paint: Paint): string {
  const reason = judged.reason === undefined ? "" : `  ${judged.reason}\n`;
  const rows = judged.figures.map(({ status, figure, expected, computed, difference, reason: why }) => [
    painted(status, paint),
    figure,
    shown(expected),
    status === "not_applicable" ? "" : shown(computed),
    why ?? (difference === undefined || difference === 0 ? "" : difference.toExponential(1)),
  ]);
  const columns = [
    { head: "" },
    { head: "figure" },
    { head: "expected", align: "right" as const },
    { head: "computed", align: "right" as const },
    { head: "difference" },
  ];
  const figures = rows.length === 0 ? "" : `${table(columns, rows, paint)}\n`;
  return `${heading(judged.status, judged.name, judged.family, paint)}${reason}${figures}\n`;
}

function gridText(grid: GridReport, paint: Paint): string {
  const reason = grid.reason === undefined ? "" : `  ${grid.reason}\n`;
  const rows = grid.columns.map((column) => [
    painted(column.status, paint),
    column.column,
    String(column.rowsChecked),
    String(column.rowsOutsideTolerance),
    column.largestAbsoluteError.toExponential(1),
    column.largestRelativeError.toExponential(1),
    column.tolerance,
  ]);
  const columns = [
    { head: "" },
    { head: "column" },
    { head: "checked", align: "right" as const },
    { head: "outside", align: "right" as const },
    { head: "largest error", align: "right" as const },
    { head: "relative", align: "right" as const },
    { head: "tolerance" },
  ];
  const summary = `  ${grid.rowsChecked} rows checked, ${grid.rowsOutsideTolerance} outside tolerance\n`;
  const figures = rows.length === 0 ? "" : `${table(columns, rows, paint)}\n`;
  return `${heading(grid.status, grid.name, grid.family, paint)}${reason}${summary}${figures}\n`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
