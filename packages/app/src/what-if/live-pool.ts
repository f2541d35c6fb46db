import type { LedgerAccount } from "@plimsoll/ledger";
import { type MayGoOn, poolKeyOf } from "@plimsoll/risk";
import { assumeEntries, kernelPools, type MarginRow } from "@plimsoll/schema";
import { type AccountRows, findAccount, type PartMemory, type Table } from "@plimsoll/store";
import type { DecisionContext } from "../margin/decide.ts";
import { findAccountRows } from "../margin/find-margined.ts";
import type { PreparedEngine, PreparedEngines } from "../margin/prepared-engines.ts";
import type { StoredPool } from "../margin/stored-pools.ts";

/** What questions about accounts are answered from. */
export interface QuestionPorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly margin: Table;
  readonly shardCount: number;
  readonly environment: string;
  readonly markets: PreparedEngines;
  /** What the process knows of where the results of shards are. */
  readonly memory: PartMemory;
  readonly nowMs: () => number;
  /** Whether a long search may go on. */
  readonly mayGoOn: MayGoOn;
}

/** A pool as the ledger holds it now, with its latest result and the market of that result. */
export interface LivePool {
  readonly account: LedgerAccount;
  readonly row: MarginRow;
  readonly prepared: PreparedEngine;
  readonly context: DecisionContext;
}

/** Why a pool cannot be asked about: it does not exist, or no sweep has margined it yet. */
export type NoPool = { readonly kind: "unknown" } | { readonly kind: "no_result" };

/**
 * Loads a pool with the market of its latest result, so that what is computed of it is comparable with that result.
 * Throws if the account's item cannot be read.
 */
export async function findLivePool(
  ports: QuestionPorts,
  accountId: string,
  poolId: string,
): Promise<LivePool | NoPool> {
  const [stored, found] = await Promise.all([
    findAccount(ports.ledger, accountId, ports.shardCount),
    findAccountRows(ports.margin, accountId, ports.shardCount, ports.nowMs(), ports.memory),
  ]);
  if (stored === undefined) return { kind: "unknown" };
  if (stored.account === null) throw new Error(`the account cannot be read: ${stored.problem}`);
  if (!kernelPools(stored.account).some((pool) => pool.poolId === poolId)) return { kind: "unknown" };
  const row = found?.rows.find((one) => one.poolId === poolId);
  if (found === undefined || row === undefined) return { kind: "no_result" };
  const prepared = await prepareOf(ports, found, row);
  return { account: stored.account, row, prepared, context: contextOf(ports, prepared) };
}

function prepareOf({ markets, market }: QuestionPorts, found: AccountRows, row: MarginRow): Promise<PreparedEngine> {
  const { snapshotId, parametersVersion } =
    row.status === "margined" ? row.margin : { snapshotId: row.snapshotId, parametersVersion: found.parametersVersion };
  return markets.prepare(market, snapshotId, parametersVersion);
}

export function contextOf({ environment, nowMs }: QuestionPorts, market: PreparedEngine): DecisionContext {
  return { market, environment, occurredAtMs: nowMs() };
}

/** Returns one pool of an account as a pass over its shard takes it. */
export function storedPoolOf(account: LedgerAccount, poolId: string, row: MarginRow | undefined): StoredPool {
  const { accountId, ledgerSequence } = account;
  const contents = kernelPools(account).find((pool) => pool.poolId === poolId);
  if (contents === undefined) throw new Error(`${accountId} has no pool ${poolId}`);
  const assumed = row?.assumedEntries ?? [];
  return {
    poolKey: poolKeyOf(accountId, poolId),
    accountId,
    poolId,
    ledgerSequence,
    contents: { ...contents, pool: assumeEntries(contents.pool, assumed) },
    problem: null,
    stateProblem: null,
    isClosed: false,
  };
}
