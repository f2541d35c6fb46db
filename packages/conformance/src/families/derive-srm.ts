import { computeSrm, type SrmUnderlyingParameters } from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { groupByExpiry } from "./derive-scan.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const inputs = z.object({
  cash: z.number(),
  stablePrice: z.number(),
  markets: z.record(
    z.string(),
    z.object({
      spot: z.number(),
      spotConf: z.number(),
      base: z.number().default(0),
      options: z
        .array(
          z.object({
            expirySec: z.number(),
            strike: z.number(),
            isCall: z.boolean(),
            amount: z.number(),
            vol: z.number(),
          }),
        )
        .default([]),
      expiries: z
        .record(z.string(), z.object({ forward: z.number(), fwdConf: z.number(), volConf: z.number() }))
        .default({}),
      perp: z
        .object({ amount: z.number(), price: z.number(), conf: z.number(), pnl: z.number().default(0) })
        .optional(),
    }),
  ),
});

const params = z.object({
  depeg: z.object({ threshold: z.number(), factor: z.number() }),
  perp: z.object({ mm: z.number(), im: z.number() }),
  option: z.object({
    maxSpotReq: z.number(),
    minSpotReq: z.number(),
    mmCallSpotReq: z.number(),
    mmPutSpotReq: z.number(),
    MMPutMtMReq: z.number(),
    unpairedIMScale: z.number(),
    unpairedMMScale: z.number(),
    mmOffsetScale: z.number(),
  }),
  oracle: z.object({
    perpThreshold: z.number(),
    optionThreshold: z.number(),
    baseThreshold: z.number(),
    factor: z.number(),
  }),
  base: z.object({ marginFactor: z.number(), IMScale: z.number() }),
});

function marketTerms({ perp, option, oracle, base }: z.infer<typeof params>): SrmUnderlyingParameters {
  return {
    perpetual: { initialRate: perp.im, maintenanceRate: perp.mm },
    option: {
      maximumSpotRate: option.maxSpotReq,
      minimumSpotRate: option.minSpotReq,
      callMaintenanceSpotRate: option.mmCallSpotReq,
      putMaintenanceSpotRate: option.mmPutSpotReq,
      putMaintenanceMarkRate: option.MMPutMtMReq,
      putInitialToMaintenance: option.mmOffsetScale,
      unpairedCallInitial: option.unpairedIMScale,
      unpairedCallMaintenance: option.unpairedMMScale,
    },
    trust: {
      perpetualThreshold: oracle.perpThreshold,
      optionThreshold: oracle.optionThreshold,
      baseThreshold: oracle.baseThreshold,
      confidenceRate: oracle.factor,
    },
    base: { maintenanceFactor: base.marginFactor, initialScale: base.IMScale },
  };
}

/**
 * The scale for rounding to 9 decimals, which removes the rounding errors of doubles. The venue counts in 18 decimals.
 */
const settledDecimals = 1e9;

/**
 * Returns the integer part, as the venue's tests assert it. A figure that is whole except for its last bits counts as
 * whole.
 */
function truncated(value: number): number {
  return Math.trunc(Math.round(value * settledDecimals) / settledDecimals);
}

/** Computes Derive's standard manager: several markets, each with its own spot price, under one set of terms. */
export const deriveSrm: VectorFamily = {
  family: "derive_srm",
  handles: (caseFile) => hasInputs(caseFile, "markets", "stablePrice") && hasKeys(caseFile.params, "depeg", "perp"),
  evaluate: (caseFile) => {
    const read = readCase(caseFile, inputs, params);
    const terms = marketTerms(read.params);
    const names = Object.keys(read.inputs.markets);
    const result = computeSrm(
      {
        cash: read.inputs.cash,
        stablePrice: read.inputs.stablePrice,
        markets: Object.entries(read.inputs.markets).map(([market, held]) => ({
          market,
          spotPrice: held.spot,
          spotConfidence: held.spotConf,
          baseAmount: held.base,
          perpetual: held.perp
            ? {
                amount: held.perp.amount,
                markPrice: held.perp.price,
                confidence: held.perp.conf,
                unrealisedCash: held.perp.pnl,
              }
            : null,
          expiries: groupByExpiry(held.options, held.expiries).map(({ secondsToExpiry, feeds, options }) => ({
            secondsToExpiry,
            forwardPrice: feeds.forward,
            forwardConfidence: feeds.fwdConf,
            volatilityConfidence: feeds.volConf,
            options: options.map(({ strike, isCall, amount, vol }) => ({
              strike,
              optionType: isCall ? ("call" as const) : ("put" as const),
              amount,
              markVolatility: vol,
            })),
          })),
        })),
      },
      { depeg: read.params.depeg, markets: Object.fromEntries(names.map((name) => [name, terms])) },
    );
    return {
      initialMargin: result.initialSurplus,
      maintenanceMargin: result.maintenanceSurplus,
      markToMarket: result.equity,
      initialMarginTruncated: truncated(result.initialSurplus),
      maintenanceMarginTruncated: truncated(result.maintenanceSurplus),
    };
  },
};
