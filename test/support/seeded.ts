/**
 * Returns a generator of numbers in [0, 1) from a 32-bit linear congruence (Numerical Recipes' constants). The same
 * seed gives the same numbers everywhere.
 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
