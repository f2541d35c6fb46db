/** How much a margin moves by itself. NaN and figures of 0 or less are no margin: they are passed over. */
export interface Procyclicality {
  /** Greatest over least margin; null without one. */
  readonly peakToTrough: number | null;
  /** Greatest m(t + n) / m(t) - 1, at least 0, by the n asked for; null where no two margins stand n apart. */
  readonly greatestIncreases: readonly (number | null)[];
}

/**
 * Peak to trough and the greatest increases of a margin (docs/sources.md, Anti-procyclicality) at equal steps of time.
 * `runs` parts the series where what is held changes: an increase counts only between two figures of the same run.
 * Null: one run.
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
