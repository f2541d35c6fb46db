/**
 * Throws unless |actual - expected| <= tolerance. Infinities must match exactly, and NaN is never close to anything.
 * The message prints `inputs`, so that a failure can be recomputed by hand.
 */
export function assertClose(
  actual: number,
  expected: number,
  tolerance: number,
  inputs: Readonly<Record<string, unknown>>,
): void {
  if (actual === expected) return;
  if (Number.isFinite(expected) && Math.abs(actual - expected) <= tolerance) return;
  const difference = actual - expected;
  throw new Error(
    `expected ${expected}, got ${actual}: difference ${difference}, tolerance ${tolerance}; inputs ${JSON.stringify(inputs)}`,
  );
}
