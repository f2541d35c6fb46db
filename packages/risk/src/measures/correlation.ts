import { decomposeSymmetric, type Matrix } from "./matrix.ts";

/** A pivot or eigenvalue this far below 0, against the greatest variance, is rounding. */
const PSD_SLACK = 1e-10;

/** A lower triangle L with L L' = the covariance, or why there is none. */
export type CovarianceFactor =
  | { readonly status: "ok"; readonly factor: Matrix }
  | {
      readonly status: "not_positive_semidefinite" | "not_symmetric" | "not_finite";
      /** Row and column of the entry at fault; of the pivot that fell below 0. */
      readonly row: number;
      readonly column: number;
      readonly value: number;
      readonly reason: string;
    };

/**
 * Cholesky factor of a covariance or correlation matrix; a singular one (a perfect correlation) is taken, with a column of 0
 * for what adds nothing. Refuses, and says where, a matrix that is not symmetric or would give some portfolio a variance
 * below 0: no returns have such correlations.
 */
export function factorCovariance(covariance: Matrix): CovarianceFactor {
  const size = covariance.length;
  let scale = 0;
  for (let row = 0; row < size; row += 1) scale = Math.max(scale, Math.abs(covariance[row]![row] ?? 0));
  const factor = covariance.map(() => new Array<number>(size).fill(0));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      const value = covariance[row]![column] ?? Number.NaN;
      const mirrored = covariance[column]![row] ?? Number.NaN;
      const at = { row, column, value };
      if (!Number.isFinite(value) || !Number.isFinite(mirrored)) {
        return {
          status: "not_finite",
          ...at,
          reason: `entry [${row}][${column}] is ${value} and its mirror ${mirrored}`,
        };
      }
      if (Math.abs(value - mirrored) > PSD_SLACK * scale) {
        return {
          status: "not_symmetric",
          ...at,
          reason: `entry [${row}][${column}] is ${value}, its mirror ${mirrored}`,
        };
      }
      let left = value;
      for (let k = 0; k < column; k += 1) left -= factor[row]![k]! * factor[column]![k]!;
      const pivot = factor[column]![column]!;
      if (column < row) {
        if (pivot > 0) factor[row]![column] = left / pivot;
        else if (Math.abs(left) > Math.sqrt(PSD_SLACK) * scale) return notSemidefinite(at, left);
        continue;
      }
      if (left < -PSD_SLACK * scale) return notSemidefinite(at, left);
      // What is left of a perfect correlation is rounding; its root would be noise of its own.
      factor[row]![row] = left <= PSD_SLACK * scale ? 0 : Math.sqrt(left);
    }
  }
  return { status: "ok", factor };
}

function notSemidefinite(at: { row: number; column: number; value: number }, left: number): CovarianceFactor {
  const reason = `of asset ${at.row} a variance of ${left} is left after what it shares with those before it`;
  return { status: "not_positive_semidefinite", ...at, reason };
}

/** A repaired correlation matrix and what the repair did. */
export interface RepairedCorrelations {
  readonly correlations: Matrix;
  /** Eigenvalues that were below 0 and are now 0, ascending; none when nothing was repaired. */
  readonly removedEigenvalues: readonly number[];
  /** Greatest change of a correlation. */
  readonly greatestChange: number;
}

/**
 * The correlations with eigenvalues below 0 set to 0 and the diagonal scaled back to 1 (spectral repair, our choice; it is
 * near, not nearest). A matrix that is positive semi-definite already comes back as it is. Throws a RangeError for one that
 * is not symmetric, not finite, or has a diagonal other than 1: these are typing errors and no estimates.
 */
export function repairCorrelations(correlations: Matrix): RepairedCorrelations {
  for (const [row, entries] of correlations.entries()) {
    if (entries[row] !== 1) throw new RangeError(`Correlation [${row}][${row}] is ${entries[row]}; the diagonal is 1`);
  }
  const checked = factorCovariance(correlations);
  if (checked.status === "ok") return { correlations, removedEigenvalues: [], greatestChange: 0 };
  if (checked.status !== "not_positive_semidefinite") throw new RangeError(`Correlations: ${checked.reason}`);
  const { values, vectors } = decomposeSymmetric(correlations);
  const raw = correlations.map((_, i) =>
    correlations.map((_column, j) => {
      let sum = 0;
      for (const [k, value] of values.entries()) sum += Math.max(0, value) * vectors[i]![k]! * vectors[j]![k]!;
      return sum;
    }),
  );
  let greatestChange = 0;
  const repaired = raw.map((entries, i) =>
    entries.map((entry, j) => {
      const value = i === j ? 1 : Math.max(-1, Math.min(1, entry / Math.sqrt(raw[i]![i]! * raw[j]![j]!)));
      greatestChange = Math.max(greatestChange, Math.abs(value - correlations[i]![j]!));
      return value;
    }),
  );
  const removedEigenvalues = values.filter((value) => value < 0).sort((a, b) => a - b);
  return { correlations: repaired, removedEigenvalues, greatestChange };
}
