import * as z from "zod";
import { accountId, sequence, utcTime } from "./primitives.ts";

/**
 * Why the ledger lacks something of an account: nothing is known of it, events before those that came are missing, an event
 * was refused, or its item cannot be read.
 */
export const gapReason = z.enum(["unknown_account", "missing_events", "refused_event", "unreadable_account"]);
export type GapReason = z.infer<typeof gapReason>;

/** `PENDING#017` / `<account_id>#GAP`: an account that lacks something, and what was done about it. */
export const gapItem = z.object({
  opened_at_ms: z.int(),
  /** What the account held then; an older version did not note it. */
  held_sequence: sequence.default(0),
  /** Closed once the account holds this sequence and nothing waits any more. */
  needs_sequence: sequence,
  /** What was wrong with an event that was refused, and what the account holds once that is mended; null where none was. */
  refused: z.object({ sequence, problem: z.string(), at_ms: z.int().default(0) }).nullable(),
  /** How often the exchange was asked. */
  requests: z.int().min(0),
  requested_at_ms: z.int().nullable(),
  /** The exchange has answered, and what waits still is what it was asked about. */
  answered: z.boolean().default(false),
  /** Events that wait, for their limit: at least as many as there are, put right each minute. */
  waiting: z.int().default(0),
});

/** Body of `AccountGaps`: look whether this account still lacks something. */
export const accountGapCheck = z.strictObject({ schema_version: z.literal(1), account_id: accountId });

/**
 * Message of the topic `AccountStateRequests`: the exchange is asked for the `account_state` of one account, as of now. It
 * answers on the queue of account events. Repeats of a request have its `request_id` and a higher `attempt`.
 */
export const accountStateRequest = z.strictObject({
  kind: z.literal("account_state_request"),
  schema_version: z.literal(1),
  /** `live`, `preview:<stage>` or `local`: only `live` is addressed to a real exchange. */
  environment: z.string(),
  request_id: z.string(),
  attempt: z.int().min(1),
  account_id: accountId,
  reason: gapReason,
  /** The reason in words, with its numbers. */
  message: z.string(),
  /** The last sequence that the ledger holds; 0 for none. */
  held_sequence: sequence,
  /** A state of a lower sequence would leave something out. */
  needs_sequence: sequence,
  /** Events that wait for it. */
  waiting_events: z.int().min(0),
  opened_at: utcTime,
  requested_at: utcTime,
});
export type AccountStateRequest = z.infer<typeof accountStateRequest>;
