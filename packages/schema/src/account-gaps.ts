import * as z from "zod";
import { accountId, sequence, utcTime } from "./primitives.ts";

/**
 * Why the ledger's account is not complete: the account is unknown, earlier events are missing, an event was refused,
 * or the stored item cannot be read.
 */
export const gapReason = z.enum(["unknown_account", "missing_events", "refused_event", "unreadable_account"]);
export type GapReason = z.infer<typeof gapReason>;

/** `PENDING#017` / `<account_id>#GAP`: an account with a gap, and the requests made about it. */
export const gapItem = z.object({
  opened_at_ms: z.int(),
  /** The sequence that the account held when the gap was opened. Items written by an older version lack it. */
  held_sequence: sequence.default(0),
  /** The gap closes once the account holds this sequence and no event waits any more. */
  needs_sequence: sequence,
  /**
   * The problem of a refused event, and the sequence that the account will hold once it is mended. It is null if none
   * was refused.
   */
  refused: z.object({ sequence, problem: z.string(), at_ms: z.int().default(0) }).nullable(),
  /** Number of times that the exchange was asked. */
  requests: z.int().min(0),
  requested_at_ms: z.int().nullable(),
  /** True once the exchange has answered and the events that still wait are those it was asked about. */
  answered: z.boolean().default(false),
  /**
   * Number of waiting events, counted for their limit. It may be too high but never too low, and is corrected each
   * minute.
   */
  waiting: z.int().default(0),
});

/** Body of the queue `AccountGaps`: check whether this account still has a gap. */
export const accountGapCheck = z.strictObject({ schema_version: z.literal(1), account_id: accountId });

/**
 * Message on the topic `AccountStateRequests`: it asks the exchange for the current `account_state` of one account. The
 * exchange answers on the queue of account events. A repeated request has the same `request_id` and a higher `attempt`.
 */
export const accountStateRequest = z.strictObject({
  kind: z.literal("account_state_request"),
  schema_version: z.literal(1),
  /** The value is `live`, `preview:<stage>` or `local`. Only `live` is addressed to a real exchange. */
  environment: z.string(),
  request_id: z.string(),
  attempt: z.int().min(1),
  account_id: accountId,
  reason: gapReason,
  /** The reason in words and numbers. */
  message: z.string(),
  /** The last sequence that the ledger holds, or 0 if it holds none. */
  held_sequence: sequence,
  /** The lowest sequence of a state that closes the gap. */
  needs_sequence: sequence,
  /** Number of events that wait for the state. */
  waiting_events: z.int().min(0),
  opened_at: utcTime,
  requested_at: utcTime,
});
export type AccountStateRequest = z.infer<typeof accountStateRequest>;
