import { black76Greeks, exp, normalDistribution, type OptionGreeks, type OptionSign } from "@plimsoll/risk";
import type { GridReport } from "../report.ts";
import { type CheckedColumn, cell, checkTable, type GridRow, type GridTable, type UncheckedColumn } from "./table.ts";

const inputs = ["w", "F", "K", "T", "vol", "r"];

/** Tells whether a table has the arguments of the Black-76 formula and the price. */
export function isBlack76Table(table: GridTable): boolean {
  return [...inputs, "price"].every((column) => table.columns.includes(column));
}

function greeksOf(row: GridRow): OptionGreeks {
  const years = cell(row, "T");
  const rate = cell(row, "r");
  const sign: OptionSign = cell(row, "w") > 0 ? 1 : -1;
  return black76Greeks(sign, cell(row, "F"), cell(row, "K"), years, cell(row, "vol"), exp(-rate * years), rate);
}

/** Returns the discounted larger of forward and strike. Rounding errors of a price are in proportion to it. */
function priceScale(row: GridRow): number {
  return exp(-cell(row, "r") * cell(row, "T")) * Math.max(cell(row, "F"), cell(row, "K"));
}

const relative = (_row: GridRow, expected: number): number => Math.max(1e-9 * Math.abs(expected), 1e-300);

function greek(column: string, figure: (greeks: OptionGreeks) => number): CheckedColumn {
  return {
    column,
    compute: (row) => figure(greeksOf(row)),
    allowed: relative,
    tolerance: "1e-9 relative, down to 1e-300",
  };
}

const checked: readonly CheckedColumn[] = [
  {
    column: "price",
    compute: (row) => greeksOf(row).price,
    allowed: (row, expected) => {
      const scale = priceScale(row);
      return expected > 1e-10 * scale ? Math.min(1e-13 * scale, 1e-9 * expected) : 1e-13 * scale;
    },
    tolerance: "1e-13 of the discounted larger of F and K, and 1e-9 relative above 1e-10 of it",
  },
  greek("delta", ({ delta }) => delta),
  greek("gamma", ({ gamma }) => gamma),
  greek("vega", ({ vega }) => vega),
  greek("theta_year", ({ theta }) => theta * 365),
  greek("theta_day365", ({ theta }) => theta),
  greek("rho_fwd_fixed", ({ rho }) => rho),
  greek("rho_spot_fixed", ({ rhoSpotFixed }) => rhoSpotFixed),
  ...["d1", "d2"].map((deviation) => ({
    column: `n_w${deviation}`,
    compute: (row: GridRow) => normalDistribution(cell(row, "w") * cell(row, deviation)),
    allowed: relative,
    tolerance: "1e-9 relative, at the deviation given in the row",
  })),
];

const quantLib = "QuantLib's doubles; the true columns are the reference";

const unchecked: readonly UncheckedColumn[] = [
  { column: "d1", reason: "an intermediate of the formula, not a result of the kernel" },
  { column: "d2", reason: "an intermediate of the formula, not a result of the kernel" },
  ...[
    "ql_price",
    "ql_delta_fwd",
    "ql_gamma_fwd",
    "ql_vega",
    "ql_theta_year",
    "ql_theta_day365",
    "ql_rho_spot_fixed",
    "ql_itm_cash_prob",
    "ql_blackformula_price",
  ].map((column) => ({ column, reason: quantLib })),
];

export function checkBlack76Table(file: string, table: GridTable): GridReport {
  return checkTable(file, "black76", table, checked, unchecked);
}
