import * as z from "zod";
import { type CallEvent, callEvent } from "../call-event.ts";
import { accountId, decimal, poolId, sequence, symbol, utcTime } from "../primitives.ts";
import {
  callPriceAnswer,
  componentAnswer,
  incompleteAnswer,
  severityAnswer,
  severityBasisAnswer,
} from "./statement.ts";

/** A call event as it was published, except that a worst scenario that there is not is absent. */
const callEventAnswer = callEvent
  .extend({
    worst_scenario: z
      .strictObject({ underlying: symbol, scenario_id: z.string(), label: z.string(), loss: decimal })
      .meta({ id: "CallWorstScenario" })
      .exactOptional(),
    severity_basis: severityBasisAnswer.exactOptional(),
    components: z.array(componentAnswer),
    ladder: z.array(callPriceAnswer),
    incomplete: incompleteAnswer.exactOptional(),
  })
  .meta({ id: "CallEvent", description: "A change of severity as it was published. It does not change any more." });

/** Leaves out a worst scenario that there is not, as a union with null confuses generated clients. */
export function callEventAnswerOf({ worst_scenario, ...event }: CallEvent): z.infer<typeof callEventAnswer> {
  return { ...event, ...(worst_scenario && { worst_scenario }) };
}

const call = {
  call_id: z.string(),
  account_id: accountId,
  pool_id: poolId,
  status: z.enum(["open", "cured"]),
  severity: severityAnswer.meta({ description: "The severity now; that of a cured call is NORMAL." }),
  worst_severity: severityAnswer.meta({ description: "The gravest severity that the call had." }),
  opened_at: utcTime,
  changed_at: utcTime,
  last_sequence: sequence,
  currency: symbol,
  amount_required: decimal.meta({ description: "Deposit that ends the call, as of its last event." }),
  restore_to: callEvent.shape.restore_to,
  title: z.string(),
};

const callSummary = z.strictObject(call).meta({ id: "CallSummary" });
export type CallSummary = z.infer<typeof callSummary>;

/** `GET /v1/calls` and `GET /v1/accounts/{id}/calls`. */
export const callsAnswer = z
  .strictObject({ calls: z.array(callSummary), next_cursor: z.string().nullable() })
  .meta({ id: "CallsPage" });

/** `GET /v1/calls/{id}`. */
export const callAnswer = z
  .strictObject({ ...call, events: z.array(callEventAnswer) })
  .meta({ id: "Call", description: "A margin call with all its events." });
