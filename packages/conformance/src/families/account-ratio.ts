import { adjustedEquity, binanceAccountRatio, bracketedMaintenance, computeAccountRatio } from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const inputsSchema = z.object({
  assets: z
    .array(
      z.object({
        asset: z.string().default("asset"),
        netQty: z.number(),
        index: z.number(),
        collateralRate: z.number(),
      }),
    )
    .min(1),
  maintenanceMargin: z.number().default(0),
  openLoss: z.number().default(0),
});

/** Computes adjusted equity over maintenance margin. */
export const accountRatio: VectorFamily = {
  family: "account_ratio",
  handles: (caseFile) => {
    const { assets } = caseFile.inputs;
    return Array.isArray(assets) && hasKeys(assets[0], "netQty", "collateralRate");
  },
  evaluate: (caseFile) => {
    const { inputs } = readCase(caseFile, inputsSchema, z.object({}));
    const assets = inputs.assets.map(({ asset, netQty, index, collateralRate }) => ({
      asset,
      netQuantity: netQty,
      indexPrice: index,
      collateralRate,
    }));
    const equity = adjustedEquity(assets, inputs.openLoss);
    const result = computeAccountRatio(equity, inputs.maintenanceMargin, binanceAccountRatio);
    return { adjustedEquity: equity, uniMMR: result.accountRatio, state: result.state };
  },
};

/** Computes the maintenance margin of notionals under brackets. */
export const bracketMargin: VectorFamily = {
  family: "maintenance_brackets",
  handles: (caseFile) => hasInputs(caseFile, "notionals") && hasKeys(caseFile.params, "brackets"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ notionals: z.array(z.number()) }),
      z.object({ brackets: z.array(z.object({ from: z.number(), rate: z.number() })).min(1) }),
    );
    return { maintenanceMargin: inputs.notionals.map((notional) => bracketedMaintenance(notional, params.brackets)) };
  },
};
