import { accountWords } from "@plimsoll/calls";
import { accountPools } from "@plimsoll/ledger";
import { bookIdOf, type MarginState } from "@plimsoll/risk";
import { portfolioFile, shardOf, toWire } from "@plimsoll/schema";
import {
  findAccount,
  findNewestCompletedSweep,
  findState,
  getParameters,
  getSnapshot,
  loadBlock,
  type Table,
} from "@plimsoll/store";
import { CommandError } from "../errors.ts";
import { findSweepItem } from "../start/margin-table.ts";
import { inputsOf, type MarginInputs } from "./margin-inputs.ts";

/** The tables of a stage that an account's margin rests on. */
export interface StageTables {
  readonly market: Table;
  readonly margin: Table;
  readonly ledger: Table;
}

/** What an account's latest result rests on, and the market its last call event rested on. */
export interface StoredAccount {
  readonly state: MarginState;
  readonly wire: MarginInputs;
  /** Null without a call event since another snapshot. */
  readonly earlier: MarginState | null;
}

/**
 * Loads one pool of an account as its latest result has it. The earlier state is the market of the pool's last call event
 * with the holdings of now, as the ledger keeps no past ones. A `CommandError` says what is not there.
 */
export async function loadStoredAccount(
  { market, margin, ledger }: StageTables,
  accountId: string,
  poolId: string,
): Promise<StoredAccount> {
  const newest = await findNewestCompletedSweep(margin);
  const sweep = newest && (await findSweepItem(margin.client, margin.name, newest));
  if (!sweep)
    throw new CommandError(`${margin.name} has no completed sweep: explain a file, or wait for the first sweep`);
  const { block } = await loadBlock(margin, shardOf(accountId, sweep.shard_count));
  const row = block?.rows.find((entry) => entry.accountId === accountId && entry.poolId === poolId);
  const stored = await findAccount(ledger, accountId, sweep.shard_count);
  const pool = stored?.account && accountPools(stored.account).find((entry) => entry.poolId === poolId);
  if (row === undefined || !stored?.account || !pool) {
    const problem = stored?.problem ?? "no such pool with a result";
    throw new CommandError(`${accountWords(accountId, poolId)}: ${problem}; check the id, and --pool`);
  }
  if (row.status === "not_margined") {
    throw new CommandError(
      `${accountWords(accountId, poolId)} is not margined: ${row.field} is ${row.value}: ${row.remedy}`,
    );
  }
  const { snapshotId, parametersVersion } = row.margin;
  const snapshot = await getSnapshot(market, snapshotId);
  const parameters = await getParameters(market, parametersVersion);
  const { poolCurrency, methodId, collateral, positions } = pool;
  const portfolio = portfolioFile.parse(toWire({ accountId, poolCurrency, methodId, collateral, positions }));
  const { ledgerSequence } = stored.account;
  const inputs = inputsOf(portfolio, methodId, snapshot, parameters, null, ledgerSequence, row.assumedEntries);
  const state = await findState(margin, bookIdOf(accountId, poolId));
  const isOlder = state !== undefined && state.snapshotId !== snapshotId;
  const earlier = isOlder ? { ...inputs.state, snapshot: await getSnapshot(market, state.snapshotId) } : null;
  return { ...inputs, earlier };
}
