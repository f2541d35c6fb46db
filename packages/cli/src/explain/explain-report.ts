import { type ExplainQuestion, explainPool } from "@plimsoll/app";
import { explanation } from "@plimsoll/schema";
import * as z from "zod";
import { type MarginInputs, marginInputs } from "./margin-inputs.ts";

/**
 * The JSON object that `plimsoll explain --json` prints: why an account has its severity, what would restore a better
 * one, and all that this rests on.
 */
export const explainReport = z.strictObject({
  schema_version: z.literal(1),
  ...explanation.shape,
  inputs: marginInputs,
});
export type ExplainReport = z.infer<typeof explainReport>;

/** Explains the result of a margined account, and adds the inputs from which it recomputes. */
export function reportExplanation(question: ExplainQuestion, inputs: MarginInputs): ExplainReport {
  return explainReport.parse({ schema_version: 1, ...explainPool(question), inputs });
}
