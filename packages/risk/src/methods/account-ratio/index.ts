export {
  type AccountRatio,
  adjustedEquity,
  binanceAccountRatio,
  bracketedMaintenance,
  computeAccountRatio,
  loanMaintenanceRates,
  maintenanceAmounts,
  type RatioAsset,
} from "./account-ratio.ts";
