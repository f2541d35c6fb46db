import { applyEvent, type LedgerEvent } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import {
  type AccountEvent,
  accountEvent,
  fromWire,
  limits,
  type Refusal,
  type ShardWork,
  shardOf,
  snapshotTimeMs,
} from "@plimsoll/schema";
import { findAccount, findCurrentSnapshot, getSnapshot, saveAccount, type Table } from "@plimsoll/store";
import type { SQSRecord } from "aws-lambda";
import { refusalsOf, shownValue } from "../rejects.ts";

export interface AccountPorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly shardCount: number;
}

/** Other writers were at the account each time; the message may be tried again. */
export class AccountContendedError extends Error {
  override readonly name = "AccountContendedError";
}

/** Events before this one are missing; it may be tried again once they have come. */
export class SequenceGapError extends Error {
  override readonly name = "SequenceGapError";
}

/** The account's item cannot be read; only an account_state can replace it. */
export class UnreadableAccountError extends Error {
  override readonly name = "UnreadableAccountError";
}

/** Tries against other writers of the same account. */
const attempts = 5;

export interface RefusedEvent {
  readonly kind: "refused";
  readonly refusals: readonly Refusal[];
}

/** What became of an event: `duplicate` is in the account already. */
export type AccountOutcome = { readonly kind: "applied" | "duplicate" } | RefusedEvent;

/** The event of a message, or why there is none in it. */
export function parseAccountEvent(
  body: string,
): { readonly event: AccountEvent } | (RefusedEvent & { readonly event: null }) {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    const refusal = { path: "$", value: shownValue(body), problem: "a JSON text" };
    return { event: null, kind: "refused", refusals: [refusal] };
  }
  const parsed = accountEvent.safeParse(input);
  if (parsed.success) return { event: parsed.data };
  return { event: null, kind: "refused", refusals: refusalsOf(parsed.error, input) };
}

/** Records of a batch with the events of each account by sequence: a queue keeps no order, and each gap costs a retry. */
export function inLedgerOrder(records: readonly SQSRecord[]): SQSRecord[] {
  const keyed = records.map((record) => {
    const { event } = parseAccountEvent(record.body);
    return { record, accountId: event?.account_id ?? "", sequence: event?.ledger_sequence ?? 0 };
  });
  keyed.sort((a, b) => (a.accountId === b.accountId ? a.sequence - b.sequence : a.accountId < b.accountId ? -1 : 1));
  return keyed.map(({ record }) => record);
}

/** Applies one event of the exchange to the ledger, over exactly the state it was computed from (I1). */
export async function ingestAccountEvent(event: AccountEvent, ports: AccountPorts): Promise<AccountOutcome> {
  const { schemaVersion: _, occurredAt: __, ...applied } = fromWire(event);
  const instruments = ["fill", "funding"].includes(event.kind)
    ? await loadInstruments(ports.market)
    : new Map<string, Instrument>();
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const stored = await findAccount(ports.ledger, event.account_id, ports.shardCount);
    const held = stored?.ledgerSequence ?? 0;
    const isRepair = event.kind === "account_state" && event.ledger_sequence > held;
    if (stored?.problem && !isRepair) throw new UnreadableAccountError(`${event.account_id}: ${stored.problem}`);
    const outcome = applyEvent(
      stored?.account ?? null,
      applied satisfies LedgerEvent,
      (id) => instruments.get(id),
      limits,
    );
    switch (outcome.kind) {
      case "duplicate":
        return outcome;
      case "refused": {
        const { field: path, value, problem } = outcome;
        return { kind: "refused", refusals: [{ path, value, problem }] };
      }
      case "gap":
        throw new SequenceGapError(
          `ledger_sequence ${event.ledger_sequence} of ${event.account_id} came before ${outcome.expectedSequence}`,
        );
      case "applied":
        if (await saveAccount(ports.ledger, outcome.account, held, ports.shardCount)) return { kind: "applied" };
    }
  }
  throw new AccountContendedError(`${event.account_id} was written by others ${attempts} times`);
}

/** Definitions by id, of the newest snapshot this process has read. */
let definitions: { readonly snapshotId: string; readonly byId: ReadonlyMap<string, Instrument> } | undefined;

async function loadInstruments(market: Table): Promise<ReadonlyMap<string, Instrument>> {
  const newest = await findCurrentSnapshot(market, Date.now());
  if (newest === undefined) return new Map();
  if (definitions?.snapshotId !== newest.snapshotId) {
    const { instruments } = await getSnapshot(market, newest.snapshotId);
    const byId = new Map(instruments.map(({ instrument }) => [instrument.instrumentId, instrument]));
    definitions = { snapshotId: newest.snapshotId, byId };
  }
  return definitions.byId;
}

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

  add(event: AccountEvent): void {
    const shard = shardOf(event.account_id, this.#shardCount);
    this.#newestMs.set(shard, Math.max(this.#newestMs.get(shard) ?? 0, Date.parse(event.occurred_at)));
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
      // An event dated ahead of the clock has come now.
      requested_at: new Date(Math.min(nowMs, Math.max(asOfMs, occurredAtMs))).toISOString(),
    }));
  }
}
