import { type AccountEvent, type ShardWork, shardOf, snapshotTimeMs } from "@plimsoll/schema";
import { findCurrentSnapshot, type Table } from "@plimsoll/store";

/** Shards whose accounts changed, and when they last did. */
export class TouchedShards {
  readonly #newestMs = new Map<number, number>();
  readonly #shardCount: number;

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  get size(): number {
    return this.#newestMs.size;
  }

  /** Notes the shard of an event that came at a time; it cannot have occurred later than that. */
  add(event: AccountEvent, receivedAtMs: number): void {
    const shard = shardOf(event.account_id, this.#shardCount);
    const occurredAtMs = Math.min(Date.parse(event.occurred_at), receivedAtMs);
    this.#newestMs.set(shard, Math.max(this.#newestMs.get(shard) ?? 0, occurredAtMs));
  }

  /** One request per shard for the newest snapshot; none before the first. */
  async requests(market: Table, nowMs: number): Promise<ShardWork[]> {
    if (this.size === 0) return [];
    const newest = await findCurrentSnapshot(market, nowMs);
    if (newest === undefined) return [];
    const asOfMs = snapshotTimeMs(newest.snapshotId);
    return [...this.#newestMs].map(([shard, occurredAtMs]) => ({
      schema_version: 1,
      snapshot_id: newest.snapshotId,
      parameters_version: newest.parametersVersion,
      shard,
      shard_count: this.#shardCount,
      reason: "ledger",
      requested_at: new Date(Math.min(nowMs, Math.max(asOfMs, occurredAtMs))).toISOString(),
    }));
  }
}
