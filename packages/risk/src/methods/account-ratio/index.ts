export {
  type AccountRatio,
  type AccountRatioParameters,
  adjustedEquity,
  binanceAccountRatio,
  bracketedMaintenance,
  computeAccountRatio,
  loanMaintenanceRates,
  type MaintenanceBracket,
  maintenanceAmounts,
  type RatioAsset,
} from "./account-ratio.ts";
