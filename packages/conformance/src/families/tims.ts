import {
  buildTimsPoints,
  computeTimsPnl,
  computeTimsProductGroup,
  type HeldInstrument,
  type TimsValuation,
  timsMinimumCharge,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { casesAsOfMs, heldFuture, readHeldOption } from "./holdings.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const position = z.looseObject({
  kind: z.string(),
  quantity: z.number(),
  strike: z.number().nullable().default(null),
  markNow: z.number().nullable().default(null),
});

const inputsSchema = z.object({
  classGroups: z
    .array(z.object({ name: z.string(), spot: z.number().positive(), positions: z.array(position) }))
    .min(1),
});

const paramsSchema = z.object({
  valuationPoints: z.array(z.number()).optional(),
  down: z.number().default(0.15),
  up: z.number().default(0.15),
  productGroupOffset: z.number(),
  minimumPerContractTimesMultiplier: z.number().default(0),
  multiplier: z.number().default(1),
  optionContracts: z.number().optional(),
  optionValueAtPoint: z.string().default("model"),
});

/** Computes the class groups of one product group at valuation points. */
export const tims: VectorFamily = {
  family: "tims",
  handles: (caseFile) => hasInputs(caseFile, "classGroups") && hasKeys(caseFile.params, "productGroupOffset"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(caseFile, inputsSchema, paramsSchema);
    const points = params.valuationPoints ?? buildTimsPoints(params.down, params.up);
    const valuation: TimsValuation = params.optionValueAtPoint.startsWith("intrinsic") ? "intrinsic" : "model";
    const optionContracts =
      params.optionContracts ??
      inputs.classGroups
        .flatMap(({ positions }) => positions)
        .filter(({ strike }) => strike !== null)
        .reduce((sum, { quantity }) => sum + Math.abs(quantity) / params.multiplier, 0);
    const pnls = inputs.classGroups.map(({ spot, positions }) =>
      computeTimsPnl(
        positions.map((entry, index) => holdingOf(entry, index, spot)),
        points,
        spot,
        valuation,
        casesAsOfMs,
      ),
    );
    const minimum = timsMinimumCharge(optionContracts, params.multiplier, params.minimumPerContractTimesMultiplier);
    const result = computeTimsProductGroup({
      name: "group",
      offset: params.productGroupOffset,
      classGroups: inputs.classGroups.map(({ name }, index) => ({
        name,
        pnl: pnls[index] ?? new Float64Array(),
        minimumCharge: index === 0 ? minimum : 0,
      })),
    });
    return {
      points: points.map((move, point) => ({
        move,
        groupPnl: pnls.map((pnl) => pnl[point]),
        charge: result.charges[point],
      })),
      standaloneClassRequirements: pnls.map((pnl) => Math.max(0, ...Array.from(pnl, (profit) => -profit))),
      scanRequirement: result.scanRequirement,
      minimumCharge: result.minimumCharge,
      requirement: result.requirement,
    };
  },
};

/** Returns a share, future or option of a class group as a holding. Quantities are in units of the underlying. */
function holdingOf(entry: z.infer<typeof position>, index: number, spot: number): HeldInstrument {
  if (entry.strike === null) return heldFuture(`${entry.kind}-${index}`, entry.quantity, spot, "linear");
  const { markNow, ...option } = entry;
  return readHeldOption({ ...option, markPrice: markNow }, index, { forward: spot, settlement: "linear" });
}
