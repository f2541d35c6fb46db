import { shardOf } from "@plimsoll/schema";
import { clearPending, findAccount, loadPending, loadShardPending, type Pending, type Table } from "@plimsoll/store";

/** An account whose ledger lacks something that the exchange is to send. */
export interface AccountBehind {
  readonly accountId: string;
  /** Null where the account is unknown or cannot be read. */
  readonly heldSequence: number | null;
  readonly openedAt: string;
  readonly requests: number;
  /** What was wrong with an event that was refused; null where none was. */
  readonly problem: string | null;
  readonly waitingSequences: readonly number[];
}

/** What accounts of all shards lack, by account. */
async function loadAllPending(ledger: Table, shardCount: number): Promise<(readonly [string, Pending])[]> {
  const shards = Array.from({ length: shardCount }, (_, shard) => loadShardPending(ledger, shard));
  return (await Promise.all(shards)).flatMap((ofShard) => [...ofShard]);
}

/** Ids of the accounts that lack something, sorted. */
export async function findAccountsBehind(ledger: Table, shardCount: number): Promise<string[]> {
  return (await loadAllPending(ledger, shardCount)).map(([accountId]) => accountId).sort();
}

/** The accounts that lack something and what is known of it, those that have for longest first. */
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
 * Takes away what waits of an account, and its gap; the account stays as it is. `keep` is given what waits before it is gone.
 * False where nothing waits.
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
