import { VectorInputError } from "../case-file.ts";
import { type GridColumn, type GridReport, statusOf } from "../report.ts";

/** A table of reference numbers as it stands in its file. */
export interface GridTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** One row, as values by column name. */
export type GridRow = Readonly<Record<string, unknown>>;

/** How one column is checked: the value that production code gives for a row, and how far it may be off. */
export interface CheckedColumn {
  readonly column: string;
  /** Returns a number, which is compared within `allowed`, or a text or null, which must be equal. */
  readonly compute: (row: GridRow) => number | string | null;
  /** Returns the greatest distance allowed from the expected number. */
  readonly allowed: (row: GridRow, expected: number) => number;
  /** The rule of `allowed` in words. */
  readonly tolerance: string;
}

/** A column that is not checked, with the reason. */
export interface UncheckedColumn {
  readonly column: string;
  readonly reason: string;
}

/** Returns the number in a cell. Throws a RangeError that names the column and the row if the cell holds no number. */
export function cell(row: GridRow, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw new RangeError(`column ${column} of row ${String(row.id ?? "")} holds ${JSON.stringify(value)}, not a number`);
}

/** Checks the columns of a table row by row. Columns that the table does not have are left out. */
export function checkTable(
  file: string,
  family: string,
  table: GridTable,
  checked: readonly CheckedColumn[],
  unchecked: readonly UncheckedColumn[],
): GridReport {
  const rows = table.rows.map((values, index) => {
    if (!Array.isArray(values) || values.length !== table.columns.length) {
      throw new VectorInputError(file, [`rows[${index}]: ${table.columns.length} cells are needed`]);
    }
    return Object.fromEntries(table.columns.map((column, at) => [column, values[at]]));
  });
  if (rows.length === 0) throw new VectorInputError(file, ["rows: the table has none"]);
  const outside = new Set<number>();
  const columns = checked
    .filter(({ column }) => table.columns.includes(column))
    .map((column) => checkColumn(rows, column, outside));
  for (const { column, reason } of unchecked) {
    if (table.columns.includes(column)) columns.push(uncheckedColumn(column, reason));
  }
  return gridReport(file, family, columns, rows.length, outside.size);
}

/** Reports a column in which nothing was compared. The reason stands in its `tolerance`. */
export function uncheckedColumn(column: string, reason: string): GridColumn {
  return {
    column,
    status: "not_applicable",
    rowsChecked: 0,
    rowsOutsideTolerance: 0,
    largestAbsoluteError: 0,
    largestRelativeError: 0,
    tolerance: reason,
  };
}

export function gridReport(
  file: string,
  family: string,
  columns: readonly GridColumn[],
  rowsChecked: number,
  rowsOutsideTolerance: number,
): GridReport {
  const name = file.replace(/^.*[\\/]/, "").replace(/\.json$/, "");
  return { file, name, family, status: statusOf(columns), rowsChecked, rowsOutsideTolerance, columns };
}

/** The errors of one column, collected row by row. */
export class ColumnErrors {
  rowsChecked = 0;
  rowsOutsideTolerance = 0;
  private largestAbsoluteError = 0;
  private largestRelativeError = 0;

  /** Counts one comparison and returns whether it is within the allowed distance. NaN never is. */
  add(computed: number, expected: number, allowed: number): boolean {
    this.rowsChecked += 1;
    const error = computed === expected ? 0 : Math.abs(computed - expected);
    if (!(error <= this.largestAbsoluteError)) this.largestAbsoluteError = error;
    const relative = expected === 0 ? 0 : error / Math.abs(expected);
    if (!(relative <= this.largestRelativeError)) this.largestRelativeError = relative;
    const within = error <= allowed;
    if (!within) this.rowsOutsideTolerance += 1;
    return within;
  }

  /** Counts a comparison that has no distance, only right or wrong. */
  addEquality(equal: boolean): boolean {
    this.rowsChecked += 1;
    if (!equal) this.rowsOutsideTolerance += 1;
    return equal;
  }

  report(column: string, tolerance: string): GridColumn {
    const { rowsChecked, rowsOutsideTolerance, largestAbsoluteError, largestRelativeError } = this;
    const status = rowsChecked === 0 ? "not_applicable" : rowsOutsideTolerance === 0 ? "pass" : "fail";
    return { column, status, rowsChecked, rowsOutsideTolerance, largestAbsoluteError, largestRelativeError, tolerance };
  }
}

function checkColumn(rows: readonly GridRow[], checked: CheckedColumn, outside: Set<number>): GridColumn {
  const errors = new ColumnErrors();
  for (const [index, row] of rows.entries()) {
    const expected = row[checked.column];
    const computed = checked.compute(row);
    const right =
      typeof expected === "number" && typeof computed === "number"
        ? errors.add(computed, expected, checked.allowed(row, expected))
        : errors.addEquality(computed === (expected ?? null));
    if (!right) outside.add(index);
  }
  return errors.report(checked.column, checked.tolerance);
}
