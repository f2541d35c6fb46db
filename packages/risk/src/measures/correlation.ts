import { decomposeSymmetric, type Matrix } from "./matrix.ts";

/** A pivot or eigenvalue below 0 by at most this fraction of the greatest variance is taken as rounding. */
const PSD_SLACK = 1e-10;

/** A lower triangular matrix L with L L' = covariance, or the reason why there is none. */
export type CovarianceFactor =
  | { readonly status: "ok"; readonly factor: Matrix }
  | {
      readonly status: "not_positive_semidefinite" | "not_symmetric" | "not_finite";
      /** Row and column of the faulty entry, or of the pivot that is below 0. */
      readonly row: number;
      readonly column: number;
      readonly value: number;
      readonly reason: string;
    };

/**
 * Computes the Cholesky factor of a covariance or correlation matrix. A singular matrix (a perfect correlation) is
 * accepted; an asset that adds no variance gets a column of 0. A matrix that is not symmetric, or that gives some
 * portfolio a negative variance, is refused with the place of the fault, since no returns have such correlations.
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
      // What is left of a perfect correlation is rounding error, and its square root would be noise.
      factor[row]![row] = left <= PSD_SLACK * scale ? 0 : Math.sqrt(left);
    }
  }
  return { status: "ok", factor };
}

function notSemidefinite(at: { row: number; column: number; value: number }, left: number): CovarianceFactor {
  const reason = `of asset ${at.row} a variance of ${left} is left after what it shares with those before it`;
  return { status: "not_positive_semidefinite", ...at, reason };
}

/** A repaired correlation matrix, and what the repair changed. */
export interface RepairedCorrelations {
  readonly correlations: Matrix;
  /** Eigenvalues that were negative and are now 0, in ascending order. It is empty if nothing was repaired. */
  readonly removedEigenvalues: readonly number[];
  /** Greatest absolute change of a correlation. */
  readonly greatestChange: number;
}

/**
 * Repairs a correlation matrix: negative eigenvalues are set to 0 and the diagonal is scaled back to 1 (spectral
 * repair, our choice; the result is near, but not the nearest matrix). A matrix that is already positive semi-definite
 * is returned unchanged. Throws a RangeError if it is not symmetric, not finite, or has a diagonal other than 1, since
 * these are typing errors and not estimates.
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
