import type { LedgerAccount } from "@plimsoll/ledger";
import { decodeAccount, encodeAccount, limits, sequence, shardOf } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { pack, unpack } from "./packed.ts";
import { findItem, type Item, putItem, queryItems, type Table, updateItem } from "./table.ts";

const accountPrefix = keys.account("");

/** One account of a shard, or why its item could not be read. */
export interface StoredAccount {
  readonly accountId: string;
  /** Null when not even the sequence could be read. */
  readonly ledgerSequence: number | null;
  readonly account: LedgerAccount | null;
  /** Null when the account was read. */
  readonly problem: string | null;
}

/** All accounts of a shard in order of their ids. An item that cannot be read is reported, never thrown. */
export async function loadShardAccounts(ledger: Table, shard: number): Promise<StoredAccount[]> {
  const items = await queryItems(ledger, { pk: keys.shard(shard), skPrefix: accountPrefix });
  return items.map(readAccount);
}

function readAccount(item: Item): StoredAccount {
  const accountId = String(item.sk).slice(accountPrefix.length);
  const parsedSequence = sequence.safeParse(item.ledger_sequence);
  const ledgerSequence = parsedSequence.data ?? null;
  try {
    const account = decodeAccount(unpack(item.data));
    const agrees = account.accountId === accountId && account.ledgerSequence === ledgerSequence;
    if (agrees) return { accountId, ledgerSequence, account, problem: null };
    const packed = `${account.accountId} at sequence ${account.ledgerSequence}`;
    return { accountId, ledgerSequence, account: null, problem: `the packed account is ${packed}` };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { accountId, ledgerSequence, account: null, problem };
  }
}

/** One account, or undefined when there is none. */
export async function findAccount(
  ledger: Table,
  accountId: string,
  shardCount: number,
): Promise<StoredAccount | undefined> {
  const item = await findItem(ledger, {
    pk: keys.shard(shardOf(accountId, shardCount)),
    sk: keys.account(accountId),
  });
  return item && readAccount(item);
}

/** A new account would be one more than its shard may hold. */
export class ShardFullError extends Error {
  override readonly name = "ShardFullError";
}

/**
 * Writes an account over the sequence it was computed from (0 for none); false when another writer was first (I1). Throws
 * a ShardFullError for a new account that its shard has no place for.
 */
export async function saveAccount(
  ledger: Table,
  account: LedgerAccount,
  expectedSequence: number,
  shardCount: number,
): Promise<boolean> {
  const shard = shardOf(account.accountId, shardCount);
  if (expectedSequence === 0) await takePlace(ledger, shard, account.accountId);
  const outcome = await putItem(
    ledger,
    {
      pk: keys.shard(shard),
      sk: keys.account(account.accountId),
      ledger_sequence: account.ledgerSequence,
      data: pack(encodeAccount(account)),
    },
    expectedSequence === 0
      ? { expression: "attribute_not_exists(pk)" }
      : { expression: "ledger_sequence = :expected", values: { ":expected": expectedSequence } },
  );
  if (expectedSequence === 0 && !outcome.written) await countAccounts(ledger, shard, -1, "attribute_exists(pk)");
  return outcome.written;
}

/** Counts a new account before it is there: a crash in between costs its shard a place, never lets one too many in. */
async function takePlace(ledger: Table, shard: number, accountId: string): Promise<void> {
  const hasPlace = "attribute_not_exists(accounts) OR accounts < :limit";
  if (await countAccounts(ledger, shard, 1, hasPlace, { ":limit": limits.accountsPerShard })) return;
  throw new ShardFullError(
    `${accountId} belongs to shard ${shard}, which holds ${limits.accountsPerShard} accounts: raise the number of shards`,
  );
}

async function countAccounts(ledger: Table, shard: number, change: number, condition: string, values: Item = {}) {
  const update = { expression: "ADD accounts :change", condition, values: { ...values, ":change": change } };
  return (await updateItem(ledger, keys.places(shard), update)) !== undefined;
}
