import type { StatedIncomplete } from "@plimsoll/calls";
import { assumptions, type IncompleteReason, isInDoubt } from "@plimsoll/risk";
import * as z from "zod";
import { valueText } from "./amounts.ts";
import { decimal } from "./primitives.ts";

export const notMarginedCode = z.enum([
  "instrument_not_in_snapshot",
  "instrument_expired",
  "settlement_average_missing",
  "funding_missing",
  "volatility_missing",
  "currency_not_priced",
  "collateral_not_accepted",
  "token_state_unusable",
  "parameters_missing",
  "unsupported_instrument",
  "prices_blocked",
  "limit_exceeded",
  "ledger_unreadable",
  "state_unreadable",
  "out_of_time",
]);

/** Most reasons that a result or an event carries. The number of holdings is stated beside them. */
const reasonsStated = 10;

/** Holdings of a pool that could not be margined in full, and how they count. */
export const statedIncomplete = z.strictObject({
  holdings: z.int().min(1),
  /** The number of them that leave the worth of the account in doubt. */
  in_doubt: z.int().min(0),
  reasons: z
    .array(
      z.strictObject({
        code: notMarginedCode,
        field: z.string(),
        value: z.string(),
        remedy: z.string(),
        assumed: z.enum(assumptions),
        worth: decimal,
      }),
    )
    .max(reasonsStated),
});

/** States the incomplete part of a result as it is stored and published, holdings in doubt first. */
export function stateIncomplete(incomplete: readonly IncompleteReason[], poolCurrency: string): StatedIncomplete {
  const inDoubt = incomplete.filter(isInDoubt);
  const sure = incomplete.filter((reason) => !isInDoubt(reason));
  return {
    holdings: incomplete.length,
    inDoubt: inDoubt.length,
    reasons: [...inDoubt, ...sure].slice(0, reasonsStated).map(({ code, field, value, remedy, assumed, worth }) => ({
      code,
      field,
      value,
      remedy,
      assumed,
      worth: valueText(worth, poolCurrency),
    })),
  };
}
