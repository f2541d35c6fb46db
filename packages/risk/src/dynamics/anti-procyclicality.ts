/**
 * Adds a buffer that may be used up: m (1 + b) while the model margin m is at most the trigger. Above the trigger it is
 * max(m, trigger (1 + b)), so that the margin does not jump (EMIR RTS 153/2013 art. 28(1)(a); docs/sources.md,
 * Anti-procyclicality). An infinite trigger never releases the buffer.
 */
export function withBuffer(modelMargin: number, bufferFraction: number, releaseAbove: number): number {
  if (modelMargin <= releaseAbove) return modelMargin * (1 + bufferFraction);
  return Math.max(modelMargin, releaseAbove * (1 + bufferFraction));
}

/**
 * Mixes model and stressed margin by weight: (1 - w) m + w stressed (art. 28(1)(b), weighted margins; docs/sources.md,
 * Anti-procyclicality).
 */
export function withStressedWeight(modelMargin: number, stressedMargin: number, stressWeight: number): number {
  return (1 - stressWeight) * modelMargin + stressWeight * stressedMargin;
}

/**
 * Raises the margin to at least the margin at the long-run volatility (art. 28(1)(c); docs/sources.md,
 * Anti-procyclicality).
 */
export function withLongRunFloor(modelMargin: number, longRunMargin: number): number {
  return Math.max(modelMargin, longRunMargin);
}
