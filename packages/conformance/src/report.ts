export type VectorStatus = "pass" | "fail" | "not_applicable";

/** One expected figure beside the computed one. */
export interface VectorFigure {
  /** The JSON path below `expected`. */
  readonly figure: string;
  readonly status: VectorStatus;
  readonly expected: unknown;
  /** Null when nothing was computed. */
  readonly computed: unknown;
  /** Computed minus expected; absent unless both are finite numbers. */
  readonly difference?: number;
  readonly reason?: string;
}

export interface VectorCaseReport {
  readonly file: string;
  readonly name: string;
  /** The name of the family that computed the case, or null if no family knows the case. */
  readonly family: string | null;
  readonly status: VectorStatus;
  readonly reason?: string;
  readonly figures: readonly VectorFigure[];
}

/** One column of a table of reference numbers. */
export interface GridColumn {
  readonly column: string;
  readonly status: VectorStatus;
  readonly rowsChecked: number;
  readonly rowsOutsideTolerance: number;
  /** The greatest |computed - expected|, and the greatest of that over |expected| in rows where |expected| is not 0. */
  readonly largestAbsoluteError: number;
  readonly largestRelativeError: number;
  /** The tolerance of the rows in words, or why the column was not checked. */
  readonly tolerance: string;
}

export interface GridReport {
  readonly file: string;
  readonly name: string;
  readonly family: string | null;
  readonly status: VectorStatus;
  readonly reason?: string;
  readonly rowsChecked: number;
  readonly rowsOutsideTolerance: number;
  readonly columns: readonly GridColumn[];
}

export interface VectorReport {
  readonly cases: readonly VectorCaseReport[];
  readonly grids: readonly GridReport[];
}

export interface VectorCounts {
  readonly pass: number;
  readonly fail: number;
  readonly not_applicable: number;
}

/** Counts how many parts have each status. */
export function countStatuses(judged: readonly { readonly status: VectorStatus }[]): VectorCounts {
  const counts = { pass: 0, fail: 0, not_applicable: 0 };
  for (const { status } of judged) counts[status] += 1;
  return counts;
}

/** Tells whether anything failed: a figure, a table, or a file that could not be read. */
export function hasFailed(report: VectorReport): boolean {
  return [...report.cases, ...report.grids].some(({ status }) => status === "fail");
}

/** Returns fail if any part fails, else pass if any part passes, else not applicable. */
export function statusOf(parts: readonly { readonly status: VectorStatus }[]): VectorStatus {
  const counts = countStatuses(parts);
  if (counts.fail > 0) return "fail";
  return counts.pass > 0 ? "pass" : "not_applicable";
}

/** Returns the report in snake_case as it is printed, with counts of cases, figures, grids and grid rows. */
export function reportJson(report: VectorReport): Record<string, unknown> {
  return {
    cases: report.cases,
    grids: report.grids.map(({ rowsChecked, rowsOutsideTolerance, columns, ...grid }) => ({
      ...grid,
      rows_checked: rowsChecked,
      rows_outside_tolerance: rowsOutsideTolerance,
      columns: columns.map((column) => ({
        column: column.column,
        status: column.status,
        rows_checked: column.rowsChecked,
        rows_outside_tolerance: column.rowsOutsideTolerance,
        largest_absolute_error: column.largestAbsoluteError,
        largest_relative_error: column.largestRelativeError,
        tolerance: column.tolerance,
      })),
    })),
    counts: {
      ...countStatuses(report.cases),
      figures: countStatuses(report.cases.flatMap(({ figures }) => figures)),
      grids: countStatuses(report.grids),
      grid_rows_checked: report.grids.reduce((sum, grid) => sum + grid.rowsChecked, 0),
      grid_rows_outside_tolerance: report.grids.reduce((sum, grid) => sum + grid.rowsOutsideTolerance, 0),
    },
  };
}
