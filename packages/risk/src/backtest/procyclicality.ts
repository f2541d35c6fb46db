/**
 * How much a margin varies while the positions stay the same. NaN and figures of 0 or less are skipped, since they are
 * not margins.
 */
export interface Procyclicality {
  /** The greatest margin divided by the least, or null without a margin. */
  readonly peakToTrough: number | null;
  /**
   * The greatest m(t + n) / m(t) - 1 for each n asked for, at least 0. It is null where no two margins are n steps
   * apart.
   */
  readonly greatestIncreases: readonly (number | null)[];
}

/**
 * Computes the peak-to-trough ratio and the greatest increases of a margin at equal steps of time (docs/sources.md,
 * Anti-procyclicality). `runs` names, for each margin, the run of unchanged positions to which it belongs. An increase
 * counts only between two margins of the same run. Null stands for a single run.
 */
export function measureProcyclicality(
  margins: ArrayLike<number>,
  runs: ArrayLike<number> | null,
  stepsApart: readonly number[],
): Procyclicality {
  let peak = 0;
  let trough = Number.POSITIVE_INFINITY;
  for (let index = 0; index < margins.length; index += 1) {
    const margin = margins[index]!;
    if (!(margin > 0)) continue;
    peak = Math.max(peak, margin);
    trough = Math.min(trough, margin);
  }
  const greatestIncreases = stepsApart.map((steps) => greatestIncrease(margins, runs, steps));
  return { peakToTrough: peak > 0 ? peak / trough : null, greatestIncreases };
}

function greatestIncrease(margins: ArrayLike<number>, runs: ArrayLike<number> | null, steps: number): number | null {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`Steps apart are ${steps}; give a whole number from 1 on`);
  }
  let greatest: number | null = null;
  for (let index = steps; index < margins.length; index += 1) {
    const before = margins[index - steps]!;
    const after = margins[index]!;
    if (!(before > 0 && after > 0) || (runs !== null && runs[index - steps] !== runs[index])) continue;
    greatest = Math.max(greatest ?? 0, after / before - 1);
  }
  return greatest;
}
