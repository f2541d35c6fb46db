import type { StatedMargin } from "@plimsoll/calls";
import * as z from "zod";
import { methodId } from "../account-events.ts";
import { ladderRung, severity, severityBasis } from "../call-event.ts";
import { notMarginedCode, statedIncomplete } from "../incomplete.ts";
import { statedMargin } from "../margin-row.ts";
import { decimal, priceDecimal, symbol, utcTime } from "../primitives.ts";
import { priceQuality, snapshotId } from "../snapshot.ts";
import { toWire } from "../wire.ts";

/**
 * What the figures of an answer rest on. `binding` figures are those that the stage acts by. `informative` figures are
 * computed for this answer, by the same code, and nothing follows from them.
 */
export const statement = {
  standing: z.enum(["binding", "informative"]).meta({
    description:
      "Whether the stage acts by these figures, or they were computed for this answer and nothing follows from them.",
  }),
  snapshot_id: snapshotId.meta({ description: "The market snapshot that the figures rest on." }),
  as_of: utcTime.meta({ description: "The time of the snapshot." }),
  result_age_ms: z.int().min(0).meta({ description: "Age of the snapshot when the answer was given." }),
  parameters_version: z.string(),
  engine_version: z.string(),
};

export const componentAnswer = z
  .strictObject({ name: z.string(), underlying: symbol, amount: decimal })
  .meta({ id: "Component", description: "One part of the initial margin." });

const worstScenario = z
  .strictObject({ scenario_id: z.string(), label: z.string(), loss: decimal })
  .meta({ id: "WorstScenario", description: "The scenario with the greatest loss; a loss is positive." });

const marginUnit = z
  .strictObject({ underlying: symbol, quality: priceQuality, worst_scenario: worstScenario.exactOptional() })
  .meta({ id: "MarginUnit", description: "One underlying, and the worst scenario if the method scans any." });

export const severityBasisAnswer = severityBasis.meta({ id: "SeverityBasis" });

export const incompleteAnswer = statedIncomplete.meta({ id: "Incomplete" });

/** Why something has no figures, with the value that is at fault and the remedy. */
export const refusalAnswer = z
  .strictObject({ code: notMarginedCode, field: z.string(), value: z.string(), remedy: z.string() })
  .meta({ id: "Refusal" });

/** The margin of one pool as the API states it. An object that does not apply is absent. */
export const marginAnswer = statedMargin
  .omit({ units: true, not_projected: true, projected_initial_margin: true, projected_by: true })
  .extend({
    severity_basis: severityBasisAnswer.exactOptional(),
    projected_initial_margin: decimal
      .nullable()
      .meta({ description: "Initial margin if the worst subset of the open orders fills; null without orders." }),
    projected_by: z.enum(["by_side", "each_apart", "by_scenario", "search_stopped"]).exactOptional(),
    not_projected: refusalAnswer.exactOptional(),
    components: z.array(componentAnswer),
    units: z.array(marginUnit),
    incomplete: incompleteAnswer.exactOptional(),
  })
  .meta({
    id: "Margin",
    description: "The margin of one pool. Amounts are decimal strings in `pool_currency`, rounded against the account.",
  });
export type MarginAnswer = z.infer<typeof marginAnswer>;

/** One call price, or the reason why there is none. */
export const callPriceAnswer = ladderRung
  .extend({ price: priceDecimal.nullable(), distance_pct: decimal.nullable(), reason: z.string().nullable() })
  .meta({ id: "CallPrice", description: "The index price at which a graver severity begins, all else equal." });

/** Contents that every answer on one pool begins with. */
export const poolHead = {
  pool_id: z.string(),
  method_id: methodId,
  method_version: z.string().meta({ description: "The method, its formulas and the content of its parameters." }),
  pool_currency: symbol,
};

export const severityAnswer = severity.meta({ id: "Severity" });

type StatedMarginWire = z.infer<typeof statedMargin>;

/** Leaves out null objects of a margin in wire form, as unions with null confuse generated clients. */
export function marginAnswerOf({ units, not_projected, ...stated }: StatedMarginWire): MarginAnswer {
  return {
    ...stated,
    ...(not_projected && { not_projected }),
    units: units.map(({ worst_scenario, ...unit }) => ({ ...unit, ...(worst_scenario && { worst_scenario }) })),
  };
}

/** States a margin as the API does. The contract of the answer checks it. */
export function answerMarginOf(margin: StatedMargin): MarginAnswer {
  return marginAnswerOf(toWire(margin) as unknown as StatedMarginWire);
}
