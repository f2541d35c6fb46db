import * as z from "zod";
import { limits, symbol, utcTime } from "./primitives.ts";
import { refusal } from "./quotes.ts";
import { snapshotId } from "./snapshot.ts";

/**
 * Body of the queue `ShardWork`: margin one shard on one snapshot. The reason `ledger` means that an account of the
 * shard changed.
 */
export const shardWork = z
  .strictObject({
    schema_version: z.literal(1),
    snapshot_id: snapshotId,
    parameters_version: z.string(),
    shard: z.int().min(0),
    shard_count: z.int().min(1).max(limits.shards),
    reason: z.enum(["sweep", "ledger"]),
    requested_at: utcTime,
  })
  .refine(({ shard, shard_count }) => shard < shard_count, { path: ["shard"], error: "a shard below shard_count" });
export type ShardWork = z.infer<typeof shardWork>;

/** Body of the queue `SweepRequests`: the prices of these underlyings moved by more than the trigger. */
export const sweepRequest = z.strictObject({
  schema_version: z.literal(1),
  underlyings: z.array(symbol).min(1).max(limits.underlyingsPerStage),
  requested_at: utcTime,
  /** The request waits until this time, as it came too soon after the last such sweep. */
  not_before: utcTime.exactOptional(),
});
export type SweepRequest = z.infer<typeof sweepRequest>;

/** Input of a schedule: the time of the tick, from which ids are derived. It may arrive later than that. */
export const scheduleInput = z.object({ scheduled_time: utcTime });

/** Body of the queue `Rejects`: what was refused and why, with as much of it as fits. */
export const rejectedInput = z.strictObject({
  schema_version: z.literal(1),
  origin: z.enum(["quotes", "account_events"]),
  received_at: utcTime,
  /** The source of the quotes, or the id of the queue message. */
  reference: z.string(),
  refusals: z.array(refusal).min(1),
  /** The refused text if it is a whole message, cut to `rejectedBodyLimit` characters. */
  body: z.string().nullable(),
});
export type RejectedInput = z.infer<typeof rejectedInput>;

/**
 * Most characters that are kept of a refused message. They fit into a queue message even if each is escaped to six
 * bytes.
 */
export const rejectedBodyLimit = 30_000;
