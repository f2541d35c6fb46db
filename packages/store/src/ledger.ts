import type { LedgerAccount } from "@plimsoll/ledger";
import { decodeAccount, encodeAccount, errorText, limits, sequence, shardOf } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { pack, unpack } from "./packed.ts";
import { findItem, type Item, pauseBefore, putItem, queryItems, type Table, writeTogether } from "./table.ts";

const accountPrefix = keys.account("");

/** Most accounts that a process remembers unpacked. */
const accountsRemembered = 200;

/** One account of a shard as it is stored, or the problem with its item. */
export interface StoredAccount {
  readonly accountId: string;
  /** Null if the sequence could not be read. */
  readonly ledgerSequence: number | null;
  readonly account: LedgerAccount | null;
  /** Why the item could not be read; null if it was. */
  readonly problem: string | null;
}

/** Loads all accounts of a shard, sorted by id. An unreadable item is reported as a problem and does not throw. */
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
    const problem = errorText(error);
    return { accountId, ledgerSequence, account: null, problem };
  }
}

/** Accounts that a process has unpacked lately, by the bytes that they were packed in. */
export class AccountMemory {
  readonly #unpacked = new Map<string, { readonly data: Uint8Array; readonly stored: StoredAccount }>();

  /** Unpacks an account, unless it is remembered with the very same bytes. */
  read(item: Item): StoredAccount {
    const name = String(item.sk);
    const known = this.#unpacked.get(name);
    const data: unknown = item.data;
    const isSame =
      known?.stored.ledgerSequence === item.ledger_sequence &&
      data instanceof Uint8Array &&
      Buffer.from(known?.data ?? []).equals(data);
    if (known !== undefined && isSame) return known.stored;
    const stored = readAccount(item);
    if (stored.problem === null) this.#remember(name, { data: item.data, stored });
    return stored;
  }

  #remember(name: string, unpacked: { readonly data: Uint8Array; readonly stored: StoredAccount }): void {
    this.#unpacked.delete(name);
    this.#unpacked.set(name, unpacked);
    const [oldest] = this.#unpacked.keys();
    if (this.#unpacked.size > accountsRemembered && oldest !== undefined) this.#unpacked.delete(oldest);
  }

  clear(): void {
    this.#unpacked.clear();
  }
}

/** Finds one account, or undefined if there is none. With a memory it is unpacked only if it has changed. */
export async function findAccount(
  ledger: Table,
  accountId: string,
  shardCount: number,
  memory?: AccountMemory,
): Promise<StoredAccount | undefined> {
  const item = await findItem(ledger, {
    pk: keys.shard(shardOf(accountId, shardCount)),
    sk: keys.account(accountId),
  });
  return item && (memory === undefined ? readAccount(item) : memory.read(item));
}

/** Thrown if a new account would exceed the number that its shard may hold. */
export class ShardFullError extends Error {
  override readonly name = "ShardFullError";
}

/** Attempts to create an account while others are created in the same shard. */
const creationAttempts = 8;

/**
 * Writes an account if the stored one still has the expected sequence: 0 for none, null for an unreadable one. Returns
 * false if another writer was first (I1). Throws a ShardFullError if the shard has no room for a new account.
 */
export async function saveAccount(
  ledger: Table,
  account: LedgerAccount,
  expectedSequence: number | null,
  shardCount: number,
): Promise<boolean> {
  const shard = shardOf(account.accountId, shardCount);
  const item = {
    pk: keys.shard(shard),
    sk: keys.account(account.accountId),
    ledger_sequence: account.ledgerSequence,
    data: pack(encodeAccount(account)),
  };
  if (expectedSequence === 0) return createAccount(ledger, item, account.accountId, shard);
  const condition =
    expectedSequence === null
      ? { expression: "attribute_exists(pk) AND NOT ledger_sequence >= :least", values: { ":least": 0 } }
      : { expression: "ledger_sequence = :expected", values: { ":expected": expectedSequence } };
  return (await putItem(ledger, item, condition)).written;
}

/**
 * Creates an account and counts it in one transaction, so that the count always equals the number of accounts, even
 * after a crash or a lost answer.
 */
async function createAccount(
  ledger: Table,
  item: Item & { pk: string; sk: string },
  accountId: string,
  shard: number,
): Promise<boolean> {
  const hasPlace = {
    expression: "attribute_not_exists(accounts) OR accounts < :limit",
    values: { ":limit": limits.accountsPerShard, ":one": 1 },
  };
  for (let attempt = 0; attempt < creationAttempts; attempt += 1) {
    await pauseBefore(attempt);
    const outcome = await writeTogether(ledger, [
      { put: item, condition: { expression: "attribute_not_exists(pk)" } },
      { update: keys.places(shard), expression: "ADD accounts :one", condition: hasPlace },
    ]);
    if (outcome.written) return true;
    const [refused] = outcome.refused;
    if (refused === 0) return false;
    if (refused === 1) {
      throw new ShardFullError(
        `${accountId} belongs to shard ${shard}, which holds ${limits.accountsPerShard} accounts: raise the number of shards`,
      );
    }
    // Another account was created at the same moment.
  }
  return false;
}
