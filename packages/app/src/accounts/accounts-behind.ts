import { shardOf } from "@plimsoll/schema";
import { clearPending, findAccount, loadPending, loadShardPending, type Pending, type Table } from "@plimsoll/store";

/** An account with a gap in the ledger that the exchange has to fill. */
export interface AccountBehind {
  readonly accountId: string;
  /** Null if the account is unknown or cannot be read. */
  readonly heldSequence: number | null;
  readonly openedAt: string;
  readonly requests: number;
  /** The problem of a refused event; null if none was refused. */
  readonly problem: string | null;
  readonly waitingSequences: readonly number[];
}

/** Loads what the accounts of all shards wait for, by account. */
async function loadAllPending(ledger: Table, shardCount: number): Promise<(readonly [string, Pending])[]> {
  const shards = Array.from({ length: shardCount }, (_, shard) => loadShardPending(ledger, shard));
  return (await Promise.all(shards)).flatMap((ofShard) => [...ofShard]);
}

/** Finds the ids of the accounts with a gap, sorted. */
export async function findAccountsBehind(ledger: Table, shardCount: number): Promise<string[]> {
  return (await loadAllPending(ledger, shardCount)).map(([accountId]) => accountId).sort();
}

/** Loads the accounts with a gap, those with the oldest gap first. */
export async function loadAccountsBehind(ledger: Table, shardCount: number): Promise<AccountBehind[]> {
  const pending = await loadAllPending(ledger, shardCount);
  const behind = await Promise.all(
    pending.map(async ([accountId, { gap, events }]): Promise<AccountBehind> => {
      const stored = await findAccount(ledger, accountId, shardCount);
      return {
        accountId,
        heldSequence: stored?.account?.ledgerSequence ?? null,
        openedAt: new Date(gap?.openedAtMs ?? 0).toISOString(),
        requests: gap?.requests ?? 0,
        problem: gap?.refused?.problem ?? null,
        waitingSequences: events.map(({ ledgerSequence }) => ledgerSequence),
      };
    }),
  );
  return behind.sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
}

/**
 * Deletes the gap and the waiting events of an account; the account itself stays. The events are passed to `keep`
 * before they are deleted. Returns false if nothing waits.
 */
export async function discardPending(
  ledger: Table,
  accountId: string,
  shardCount: number,
  keep: (events: Pending["events"]) => void,
): Promise<boolean> {
  const shard = shardOf(accountId, shardCount);
  const { gap, events } = await loadPending(ledger, shard, accountId);
  if (gap === null && events.length === 0) return false;
  keep(events);
  const sequences = events.map(({ ledgerSequence }) => ledgerSequence);
  await clearPending(ledger, shard, accountId, { sequences, isClosed: true });
  return true;
}
