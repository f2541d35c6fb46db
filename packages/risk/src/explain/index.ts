export {
  attributeChange,
  type ChangeAttribution,
  type ChangeFigures,
  type ChangeRow,
  type ChangeStep,
  changeSteps,
  type MarginState,
} from "./attribute-change.ts";
export { closeShare } from "./close-position.ts";
export { contributionsOf, type HoldingContribution, type HoldingContributions } from "./contributions.ts";
export { type Cure, type DepositCure, findCures, type ReductionCure, restoredBy } from "./cures.ts";
