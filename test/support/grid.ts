import { readFixtureJson } from "./fixtures.ts";

/** One row of a reference grid, as values by column name. */
export type GridRow = Readonly<Record<string, number | string | null>>;

/** Returns the rows of a table of reference numbers under vectors/grids. Throws if the table has none. */
export function readGrid(name: string): GridRow[] {
  const { columns, rows } = readFixtureJson(`vectors/grids/${name}.json`) as {
    columns: string[];
    rows: (number | string | null)[][];
  };
  if (rows.length === 0) throw new Error(`grid ${name} has no rows`);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}

/** Returns the number in a cell. Throws if the cell holds none, so that a misspelt column fails. */
export function numberIn(row: GridRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new Error(`column ${column} holds ${value} in row ${JSON.stringify(row)}`);
  return value;
}
