import {
  constantProductFairPrice,
  constantProductReserveValue,
  depegHaircut,
  MS_PER_DAY,
  maximumRedemptionRate,
  weightedPoolFairPrice,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { figuresOfItems, hasInputs, hasItems, hasKeys } from "./shapes.ts";

const pool = z.object({
  reserve0: z.number().positive(),
  reserve1: z.number().positive(),
  price0: z.number().positive(),
  price1: z.number().positive(),
  totalSupply: z.number().positive(),
});

/** Prices the tokens of a constant-product pool. */
export const constantProductToken: VectorFamily = {
  family: "pool_token",
  handles: (caseFile) => hasItems(caseFile, "reserve0", "reserve1", "price0", "price1"),
  evaluate: (caseFile) =>
    figuresOfItems(caseFile, pool, (given) => ({
      fairPrice: constantProductFairPrice(given),
      naiveReservePrice: constantProductReserveValue(given),
    })),
};

const positives = z.array(z.number().positive()).min(2);

const weightedPool = z
  .object({ reserves: positives, weights: positives, prices: positives, totalSupply: z.number().positive() })
  .refine(
    ({ reserves, weights, prices }) => weights.length === reserves.length && prices.length === reserves.length,
    "as many weights and prices as reserves",
  );

/** Prices the tokens of a weighted pool of any number of assets. */
export const weightedPoolToken: VectorFamily = {
  family: "weighted_pool_token",
  handles: (caseFile) => hasItems(caseFile, "reserves", "weights", "prices", "totalSupply"),
  evaluate: (caseFile) =>
    figuresOfItems(caseFile, weightedPool, ({ reserves, weights, prices, totalSupply }) => {
      const parts = reserves.map((reserve, index) => ({ reserve, weight: weights[index]!, price: prices[index]! }));
      const value = parts.reduce((sum, { reserve, price }) => sum + reserve * price, 0);
      return { fairPrice: weightedPoolFairPrice(parts, totalSupply), naiveReservePrice: value / totalSupply };
    }),
};

/** Computes the haircuts of a stablecoin below its peg. */
export const depegHaircuts: VectorFamily = {
  family: "depeg_haircut",
  handles: (caseFile) => hasInputs(caseFile, "prices") && hasKeys(caseFile.params, "depegTiers"),
  evaluate: (caseFile) => {
    const tier = z.object({ belowPrice: z.number(), factor: z.number() });
    const { inputs, params } = readCase(
      caseFile,
      z.object({ prices: z.array(z.number()).min(1) }),
      z.object({ depegTiers: z.array(tier).min(1) }),
    );
    return { haircut: inputs.prices.map((price) => depegHaircut(price, params.depegTiers)) };
  },
};

/** Computes the highest redemption rate that is believed, for each number of days after the anchor. */
export const redemptionRateCap: VectorFamily = {
  family: "redemption_rate_cap",
  handles: (caseFile) => hasInputs(caseFile, "daysSinceAnchor") && hasKeys(caseFile.params, "anchorRate"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ daysSinceAnchor: z.array(z.number().min(0)).min(1) }),
      z.object({ anchorRate: z.number().positive(), maximumGrowthPerDay: z.number().min(0) }),
    );
    const valuation = {
      kind: "redeemable",
      redeemsInto: "",
      isTraded: false,
      anchorAtMs: 0,
      maximumFall: 0,
      ...params,
    } as const;
    return { maximumRate: inputs.daysSinceAnchor.map((days) => maximumRedemptionRate(valuation, days * MS_PER_DAY)) };
  },
};
