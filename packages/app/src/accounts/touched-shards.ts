import { type AccountEvent, type ShardWork, shardOf, snapshotTimeMs } from "@plimsoll/schema";
import { findCurrentSnapshot, type Table } from "@plimsoll/store";

/** The shards whose accounts changed, each with the time of its last change. */
export class TouchedShards {
  readonly #newestMs = new Map<number, number>();
  readonly #shardCount: number;

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  get size(): number {
    return this.#newestMs.size;
  }

  /** Notes the shard of an event. Its time of occurrence is limited to its time of receipt. */
  add(event: AccountEvent, receivedAtMs: number): void {
    const shard = shardOf(event.account_id, this.#shardCount);
    const occurredAtMs = Math.min(Date.parse(event.occurred_at), receivedAtMs);
    this.#newestMs.set(shard, Math.max(this.#newestMs.get(shard) ?? 0, occurredAtMs));
  }

  /** Builds one request per shard for the newest snapshot. There are none before the first snapshot. */
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
