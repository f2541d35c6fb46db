import { black76Price, exp, linearPnl } from "@plimsoll/risk";
import * as z from "zod";
import { jsonPath, VectorInputError } from "../case-file.ts";
import type { GridReport } from "../report.ts";
import { ColumnErrors, gridReport, uncheckedColumn } from "./table.ts";

const values = z.array(z.array(z.number()));

const position = z.object({
  quantity: z.number(),
  kind: z.enum(["call", "put", "future"]),
  F: z.number().positive(),
  multiplier: z.number(),
  K: z.number().nullable(),
  T: z.number().nullable(),
  vol: z.number().nullable(),
  r: z.number(),
});
type Position = z.infer<typeof position>;

const portfolioGrids = z.object({
  spot_shocks: z.array(z.number()).min(1),
  vol_shocks: z.array(z.number()).min(1),
  portfolios: z
    .array(
      z.object({
        name: z.string(),
        horizon_days: z.number(),
        positions: z.array(position),
        pnl: values,
        base_value: z.number().optional(),
        worst: z.object({ pnl: z.number(), vol_index: z.number(), spot_index: z.number() }).optional(),
        per_position: z.array(z.object({ base_price: z.number(), unit_pnl: values })).optional(),
      }),
    )
    .min(1),
});

/** Tells whether a file holds profit grids. Such a file names its moves and its portfolios. */
export function isPortfolioGrids(json: object): boolean {
  return "portfolios" in json && "spot_shocks" in json;
}

/** Cells whose profits are this close are tied except for rounding. The margin is the file's own rule. */
const tieMargin = 1e-6;

/**
 * The rounding error allowed, as a share of the gross notional at the widest move. Prices are exact to 1e-15 of that
 * notional.
 */
const allowedShare = 1e-13;

const tolerance = "1e-13 of the gross notional at the widest move";

/**
 * Returns the value of one unit of a position after a move. It is the price of a future, and the discounted value of an
 * option.
 */
function unitValue({ kind, F, K, T, vol, r }: Position, spotShock: number, volShock: number, years: number): number {
  const forward = F * (1 + spotShock);
  if (kind === "future") return linearPnl(1, 0, forward);
  if (K === null || T === null || vol === null) return Number.NaN;
  const left = T - years;
  const discountFactor = left > 0 ? exp(-r * left) : 1;
  return black76Price(kind === "call" ? 1 : -1, forward, K, left, vol * (1 + volShock), discountFactor);
}

/**
 * Revalues every portfolio fully in every cell, and checks the profits, profits per unit, base values and the worst
 * cell.
 */
export function checkPortfolioGrids(file: string, json: unknown): GridReport {
  const parsed = portfolioGrids.safeParse(json);
  if (!parsed.success) {
    throw new VectorInputError(
      file,
      parsed.error.issues.map(({ path, message }) => `${jsonPath(path)}: ${message}`),
    );
  }
  const { spot_shocks: spotShocks, vol_shocks: volShocks, portfolios } = parsed.data;
  const widest = 1 + Math.max(...spotShocks);
  const errors = {
    pnl: new ColumnErrors(),
    unit_pnl: new ColumnErrors(),
    base_price: new ColumnErrors(),
    base_value: new ColumnErrors(),
    worst: new ColumnErrors(),
  };
  let cells = 0;
  for (const portfolio of portfolios) {
    const { positions, horizon_days: horizonDays } = portfolio;
    const horizonYears = horizonDays / 365;
    const notionals = positions.map(({ F, K }) => Math.max(F * widest, K ?? 0));
    const gross = positions.reduce(
      (sum, { quantity, multiplier }, at) => sum + Math.abs(quantity * multiplier) * (notionals[at] ?? 0),
      0,
    );
    const bases = positions.map((held) => unitValue(held, 0, 0, 0));
    const profits = volShocks.map((volShock) =>
      spotShocks.map((spotShock) =>
        positions.map((held, at) => unitValue(held, spotShock, volShock, horizonYears) - (bases[at] ?? Number.NaN)),
      ),
    );
    const sums = profits.map((row) =>
      row.map((units) => units.reduce((sum, unit, at) => sum + sized(positions[at], unit), 0)),
    );
    requireShape(file, portfolio.name, portfolio.pnl, volShocks.length, spotShocks.length);
    for (const [v, row] of portfolio.pnl.entries()) {
      for (const [s, expected] of row.entries()) {
        errors.pnl.add(sums[v]?.[s] ?? Number.NaN, expected, allowedShare * gross);
        cells += 1;
      }
    }
    for (const [at, { base_price: basePrice, unit_pnl: unitPnl }] of (portfolio.per_position ?? []).entries()) {
      const allowed = allowedShare * (notionals[at] ?? 0);
      errors.base_price.add(bases[at] ?? Number.NaN, basePrice, allowed);
      for (const [v, row] of unitPnl.entries()) {
        for (const [s, expected] of row.entries()) {
          errors.unit_pnl.add(profits[v]?.[s]?.[at] ?? Number.NaN, expected, allowed);
        }
      }
    }
    if (portfolio.base_value !== undefined) {
      const base = positions.reduce((sum, held, at) => sum + sized(held, bases[at] ?? Number.NaN), 0);
      // A future adds no value of its own, since it is settled daily.
      const futures = positions.reduce(
        (sum, held, at) => sum + (held.kind === "future" ? sized(held, bases[at] ?? Number.NaN) : 0),
        0,
      );
      errors.base_value.add(base - futures, portfolio.base_value, allowedShare * gross);
    }
    if (portfolio.worst !== undefined) {
      const { pnl, vol_index: v, spot_index: s } = portfolio.worst;
      const least = Math.min(...sums.flat());
      const named = sums[v]?.[s] ?? Number.NaN;
      errors.worst.addEquality(Math.abs(least - pnl) <= allowedShare * gross && named - least <= tieMargin);
    }
  }
  const columns = [
    errors.pnl.report("pnl", tolerance),
    errors.unit_pnl.report("unit_pnl", tolerance),
    errors.base_price.report("base_price", tolerance),
    errors.base_value.report("base_value", tolerance),
    errors.worst.report("worst", `${tolerance}; the cell within ${tieMargin} of the least profit`),
    uncheckedColumn("ql_pnl", "QuantLib's doubles; pnl is the reference"),
  ];
  return gridReport(file, "portfolio_grid", columns, cells, errors.pnl.rowsOutsideTolerance);
}

function sized(held: Position | undefined, unit: number): number {
  return held === undefined ? Number.NaN : held.quantity * held.multiplier * unit;
}

function requireShape(
  file: string,
  name: string,
  grid: readonly (readonly number[])[],
  rows: number,
  columns: number,
): void {
  if (grid.length === rows && grid.every((row) => row.length === columns)) return;
  throw new VectorInputError(file, [`pnl of ${name}: ${rows} rows of ${columns} cells are needed`]);
}
