import type { VectorFamily } from "../case-file.ts";
import { accountRatio, bracketMargin } from "./account-ratio.ts";
import { antiProcyclicality } from "./anti-procyclicality.ts";
import { constantProductToken, depegHaircuts, redemptionRateCap, weightedPoolToken } from "./collateral.ts";
import { cornishFisherRisk } from "./cornish-fisher.ts";
import { christoffersen, exceptionCounts, kupiecRegions } from "./coverage.ts";
import {
  deribitDampener,
  deribitExtendedTable,
  deribitFutureMargin,
  deribitOptionMargin,
  deribitPortfolioMargin,
} from "./deribit.ts";
import { deriveAuction, deriveAuctionSchedule } from "./derive-auction.ts";
import { deriveFunding } from "./derive-funding.ts";
import { derivePmrm1, derivePmrm2 } from "./derive-scan.ts";
import { deriveSrm } from "./derive-srm.ts";
import { okxDepeg, okxMinimumChargeTiers, okxModules, okxTieredDiscount } from "./okx.ts";
import { paradex } from "./paradex.ts";
import {
  black76,
  blackScholes,
  everlastingOptions,
  inverseProfit,
  perpetualOptions,
  powerPerpetual,
  volatilityMove,
} from "./pricing.ts";
import { spanRequirement, spanRiskArrays, spanScanningSpread, spanScenarios, spanSpreadCredit } from "./span.ts";
import { deltaNormalRisk, ewmaPath, filteredReturns, historicalTail, logNormalTail, tailConstants } from "./tails.ts";
import { tims } from "./tims.ts";

/** Every kind of case that production code can compute. The first family that recognises a case computes it. */
export const families: readonly VectorFamily[] = [
  black76,
  blackScholes,
  volatilityMove,
  inverseProfit,
  perpetualOptions,
  everlastingOptions,
  powerPerpetual,
  constantProductToken,
  weightedPoolToken,
  depegHaircuts,
  redemptionRateCap,
  derivePmrm2,
  derivePmrm1,
  deriveSrm,
  deriveAuction,
  deriveAuctionSchedule,
  deriveFunding,
  spanScenarios,
  spanRiskArrays,
  spanRequirement,
  spanSpreadCredit,
  spanScanningSpread,
  tims,
  deribitExtendedTable,
  deribitDampener,
  deribitPortfolioMargin,
  deribitFutureMargin,
  deribitOptionMargin,
  paradex,
  okxTieredDiscount,
  okxDepeg,
  okxMinimumChargeTiers,
  okxModules,
  accountRatio,
  bracketMargin,
  antiProcyclicality,
  christoffersen,
  exceptionCounts,
  kupiecRegions,
  historicalTail,
  filteredReturns,
  ewmaPath,
  deltaNormalRisk,
  tailConstants,
  logNormalTail,
  cornishFisherRisk,
];
