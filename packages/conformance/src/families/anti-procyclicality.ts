import {
  defaultDynamicsPolicy,
  measureProcyclicality,
  withBuffer,
  withLongRunFloor,
  withStressedWeight,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { hasInputs } from "./shapes.ts";

const margin = z.number().min(0);

const inputsSchema = z.object({
  modelMargin: z.array(margin).min(1),
  tenYearMargin: z.union([margin, z.array(margin)]).optional(),
  stressedMargin: z.union([margin, z.array(margin)]).optional(),
});

const paramsSchema = z.looseObject({
  bufferFraction: z
    .number()
    .min(0)
    .default(defaultDynamicsPolicy.buffer?.fraction ?? 0),
  stressWeight: z.number().min(0).max(1).default(0.25),
});

/**
 * The trigger of a case that names none, as a multiple of its first margin. When to release the buffer is a policy
 * choice.
 */
const calmGrowth = 1.1;

/**
 * Computes margins over time under the three tools of EMIR RTS 153/2013 art. 28(1), and how much each margin still
 * swings.
 */
export const antiProcyclicality: VectorFamily = {
  family: "anti_procyclicality",
  handles: (caseFile) => hasInputs(caseFile, "modelMargin"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(caseFile, inputsSchema, paramsSchema);
    const { modelMargin, tenYearMargin, stressedMargin } = inputs;
    const trigger = findTrigger(params) ?? (modelMargin[0] ?? 0) * calmGrowth;
    const full = modelMargin.map((model) => withBuffer(model, params.bufferFraction, Number.POSITIVE_INFINITY));
    const released = modelMargin.map((model) => withBuffer(model, params.bufferFraction, trigger));
    const weighted = combine(modelMargin, stressedMargin, (model, stressed) =>
      withStressedWeight(model, stressed, params.stressWeight),
    );
    const floored = combine(modelMargin, tenYearMargin, withLongRunFloor);
    const series = { raw: modelMargin, A: released, ...(weighted && { B: weighted }), ...(floored && { C: floored }) };
    return {
      optionA_bufferFull: full,
      optionA_released: released,
      ...(weighted && { optionB_weighted: weighted }),
      ...(floored && { optionC_floor: floored }),
      peakToTrough: measured(series, (margins) => measureProcyclicality(margins, null, []).peakToTrough),
      maxOneStepIncrease: measured(series, (margins) => measureProcyclicality(margins, null, [1]).greatestIncreases[0]),
    };
  },
};

/** Returns the margin above which the buffer may be used up. Cases give it under various names. */
function findTrigger(params: Readonly<Record<string, unknown>>): number | undefined {
  const named = Object.entries(params).find(
    ([name, value]) => /trigger|release/i.test(name) && typeof value === "number",
  );
  return named && Number(named[1]);
}

function combine(
  margins: readonly number[],
  other: number | readonly number[] | undefined,
  tool: (model: number, other: number) => number,
): number[] | undefined {
  if (other === undefined) return undefined;
  return margins.map((model, index) => tool(model, typeof other === "number" ? other : (other[index] ?? Number.NaN)));
}

function measured<Figure>(
  series: Readonly<Record<string, readonly number[]>>,
  measure: (margins: readonly number[]) => Figure,
): Record<string, Figure> {
  return Object.fromEntries(Object.entries(series).map(([name, margins]) => [name, measure(margins)]));
}
