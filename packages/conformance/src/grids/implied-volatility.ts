import { exp, impliedVolatility, type OptionSign } from "@plimsoll/risk";
import type { GridReport } from "../report.ts";
import { type CheckedColumn, cell, checkTable, type GridRow, type GridTable, type UncheckedColumn } from "./table.ts";

/** Tells whether a table gives prices and asks for implied volatilities. */
export function isImpliedVolatilityTable(table: GridTable): boolean {
  return ["w", "F", "K", "T", "r", "price", "vol_true"].every((column) => table.columns.includes(column));
}

function solve(row: GridRow): ReturnType<typeof impliedVolatility> {
  const sign: OptionSign = cell(row, "w") > 0 ? 1 : -1;
  const years = cell(row, "T");
  return impliedVolatility(
    sign,
    cell(row, "price"),
    cell(row, "F"),
    cell(row, "K"),
    years,
    exp(-cell(row, "r") * years),
  );
}

const checked: readonly CheckedColumn[] = [
  { column: "status", compute: (row) => solve(row).status, allowed: () => 0, tolerance: "equal" },
  {
    column: "vol_true",
    compute: (row) => {
      const solved = solve(row);
      if (solved.status === "ok") return solved.volatility;
      return solved.status === "at_intrinsic" ? 0 : null;
    },
    allowed: (row, expected) => Math.max(1e-14 * expected, typeof row.cond === "number" ? 4 * row.cond : 0),
    tolerance: "1e-14 relative, or four times what one unit in the last place of the price moves it",
  },
];

const unchecked: readonly UncheckedColumn[] = [
  { column: "vol_generating", reason: "the volatility before the price was rounded; vol_true is the root" },
  { column: "ql_vol", reason: "QuantLib's doubles; vol_true is the reference" },
  { column: "ql_vol_lirs", reason: "QuantLib's doubles; vol_true is the reference" },
];

export function checkImpliedVolatilityTable(file: string, table: GridTable): GridReport {
  return checkTable(file, "implied_volatility", table, checked, unchecked);
}
