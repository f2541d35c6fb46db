/** A matrix as rows of equal length. */
export type Matrix = readonly (readonly number[])[];

/** Returns the matrix product a b. */
export function multiply(a: Matrix, b: Matrix): number[][] {
  return a.map((row) =>
    (b[0] ?? []).map((_, column) => row.reduce((sum, entry, k) => sum + entry * b[k]![column]!, 0)),
  );
}

/** Returns the product of the matrix a and the vector x. */
export function multiplyVector(a: Matrix, x: readonly number[]): number[] {
  return a.map((row) => dot(row, x));
}

/** Returns the sum of the products of equal entries. */
export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, entry, k) => sum + entry * b[k]!, 0);
}

/** Returns the sum of the diagonal. */
export function trace(a: Matrix): number {
  return a.reduce((sum, row, k) => sum + row[k]!, 0);
}

/** Eigenvalues, and eigenvectors as the columns of a matrix: A v_k = values[k] v_k. */
export interface Decomposition {
  readonly values: readonly number[];
  readonly vectors: Matrix;
}

/** Most sweeps over a matrix. The method converges quadratically, and matrices of 64 assets need about ten. */
const SWEEP_LIMIT = 64;

/**
 * Computes eigenvalues and eigenvectors of a symmetric matrix by Jacobi rotations. It uses basic operations and square
 * roots only.
 */
export function decomposeSymmetric(symmetric: Matrix): Decomposition {
  const size = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  const vectors = symmetric.map((_, i) => symmetric.map((_column, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEP_LIMIT; sweep += 1) {
    let outside = 0;
    let inside = 0;
    for (let i = 0; i < size; i += 1) {
      inside += a[i]![i]! * a[i]![i]!;
      for (let j = i + 1; j < size; j += 1) outside += a[i]![j]! * a[i]![j]!;
    }
    if (outside <= 1e-32 * (inside + outside)) break;
    for (let p = 0; p < size; p += 1) {
      for (let q = p + 1; q < size; q += 1) if (a[p]![q] !== 0) rotate(a, vectors, p, q);
    }
  }
  return { values: a.map((row, k) => row[k]!), vectors };
}

/** Applies one rotation that makes a[p][q] zero. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const sign = theta < 0 ? -1 : 1;
  const t = sign / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < a.length; k += 1) {
    const kp = a[k]![p]!;
    const kq = a[k]![q]!;
    a[k]![p] = c * kp - s * kq;
    a[k]![q] = s * kp + c * kq;
  }
  for (let k = 0; k < a.length; k += 1) {
    const pk = a[p]![k]!;
    const qk = a[q]![k]!;
    a[p]![k] = c * pk - s * qk;
    a[q]![k] = s * pk + c * qk;
    const vp = vectors[k]![p]!;
    const vq = vectors[k]![q]!;
    vectors[k]![p] = c * vp - s * vq;
    vectors[k]![q] = s * vp + c * vq;
  }
}
