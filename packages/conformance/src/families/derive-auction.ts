import {
  auctionFee,
  auctionMarkShare,
  bidOnInsolventAccount,
  bidOnSolventAccount,
  bufferSurplus,
  type DeriveAuctionParameters,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { hasCaseKeys, hasInputs, hasKeys } from "./shapes.ts";

const schedule = z
  .object({
    startingMtMPercentage: z.number(),
    fastAuctionCutoffPercentage: z.number(),
    fastAuctionLengthSec: z.number(),
    slowAuctionLengthSec: z.number(),
  })
  .transform((given) => ({
    startingMarkShare: given.startingMtMPercentage,
    fastCutoffMarkShare: given.fastAuctionCutoffPercentage,
    fastLengthSeconds: given.fastAuctionLengthSec,
    slowLengthSeconds: given.slowAuctionLengthSec,
  }));

const bidding = z
  .object({
    insolventAuctionLengthSec: z.number(),
    liquidatorFeeRate: z.number(),
    bufferMarginPercentage: z.number(),
    mtmCutoff: z.number().default(0),
  })
  .transform((given) => ({
    insolventLengthSeconds: given.insolventAuctionLengthSec,
    liquidatorFeeRate: given.liquidatorFeeRate,
    bufferShare: given.bufferMarginPercentage,
    markCutoff: given.mtmCutoff,
  }));

const inputs = z.object({
  preFee: z.object({ markToMarket: z.number(), maintenanceMargin: z.number() }).optional(),
  bids: z.array(
    z.object({
      secondsSinceAuctionStart: z.number(),
      markToMarket: z.number(),
      maintenanceMargin: z.number(),
      requestedPortion: z.number(),
      reservedCashBefore: z.number().default(0),
      /** Whether the account's auction is the insolvent one. If absent, the sign of the mark decides. */
      insolvent: z.boolean().optional(),
    }),
  ),
});
type Bid = z.infer<typeof inputs>["bids"][number];

function bidFigures(bid: Bid, parameters: DeriveAuctionParameters): Record<string, unknown> {
  const account = {
    mark: bid.markToMarket,
    maintenanceSurplus: bid.maintenanceMargin,
    reservedCash: bid.reservedCashBefore,
  };
  const take = (bid.insolvent ?? account.mark <= 0) ? bidOnInsolventAccount : bidOnSolventAccount;
  const taken = take(account, bid.secondsSinceAuctionStart, bid.requestedPortion, parameters);
  return {
    bufferMargin: taken.bufferSurplus,
    discount: taken.markShare,
    maxPortion: taken.greatestPortion,
    portionTaken: taken.portionTaken,
    cashFromBidder: taken.cashFromBidder,
    cashToBidder: taken.cashToBidder,
    postMarkToMarket: taken.after.mark,
    postMaintenanceMargin: taken.after.maintenanceSurplus,
    postBufferMargin: taken.bufferSurplusAfter,
    reservedCashAfter: taken.after.reservedCash,
    auctionTerminates: taken.terminates,
  };
}

/** Computes Derive's Dutch auction: the fee at the start and every bid. Each uses the figures measured before it. */
export const deriveAuction: VectorFamily = {
  family: "derive_auction",
  handles: (caseFile) => hasInputs(caseFile, "bids") && hasKeys(caseFile.params, "startingMtMPercentage"),
  evaluate: (caseFile) => {
    const read = readCase(caseFile, inputs, z.object({}).loose());
    const { params } = readCase(caseFile, inputs, schedule);
    const parameters = { ...params, ...readCase(caseFile, inputs, bidding).params };
    const { preFee, bids } = read.inputs;
    const before =
      preFee === undefined
        ? null
        : { mark: preFee.markToMarket, maintenanceSurplus: preFee.maintenanceMargin, reservedCash: 0 };
    return {
      ...(before === null
        ? {}
        : {
            liquidationFee: auctionFee(before, parameters),
            bufferMargin: bufferSurplus(before, parameters.bufferShare),
          }),
      bids: bids.map((bid) => bidFigures(bid, parameters)),
    };
  },
};

/** Computes the auction's price over time, for named sets of parameters. */
export const deriveAuctionSchedule: VectorFamily = {
  family: "derive_auction_schedule",
  handles: (caseFile) => hasCaseKeys(caseFile, "set", "t") && "discount" in caseFile.expected,
  evaluate: (caseFile) => {
    const cases = z.object({ cases: z.array(z.object({ set: z.string(), t: z.number() })) });
    const { inputs: listed, params } = readCase(caseFile, cases, z.record(z.string(), schedule));
    return {
      discount: listed.cases.map(({ set, t }, index) => {
        const parameters = params[set];
        if (parameters === undefined) {
          throw new RangeError(`inputs.cases[${index}].set is ${set}; params has no such set`);
        }
        return auctionMarkShare(t, parameters);
      }),
    };
  },
};
