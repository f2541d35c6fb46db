import { crossPoolId } from "@plimsoll/risk";
import * as z from "zod";
import { statedIncomplete } from "./incomplete.ts";
import { accountId, decimal, poolId, priceDecimal, sequence, symbol, utcTime } from "./primitives.ts";

export const severity = z.enum(["NORMAL", "WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"]);

const callEventType = z.enum(["margin.call.opened", "margin.call.escalated", "margin.call.eased", "margin.call.cured"]);

/** Requirements and the balances they are held against, without what is paid for already, and the most that may come to be owed. */
export const severityBasis = z.strictObject({
  initial_margin: decimal,
  initial_margin_balance: decimal,
  maintenance_margin: decimal,
  margin_balance: decimal,
  /** Null when nothing bounds it; "0" when the pool can never owe anything. */
  greatest_debt: decimal.nullable(),
});

/** The price of one underlying at which a graver step starts, other things equal. */
export const ladderRung = z.strictObject({
  underlying: symbol,
  direction: z.enum(["up", "down"]),
  severity,
  price: priceDecimal.nullable(),
  distance_pct: decimal.nullable(),
  reason: z.string().nullable(),
});

/**
 * What a trader and an operator are told, and what is stored as the event. Amounts are decimal strings in `currency`,
 * rounded against the account; receivers keep the highest `sequence` per account and pool and drop repeats of `event_id`.
 */
export const callEvent = z.strictObject({
  schema_version: z.literal(1),
  event_id: z.string(),
  event_type: callEventType,
  /** `live`, `preview:<stage>` or `local`: only `live` is addressed to real traders. */
  environment: z.string(),
  occurred_at: utcTime,
  call_id: z.string(),
  sequence: sequence.min(1),
  account_id: accountId,
  /** Whose collateral is asked for: one call is open per account and pool. */
  pool_id: poolId.default(crossPoolId),
  /** The pool's currency. */
  collateral_pool: symbol,
  severity,
  previous_severity: severity,
  reason_code: z.enum([
    "initial_margin_breached",
    "maintenance_margin_breached",
    "early_warning",
    "equity_exhausted",
    "restored",
  ]),
  reason_text: z.string(),
  currency: symbol,
  equity: decimal,
  margin_balance: decimal,
  initial_margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
  available_funds: decimal,
  margin_ratio: decimal.nullable(),
  margin_headroom: decimal,
  /** Deposit that ends the call at this snapshot's prices; "0" when nothing is owed. */
  amount_required: decimal,
  /** `no_debt`: with the deposit the pool can never come to owe anything. */
  restore_to: z.enum(["initial_margin", "maintenance_margin", "no_debt", "none"]),
  /** Share of the balance that the requirement of `restore_to` then stays below; null where it is about a debt. */
  restore_ratio: decimal.nullable().default(null),
  /** The amounts that the severity rests on; absent where these are the margins and balances above. */
  severity_basis: severityBasis.exactOptional(),
  worst_scenario: z
    .strictObject({ underlying: symbol, scenario_id: z.string(), label: z.string(), loss: decimal })
    .nullable(),
  components: z.array(z.strictObject({ name: z.string(), underlying: symbol, amount: decimal })),
  ladder: z.array(ladderRung),
  /** There where the ladder is empty because there was no time for it; the account's margin gets it as `late_ladder`. */
  ladder_missing: z.literal("out_of_time").exactOptional(),
  snapshot_id: z.string(),
  /** Time of the snapshot. */
  as_of: utcTime,
  /** Age of the oldest price used, collateral's included, at the time of the snapshot: it was observed at as_of less this. */
  price_age_ms: z.int().min(0),
  price_quality: z.enum(["good", "widened", "degraded", "blocked"]),
  method_id: z.string(),
  parameters_version: z.string(),
  engine_version: z.string(),
  ledger_sequence: sequence,
  /** What could not be margined in full, and how it is counted; absent when there is nothing. */
  incomplete: statedIncomplete.exactOptional(),
  /** Null unless the operator grants a grace period: a deadline the venue will not honour is worse than none. */
  respond_by: utcTime.nullable(),
  /** The message as a person reads it: what, how much, by when, why, where to act. */
  title: z.string(),
  text: z.string(),
});
export type CallEvent = z.infer<typeof callEvent>;
