import { crossPoolId } from "@plimsoll/risk";
import * as z from "zod";
import { statedIncomplete } from "./incomplete.ts";
import { accountId, decimal, poolId, priceDecimal, sequence, symbol, utcTime } from "./primitives.ts";

export const severity = z.enum(["NORMAL", "WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"]);

const callEventType = z.enum(["margin.call.opened", "margin.call.escalated", "margin.call.eased", "margin.call.cured"]);

/** Requirements and balances without the positions that are fully paid for, and the most that the pool can ever owe. */
export const severityBasis = z.strictObject({
  initial_margin: decimal,
  initial_margin_balance: decimal,
  maintenance_margin: decimal,
  margin_balance: decimal,
  /** Null if there is no bound; "0" if the pool can never owe anything. */
  greatest_debt: decimal.nullable(),
});

/** The price of one underlying at which a graver severity starts, other things equal. */
export const ladderRung = z.strictObject({
  underlying: symbol,
  direction: z.enum(["up", "down"]),
  severity,
  price: priceDecimal.nullable(),
  distance_pct: decimal.nullable(),
  reason: z.string().nullable(),
});

/**
 * One call event as traders and operators receive it and as it is stored. Amounts are decimal strings in `currency`,
 * rounded against the account. Receivers keep the highest `sequence` per account and pool and drop repeats of
 * `event_id`.
 */
export const callEvent = z.strictObject({
  schema_version: z.literal(1),
  event_id: z.string(),
  event_type: callEventType,
  /** The value is `live`, `preview:<stage>` or `local`. Only `live` is addressed to real traders. */
  environment: z.string(),
  occurred_at: utcTime,
  call_id: z.string(),
  sequence: sequence.min(1),
  account_id: accountId,
  /** The pool whose collateral is asked for. At most one call is open per account and pool. */
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
  /** Deposit that ends the call at this snapshot's prices. It is "0" if nothing is asked for. */
  amount_required: decimal,
  /** With `no_debt` the pool can never owe anything after the deposit. */
  restore_to: z.enum(["initial_margin", "maintenance_margin", "no_debt", "none"]),
  /**
   * Once the deposit is made, the requirement named by `restore_to` is below this share of the balance. It is null if
   * the deposit covers equity or a debt instead.
   */
  restore_ratio: decimal.nullable().default(null),
  /** The amounts that the severity was decided on. It is absent if they are the margins and balances above. */
  severity_basis: severityBasis.exactOptional(),
  worst_scenario: z
    .strictObject({ underlying: symbol, scenario_id: z.string(), label: z.string(), loss: decimal })
    .nullable(),
  components: z.array(z.strictObject({ name: z.string(), underlying: symbol, amount: decimal })),
  ladder: z.array(ladderRung),
  /**
   * Present if the ladder is empty because there was no time for it. The account's margin states it later as
   * `late_ladder`.
   */
  ladder_missing: z.literal("out_of_time").exactOptional(),
  snapshot_id: z.string(),
  /** Time of the snapshot. */
  as_of: utcTime,
  /**
   * Age in milliseconds of the oldest price used, collateral included, at the time of the snapshot. It was observed at
   * `as_of` less this age.
   */
  price_age_ms: z.int().min(0),
  price_quality: z.enum(["good", "widened", "degraded", "blocked"]),
  method_id: z.string(),
  parameters_version: z.string(),
  engine_version: z.string(),
  ledger_sequence: sequence,
  /** Holdings that could not be margined in full, and how they count. It is absent if there are none. */
  incomplete: statedIncomplete.exactOptional(),
  /**
   * Null unless the operator grants a grace period, since a deadline that the venue will not keep is worse than none.
   */
  respond_by: utcTime.nullable(),
  /** The message for people: what happened, how much is asked, by when, why and where to act. */
  title: z.string(),
  text: z.string(),
});
export type CallEvent = z.infer<typeof callEvent>;
