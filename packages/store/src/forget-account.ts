import { accountPools } from "@plimsoll/ledger";
import { crossPoolId, poolKeyOf } from "@plimsoll/risk";
import { shardOf } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { findAccount } from "./ledger.ts";
import { loadBlock } from "./margin.ts";
import { clearPending, loadPending } from "./pending.ts";
import { StoreError, type Table, updateItem, writeTogether } from "./table.ts";

/** What was removed of an account. */
export interface ForgottenAccount {
  /** Null if the ledger did not have the account, or if its sequence could not be read. */
  readonly heldSequence: number | null;
  readonly waitingEvents: number;
}

/**
 * Removes an account from the ledger, so that its next account_state may begin it anew at any sequence. This is the
 * remedy for an account whose sequence ran away. Its severity, open calls and history stay; only the ledger sequence
 * that they rest on is reset, as nothing newer could replace them otherwise. It is safe to repeat after a crash.
 */
export async function forgetAccount(
  tables: { readonly ledger: Table; readonly margin: Table },
  accountId: string,
  shardCount: number,
): Promise<ForgottenAccount> {
  const { ledger, margin } = tables;
  const shard = shardOf(accountId, shardCount);
  const [stored, { block }] = await Promise.all([findAccount(ledger, accountId, shardCount), loadBlock(margin, shard)]);
  if (stored !== undefined) {
    const outcome = await writeTogether(ledger, [
      {
        remove: { pk: keys.shard(shard), sk: keys.account(accountId) },
        condition:
          stored.ledgerSequence === null
            ? { expression: "attribute_exists(pk)" }
            : { expression: "ledger_sequence = :held", values: { ":held": stored.ledgerSequence } },
      },
      {
        update: keys.places(shard),
        expression: "ADD accounts :less",
        condition: { expression: "accounts > :none", values: { ":none": 0, ":less": -1 } },
      },
    ]);
    if (!outcome.written) throw new StoreError(`${accountId} was written at this moment: repeat`);
  }
  // This happens after the account is deleted, so that no pass over the old account can write its sequence again.
  const pools = stored?.account == null ? [] : accountPools(stored.account).map(({ poolId }) => poolId);
  const rows = (block?.rows ?? []).filter((row) => row.accountId === accountId).map(({ poolId }) => poolId);
  for (const poolId of new Set([crossPoolId, ...pools, ...rows])) {
    await updateItem(margin, keys.state(poolKeyOf(accountId, poolId)), {
      expression: "SET ledger_sequence = :none",
      values: { ":none": 0 },
      condition: "attribute_exists(pk)",
    });
  }
  const { events } = await loadPending(ledger, shard, accountId);
  const sequences = events.map(({ ledgerSequence }) => ledgerSequence);
  await clearPending(ledger, shard, accountId, { sequences, isClosed: true });
  return { heldSequence: stored?.ledgerSequence ?? null, waitingEvents: events.length };
}
