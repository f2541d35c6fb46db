import type { VectorFamily } from "../case-file.ts";
import { deriveAuction, deriveAuctionSchedule } from "./derive-auction.ts";
import { deriveFunding } from "./derive-funding.ts";
import { derivePmrm1, derivePmrm2 } from "./derive-scan.ts";
import { deriveSrm } from "./derive-srm.ts";
import {
  black76,
  blackScholes,
  constantProductToken,
  inverseProfit,
  perpetualOptions,
  powerPerpetual,
  volatilityMove,
} from "./pricing.ts";

/** Every kind of case that production code can compute; the first that knows a case gets it. */
export const families: readonly VectorFamily[] = [
  black76,
  blackScholes,
  volatilityMove,
  inverseProfit,
  perpetualOptions,
  powerPerpetual,
  constantProductToken,
  derivePmrm2,
  derivePmrm1,
  deriveSrm,
  deriveAuction,
  deriveAuctionSchedule,
  deriveFunding,
];
