import { canonicalJson, createMarginEngine } from "@plimsoll/risk";
import { statedMargin, stateMargin, toWire } from "@plimsoll/schema";
import type { ExplainReport } from "./explain-report.ts";
import { stateOf } from "./margin-inputs.ts";

/**
 * Recomputes the margin of a stored explanation from its inputs. Returns a text that names the first figure that
 * differs, or null when none does.
 */
export function verifyEarlier({ margin, inputs }: ExplainReport): string | null {
  const { snapshot, parameters, pool } = stateOf(inputs);
  const result = createMarginEngine(snapshot, parameters).margin(pool);
  if (result.status === "not_margined") return `${result.field} is ${result.value}: ${result.remedy}`;
  const recomputed: Record<string, unknown> = statedMargin.parse(toWire(stateMargin(result, pool.ledgerSequence)));
  for (const [name, stated] of Object.entries(margin)) {
    const [was, is] = [canonicalJson(stated), canonicalJson(recomputed[name])];
    if (was !== is) return `margin.${name} is stated as ${was} and comes out as ${is}; use the file as it was written`;
  }
  return null;
}
