export { type ChangedCall, changeSeverity } from "./change-severity.ts";
export { type Cure, computeCure, computeDeposit } from "./deposit.ts";
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
  type StatedSeverityBasis,
  type StatedUnit,
} from "./model.ts";
export {
  accountWords,
  assumptionWords,
  durationWords,
  groupDigits,
  percentWords,
  priceWords,
  severityNames,
  timeWords,
} from "./words.ts";
