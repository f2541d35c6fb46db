/**
 * How a margin compared with the losses that it was to cover. Loss and margin are positive and in the same currency.
 */
export interface MarginCoverage {
  /** The number of pairs of a margin and the loss after it in which both are known. */
  readonly observations: number;
  /** The number of losses above their margin. */
  readonly exceptions: number;
  /** The share of observations that were covered, or null without observations. */
  readonly coverage: number | null;
  /** The greatest loss beyond its margin, and its index. It is null when every loss was covered. */
  readonly worst: { readonly index: number; readonly loss: number; readonly margin: number } | null;
}

/** Compares each margin with the loss that followed it. A pair with a NaN is not an observation. */
export function measureCoverage(margins: ArrayLike<number>, losses: ArrayLike<number>): MarginCoverage {
  if (margins.length !== losses.length) {
    throw new RangeError(
      `There are ${margins.length} margins and ${losses.length} losses; give one loss to each margin`,
    );
  }
  let observations = 0;
  let exceptions = 0;
  let worst: MarginCoverage["worst"] = null;
  for (let index = 0; index < margins.length; index += 1) {
    const margin = margins[index]!;
    const loss = losses[index]!;
    const uncovered = loss - margin;
    if (Number.isNaN(uncovered)) continue;
    observations += 1;
    if (!(uncovered > 0)) continue;
    exceptions += 1;
    if (worst === null || uncovered > worst.loss - worst.margin) worst = { index, loss, margin };
  }
  return { observations, exceptions, coverage: observations === 0 ? null : 1 - exceptions / observations, worst };
}
