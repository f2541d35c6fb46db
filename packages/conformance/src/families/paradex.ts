import { computeParadexRequirement } from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { casesAsOfMs, heldFuture, readHeldOption } from "./holdings.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const inputsSchema = z.object({
  spot: z.number().positive(),
  forward: z.number().positive().optional(),
  books: z.array(
    z.object({
      book: z.string().optional(),
      options: z.array(z.looseObject({ strike: z.number() })).default([]),
      perp: z.number().default(0),
      fundingProvision: z.number().default(0),
      feeProvision: z.number().default(0),
    }),
  ),
});

const paramsSchema = z.object({
  scenarios: z.array(z.object({ spotShock: z.number(), volShock: z.number(), weight: z.number() })),
  dteFloorDays: z.number().positive(),
  vegaPowerShort: z.number(),
  vegaPowerLong: z.number(),
  netDeltaRate: z.number(),
  hedgedDeltaRate: z.number(),
  mmrFactor: z.number(),
});

/** Computes the requirement of books of options and a perpetual over a table of weighted scenarios. */
export const paradex: VectorFamily = {
  family: "paradex",
  handles: (caseFile) => hasInputs(caseFile, "spot", "books") && hasKeys(caseFile.params, "scenarios", "mmrFactor"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(caseFile, inputsSchema, paramsSchema);
    const forward = inputs.forward ?? inputs.spot;
    const parameters = {
      label: caseFile.name,
      scenarios: params.scenarios.map(({ spotShock, volShock, weight }) => ({
        spotMove: spotShock,
        volatilityMove: volShock,
        weight,
      })),
      shortTermPower: params.vegaPowerShort,
      longTermPower: params.vegaPowerLong,
      minimumDaysToExpiry: params.dteFloorDays,
      netDeltaRate: params.netDeltaRate,
      hedgedDeltaRate: params.hedgedDeltaRate,
      maintenanceFactor: params.mmrFactor,
    };
    const books = inputs.books.map(({ book, options, perp, fundingProvision, feeProvision }) => {
      const holdings = options.map((option, index) => readHeldOption(option, index, { forward, settlement: "linear" }));
      if (perp !== 0) holdings.push(heldFuture("perp", perp, inputs.spot, "linear"));
      const result = computeParadexRequirement(holdings, parameters, inputs.spot, casesAsOfMs, {
        funding: fundingProvision,
        fees: feeProvision,
      });
      return {
        book,
        scanRisk: result.scanRisk,
        worstScenario: result.worstScenarioNumber,
        netDelta: result.netDelta,
        hedgedDelta: result.hedgedDelta,
        minDeltaRequirement: result.minimumDeltaRequirement,
        netPortfolioImr: result.netPortfolioRequirement,
        netPortfolioMmr: parameters.maintenanceFactor * result.netPortfolioRequirement,
        imr: result.initialMargin,
        mmr: result.maintenanceMargin,
      };
    });
    return { books };
  },
};
