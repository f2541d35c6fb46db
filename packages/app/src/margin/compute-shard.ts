import { poolKeyOf } from "@plimsoll/risk";
import { assumeEntries, gapOf, isAhead, type MarginRow, type ShardWork } from "@plimsoll/schema";
import {
  changesPerCommit,
  commitChanges,
  findStates,
  loadBlock,
  loadShardAccounts,
  reportShard,
  type ShardAttempt,
  type StoredBlock,
  type StoredState,
  saveBlock,
  saveHistory,
  type Table,
  takeShard,
} from "@plimsoll/store";
import type { Log, Stopwatch } from "../log.ts";
import { missingExtras } from "./extras.ts";
import { type HeldPrice, heldPrices } from "./held-prices.ts";
import { noteHoldings } from "./note-holdings.ts";
import {
  announceChanges,
  completeRows,
  type DecidedPool,
  decidePools,
  isUnreached,
  type Pass,
  type ShardTimings,
} from "./pass.ts";
import { type PassTime, passTime } from "./pass-time.ts";
import type { PreparedEngines } from "./prepared-engines.ts";
import { poolsOf, type StoredPool } from "./stored-pools.ts";

export interface ShardPorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly margin: Table;
  readonly environment: string;
  /** Unique name of this invocation. */
  readonly attempt: string;
  /** Wall clock, for expiry dates and durations. */
  readonly nowMs: () => number;
  /** Milliseconds left for this invocation. */
  readonly remainingMs: () => number;
  /** Requests another pass over the shard, for what this one had no time for. */
  readonly sendShardWork: (work: ShardWork) => Promise<void>;
  readonly markets: PreparedEngines;
  readonly log: Log;
  readonly stopwatch: Stopwatch;
}

export interface ShardSummary {
  /**
   * `superseded`: results of a newer snapshot exist or are being computed. `continued`: another pass will do the rest.
   */
  readonly outcome: "computed" | "superseded" | "continued";
  readonly accounts: number;
  readonly margined: number;
  readonly notMargined: number;
  /** Pools left to the next pass. They do not count as not margined. */
  readonly unreached: number;
  /**
   * Pools that are margined with some holding in doubt, which counts at its worst. Holdings that count for nothing by
   * the rules are not in doubt.
   */
  readonly incomplete: number;
  /** Pools whose previous result was kept, since snapshot, parameters and ledger sequence are the same. */
  readonly kept: number;
  readonly changes: number;
  /** Pools that still wait for call prices or for the projection of their orders. */
  readonly withoutExtras: number;
  readonly historyPoints: number;
  readonly milliseconds: ShardTimings;
  /** Duration of the sweep, if this shard was its last. */
  readonly sweepDurationMs: number | null;
  /** Why the previous results could not be read; null if they could. */
  readonly unreadableBlock: string | null;
  /** Pools without figures and the reasons, for the log. */
  readonly refusals: readonly string[];
  /**
   * The prices that the shard's accounts depend on, including missing ones. There are none if the pass was superseded.
   */
  readonly heldPrices: readonly HeldPrice[];
  /** Pools that are not margined in full and the reasons, for the log. */
  readonly gaps: readonly string[];
}

/** Attempts against other writers of the shard before the message goes back to the queue. */
const attemptsAtOnce = 3;

/** Thrown if other writers changed the shard at every attempt, or one has taken it over. */
export class ShardContendedError extends Error {
  override readonly name = "ShardContendedError";
}

/** Thrown if the snapshot was pinned by a wrong clock. No result may be based on it. */
export class SnapshotAheadError extends Error {
  override readonly name = "SnapshotAheadError";
}

/**
 * Margins all accounts of a shard on one snapshot. It loads, margins and decides; then it commits the changes of
 * severity, the history, the block of results and the progress of the sweep, in this order. After a crash between any
 * two, the repeated message completes the work without a second event (I3). If two attempts work on one snapshot, the
 * later one continues and the earlier returns its message to the queue, since neither would finish if both took the
 * shard back. An attempt on an older snapshot gives way to one on a newer.
 */
export async function computeShard(work: ShardWork, ports: ShardPorts): Promise<ShardSummary> {
  const time = passTime(ports.remainingMs);
  for (let attempt = 1; attempt <= attemptsAtOnce; attempt += 1) {
    const summary = await tryShard(work, ports, time, attempt);
    if (summary !== "contended") return summary;
  }
  throw new ShardContendedError(`Shard ${work.shard} was written by others ${attemptsAtOnce} times`);
}

async function tryShard(
  work: ShardWork,
  ports: ShardPorts,
  time: PassTime,
  attemptNumber: number,
): Promise<ShardSummary | "contended"> {
  const { margin, log, stopwatch } = ports;
  const { shard, snapshot_id: snapshotId } = work;
  const nowMs = ports.nowMs();
  if (isAhead(snapshotId, nowMs)) {
    const now = new Date(nowMs).toISOString();
    throw new SnapshotAheadError(`snapshot_id ${snapshotId} is ahead of the clock, ${now}: the next sweep replaces it`);
  }
  const attempt: ShardAttempt = { name: `${ports.attempt}/${attemptNumber}`, snapshotId };
  const milliseconds: ShardTimings = { reading: 0, pricing: 0, accumulating: 0, writing: 0 };
  const reading = stopwatch();
  const stored = await loadBlock(margin, shard);
  if (isSuperseded(stored, snapshotId, nowMs)) {
    milliseconds.reading = reading();
    return summarise("superseded", [], milliseconds, stored, null);
  }
  const isTakenOver = stored.mayLag && !stored.attempt.startsWith(`${ports.attempt}/`);
  if (attemptNumber > 1 && isTakenOver) {
    throw new ShardContendedError(`Shard ${shard} was taken over by ${stored.attempt}, on the same snapshot`);
  }
  const market = await ports.markets.prepare(ports.market, snapshotId, work.parameters_version);
  const listed = poolsOf(await loadShardAccounts(ports.ledger, shard), stored.block?.rows ?? []);
  const before = await loadBefore(margin, shard, stored, listed, attempt, nowMs);
  if (before === "contended") return before;
  const pools = listed.map((pool) =>
    withAssumed({ ...pool, stateProblem: before.problems.get(pool.poolKey) ?? null }, before.rows.get(pool.poolKey)),
  );
  milliseconds.reading = reading();

  const known = ({ poolKey }: StoredPool) => ({ row: before.rows.get(poolKey), state: before.states.get(poolKey) });
  const pass = { work, environment: ports.environment, market, log, time, nowMs, stopwatch, milliseconds };
  const decided = decidePools(
    pools.map((pool) => ({ pool, before: known(pool) })),
    pass,
  );
  const writing = stopwatch();
  const taken = { stored, attempt, isTaken: before.isTaken };
  const isWritten = await write(pass, ports, taken, decided);
  if (!isWritten) return "contended";
  await noteHoldings(margin, shard, market.snapshot, pools);
  const isUnfinished = decided.some(({ row }) => isUnreached(row));
  const isFirstOfSnapshot = stored.snapshotId !== snapshotId;
  let completed: { readonly durationMs: number } | null = null;
  if (isUnfinished) await ports.sendShardWork(work);
  else if (work.reason === "sweep" || isFirstOfSnapshot) {
    completed = await reportShard(margin, snapshotId, shard, ports.nowMs());
  }
  milliseconds.writing = writing();
  const outcome = isUnfinished ? "continued" : "computed";
  const summary = summarise(outcome, decided, milliseconds, stored, completed?.durationMs ?? null);
  return { ...summary, heldPrices: heldPrices(pools, market) };
}

/**
 * Whether results of a newer snapshot exist, or an attempt at one holds the shard. If that attempt crashes, its message
 * is repeated.
 */
function isSuperseded({ snapshotId, mayLag, takenForSnapshotId }: StoredBlock, wanted: string, nowMs: number): boolean {
  // A snapshot that a wrong clock dated ahead does not count as newer.
  const isNewer = (other: string | null) => other !== null && other > wanted && !isAhead(other, nowMs);
  return isNewer(snapshotId) || (mayLag && isNewer(takenForSnapshotId));
}

interface ShardBefore {
  readonly rows: ReadonlyMap<string, MarginRow>;
  readonly states: ReadonlyMap<string, StoredState>;
  /** The problems of states that cannot be read. */
  readonly problems: ReadonlyMap<string, string>;
  readonly isTaken: boolean;
}

/**
 * Whether only the committed state can say which severity a pool has, because it has no row or one that could not know
 * it.
 */
function isSeverityUnknown(row: MarginRow | undefined): boolean {
  return row === undefined || (row.status === "not_margined" && row.code === "state_unreadable");
}

/** Applies the mark at which a faulty entry price was first seen, so that later losses count from there. */
function withAssumed(pool: StoredPool, row: MarginRow | undefined): StoredPool {
  const { contents } = pool;
  if (contents === null || row?.assumedEntries === undefined) return pool;
  return { ...pool, contents: { ...contents, pool: assumeEntries(contents.pool, row.assumedEntries) } };
}

/**
 * Loads the rows of the last block, and the committed states of pools whose row may lack them. If an attempt left the
 * shard without its block, this first takes the shard, so that the states read cannot change afterwards.
 */
async function loadBefore(
  margin: Table,
  shard: number,
  stored: StoredBlock,
  pools: readonly StoredPool[],
  attempt: ShardAttempt,
  nowMs: number,
): Promise<ShardBefore | "contended"> {
  const rows = new Map(stored.block?.rows.map((row) => [poolKeyOf(row.accountId, row.poolId), row]));
  if (stored.mayLag && !(await takeShard(margin, shard, stored, attempt))) return "contended";
  const unknown = pools.filter(({ poolKey }) => stored.mayLag || isSeverityUnknown(rows.get(poolKey)));
  const known = await findStates(
    margin,
    unknown.map(({ poolKey }) => poolKey),
  );
  return { rows, ...known, states: notAhead(known.states, nowMs), isTaken: stored.mayLag };
}

/** Treats a state from a snapshot ahead of the clock as older than any other. */
function notAhead(states: ReadonlyMap<string, StoredState>, nowMs: number): ReadonlyMap<string, StoredState> {
  const one = (state: StoredState) => (isAhead(state.snapshotId, nowMs) ? { ...state, snapshotId: "" } : state);
  return new Map([...states].map(([poolKey, state]) => [poolKey, one(state)]));
}

/** The stored block of a shard, the attempt at it, and whether the attempt has already taken the shard. */
interface Taken {
  readonly stored: StoredBlock;
  readonly attempt: ShardAttempt;
  readonly isTaken: boolean;
}

/**
 * Commits the changes, computes the extras for which there is time, and saves the rows. Returns false if another writer
 * was at the shard.
 */
async function write(
  pass: Pass,
  { margin, nowMs }: ShardPorts,
  { stored, attempt, isTaken }: Taken,
  decided: readonly DecidedPool[],
): Promise<boolean> {
  const { shard, snapshot_id: snapshotId, parameters_version: parametersVersion } = pass.work;
  const announced = announceChanges(decided, pass);
  if (announced.length > 0) {
    // If another attempt holds the shard, the commits below would fail too. This check avoids them.
    if (!isTaken && !(await takeShard(margin, shard, stored, attempt))) return false;
    for (let start = 0; start < announced.length; start += changesPerCommit) {
      // The first group is always committed, since a pass that commits nothing would be repeated without end.
      if (start > 0 && !pass.time.within("commits")) break;
      const group = announced.slice(start, start + changesPerCommit);
      const changes = group.map(({ committed }) => committed);
      if (!(await commitChanges(margin, shard, attempt.name, changes, nowMs()))) return false;
      for (const { decision, row } of group) {
        decision.row = row;
        decision.isCommitted = true;
      }
    }
  }
  completeRows(decided, pass);
  const isUnchanged = decided.every(({ row, before }) => row === before.row);
  if (isUnchanged && !isTaken && stored.snapshotId === snapshotId) return true;
  await saveHistory(
    margin,
    decided.flatMap(({ row, history }) => (isUnreached(row) || history === null ? [] : [history])),
    nowMs(),
  );
  const rows = decided.filter(({ pool, row }) => !pool.isClosed || row.call !== null).map(({ row }) => row);
  const holder = isTaken || announced.length > 0 ? attempt.name : stored.attempt;
  return saveBlock(margin, { shard, snapshotId, parametersVersion, rows }, stored, holder, nowMs());
}

function summarise(
  outcome: ShardSummary["outcome"],
  decided: readonly DecidedPool[],
  milliseconds: ShardTimings,
  stored: StoredBlock,
  sweepDurationMs: number | null,
): ShardSummary {
  const rows = decided.map(({ row }) => row);
  const unreached = rows.filter(isUnreached).length;
  const refused = rows.filter((row) => row.status === "not_margined" && !isUnreached(row));
  const missing = rows.map(missingExtras);
  const gaps = rows.flatMap((row) => (row.status === "margined" ? (gapOf(row) ?? []) : []));
  return {
    outcome,
    accounts: rows.length,
    margined: rows.length - refused.length - unreached,
    notMargined: refused.length,
    unreached,
    incomplete: gaps.filter(({ kind }) => kind === "incomplete").length,
    kept: decided.filter(({ row, before }) => row === before.row).length,
    changes: decided.filter(({ isCommitted }) => isCommitted).length,
    withoutExtras: missing.filter(({ projection, ladder }) => projection || ladder).length,
    historyPoints: decided.filter(({ row, history }) => history !== null && !isUnreached(row)).length,
    milliseconds,
    sweepDurationMs,
    unreadableBlock: stored.problem,
    heldPrices: [],
    refusals: refused.flatMap((row) =>
      row.status === "not_margined" ? [`${poolKeyOf(row.accountId, row.poolId)}: ${row.code} at ${row.field}`] : [],
    ),
    gaps: gaps.map(({ account_id, pool_id, code, field }) => `${poolKeyOf(account_id, pool_id)}: ${code} at ${field}`),
  };
}
