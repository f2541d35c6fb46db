import { combineOkxModules, depegCharge, okxSizeMultiplied, valueAfterHaircutUsd } from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const oneOrMany = z.union([z.number().transform((value) => [value]), z.array(z.number())]);
const upToUsd = z.number().positive().nullable();
const tierOf = <Shape extends z.ZodRawShape>(shape: Shape) => z.array(z.object({ upToUsd, ...shape })).min(1);

/** Computes the value of collateral by tiers, with each slice at its own rate. */
export const okxTieredDiscount: VectorFamily = {
  family: "okx_tiered_discount",
  handles: (caseFile) => hasInputs(caseFile, "usdValue") && hasKeys(caseFile.params, "tiers"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ usdValue: oneOrMany }),
      z.object({ tiers: tierOf({ rate: z.number() }) }),
    );
    const bands = params.tiers.map((tier) => ({ upToUsd: tier.upToUsd, haircut: 1 - tier.rate }));
    return { discountEquity: inputs.usdValue.map((value) => valueAfterHaircutUsd(value, bands)) };
  },
};

/** Computes the stablecoin depeg charge (MR9) on hedged amounts. */
export const okxDepeg: VectorFamily = {
  family: "okx_depeg",
  handles: (caseFile) => hasInputs(caseFile, "hedgedUsd") && hasKeys(caseFile.params, "brackets"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ hedgedUsd: oneOrMany }),
      z.object({ brackets: tierOf({ rate: z.number() }) }),
    );
    return { charge: inputs.hedgedUsd.map((amount) => depegCharge(amount, params.brackets)) };
  },
};

/** Computes the minimum charge (MR7) from the raw charge, with each slice multiplied by its own tier. */
export const okxMinimumChargeTiers: VectorFamily = {
  family: "okx_minimum_charge",
  handles: (caseFile) => hasInputs(caseFile, "rawChargeUsd") && hasKeys(caseFile.params, "tiers"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ rawChargeUsd: oneOrMany }),
      z.object({ tiers: tierOf({ multiplier: z.number() }) }),
    );
    return { adjustedCharge: inputs.rawChargeUsd.map((raw) => okxSizeMultiplied(raw, params.tiers)) };
  },
};

const amount = z.number().default(0);

/** Computes the requirement of one risk unit from its modules. */
export const okxModules: VectorFamily = {
  family: "okx_modules",
  handles: (caseFile) => hasInputs(caseFile, "mr1"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({
        mr1: amount,
        mr2: amount,
        mr3: amount,
        mr4: amount,
        mr5: amount,
        mr6: amount,
        mr7: amount,
        mr9: amount,
        borrowMmr: amount,
        borrowImr: amount,
      }),
      z.object({ imFactor: z.number().default(1.3) }),
    );
    const derivatives = combineOkxModules(inputs);
    return { mmr: derivatives + inputs.borrowMmr, imr: params.imFactor * derivatives + inputs.borrowImr };
  },
};
