export { type Cure, computeCure } from "./deposit.ts";
export {
  type CallContext,
  type CallEventContent,
  type CallEventType,
  type CallState,
  noCall,
  type OpenCall,
  type ReasonCode,
  type StatedComponent,
  type StatedIncomplete,
  type StatedMargin,
  type StatedReason,
  type StatedRung,
  type StatedUnit,
} from "./model.ts";
export { type Transition, transition } from "./transition.ts";
export { assumptionWords, durationWords, groupDigits, percentWords, priceWords, severityNames } from "./words.ts";
