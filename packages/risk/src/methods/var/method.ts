import type { MarginMethod } from "../margin-method.ts";

/**
 * The method `var` asks nothing of an underlying by itself: the engine measures the whole account in joint scenarios and adds
 * what they require (engine/joint).
 */
export const jointMethod: MarginMethod = {
  findUnsupported: () => null,
  findMissingTerms: () => null,
  coinPoolFault: null,
  measure: () => ({ initial: 0, maintenance: 0, components: [], worstScenario: null }),
  measureAccount: null,
};
