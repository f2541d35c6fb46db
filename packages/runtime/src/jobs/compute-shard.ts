import { bookIdOf } from "@plimsoll/risk";
import { gapOf, type MarginRow, type ShardWork } from "@plimsoll/schema";
import {
  commitTransitions,
  findStates,
  loadBlock,
  loadShardAccounts,
  reportShard,
  type StoredBlock,
  type StoredState,
  saveBlock,
  saveHistory,
  type Table,
  takeShard,
  transitionsPerCommit,
} from "@plimsoll/store";
import { stopwatch } from "../telemetry.ts";
import { booksOf, type StoredBook } from "./books.ts";
import { type Decision, type DecisionContext, decideBook, isStanding, laddersPerPass } from "./decide.ts";
import { type PreparedMarket, prepareMarket } from "./engine-cache.ts";
import { orderTriesPerPass } from "./margin-book.ts";

export interface ShardPorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly margin: Table;
  readonly environment: string;
  /** Names this invocation; no other may have the same name. */
  readonly attempt: string;
  /** Wall clock, for expiry dates and durations. */
  readonly nowMs: () => number;
}

/** Milliseconds by phase. */
export interface ShardTimings {
  reading: number;
  pricing: number;
  accumulating: number;
  writing: number;
}

export interface ShardSummary {
  /** `superseded`: results of a newer snapshot are there already. */
  readonly outcome: "computed" | "superseded";
  readonly accounts: number;
  readonly margined: number;
  readonly notMargined: number;
  /** Margined, but not in full: something held is counted at its worst, or for nothing. */
  readonly incomplete: number;
  /** Accounts whose result stood: same snapshot, parameters and ledger sequence. */
  readonly kept: number;
  readonly transitions: number;
  readonly historyPoints: number;
  readonly milliseconds: ShardTimings;
  /** How long the sweep took, when this shard was its last. */
  readonly sweepDurationMs: number | null;
  /** Why the results before could not be read; null when they could. */
  readonly unreadableBlock: string | null;
  /** Accounts without figures and why, for the log. */
  readonly refusals: readonly string[];
  /** Accounts that are not margined in full and why, for the log. */
  readonly gaps: readonly string[];
}

/** Tries against other writers of the same shard before the message is given back to the queue. */
const attemptsAtOnce = 3;

/** Other writers were at the shard each time. */
export class ShardContendedError extends Error {
  override readonly name = "ShardContendedError";
}

/**
 * Margins all accounts of a shard on one snapshot: loads, margins and decides, then commits the changes of severity, then
 * the history, then the block of results, then the sweep's progress. A crash between any two is made good by the repeat
 * of the message, without a second event (I3).
 */
export async function computeShard(work: ShardWork, ports: ShardPorts): Promise<ShardSummary> {
  for (let attempt = 1; attempt <= attemptsAtOnce; attempt += 1) {
    const summary = await tryShard(work, ports, `${ports.attempt}/${attempt}`);
    if (summary !== "contended") return summary;
  }
  throw new ShardContendedError(`Shard ${work.shard} was taken by another writer ${attemptsAtOnce} times`);
}

async function tryShard(work: ShardWork, ports: ShardPorts, attempt: string): Promise<ShardSummary | "contended"> {
  const { margin } = ports;
  const { shard, snapshot_id: snapshotId } = work;
  const milliseconds: ShardTimings = { reading: 0, pricing: 0, accumulating: 0, writing: 0 };
  const reading = stopwatch();
  const stored = await loadBlock(margin, shard);
  if (stored.snapshotId !== null && stored.snapshotId > snapshotId) {
    milliseconds.reading = reading();
    return summarise("superseded", [], milliseconds, stored, null);
  }
  const market = await prepareMarket(ports.market, snapshotId, work.parameters_version);
  const listed = booksOf(await loadShardAccounts(ports.ledger, shard), stored.block?.rows ?? []);
  const before = await loadBefore(margin, shard, stored, listed, attempt);
  if (before === "contended") return before;
  const books = listed.map((book) => withProblem(book, before.problems.get(book.bookId)));
  milliseconds.reading = reading();

  const pricing = stopwatch();
  const known = ({ bookId }: StoredBook) => ({ row: before.rows.get(bookId), state: before.states.get(bookId) });
  priceHeld(
    market,
    books.filter((book) => !isStanding(book, known(book), market)),
  );
  milliseconds.pricing = pricing();

  const accumulating = stopwatch();
  const context: DecisionContext = {
    market,
    environment: ports.environment,
    occurredAtMs: Date.parse(work.requested_at),
    laddersLeft: { count: laddersPerPass },
    orderTriesLeft: { count: orderTriesPerPass },
  };
  const decisions = books.map((book) => ({ ...decideBook(book, known(book), context), isClosed: book.isClosed }));
  milliseconds.accumulating = accumulating();

  const writing = stopwatch();
  const isWritten = await write(work, ports, attempt, stored, before.isTaken, decisions);
  if (!isWritten) return "contended";
  const isFirstOfSnapshot = stored.snapshotId !== snapshotId;
  const completed =
    work.reason === "sweep" || isFirstOfSnapshot ? await reportShard(margin, snapshotId, shard, ports.nowMs()) : null;
  milliseconds.writing = writing();
  return summarise("computed", decisions, milliseconds, stored, completed?.durationMs ?? null);
}

type BookDecision = Decision & Pick<StoredBook, "isClosed">;

interface ShardBefore {
  readonly rows: ReadonlyMap<string, MarginRow>;
  readonly states: ReadonlyMap<string, StoredState>;
  /** Why the states of some accounts cannot be read. */
  readonly problems: ReadonlyMap<string, string>;
  readonly isTaken: boolean;
}

/** A pool whose committed state cannot be read is not margined: what follows from its margin could not be decided. */
function withProblem(book: StoredBook, problem: string | undefined): StoredBook {
  return problem === undefined ? book : { ...book, pool: null, problem: `its state: ${problem}` };
}

/**
 * The rows of the last block, and the committed states of pools whose row may not know them. Where an attempt left the
 * shard without its block, the shard is taken from it first: after that its states stay as they are read.
 */
async function loadBefore(
  margin: Table,
  shard: number,
  stored: StoredBlock,
  books: readonly StoredBook[],
  attempt: string,
): Promise<ShardBefore | "contended"> {
  const rows = new Map(stored.block?.rows.map((row) => [bookIdOf(row.accountId, row.poolId), row]));
  if (stored.mayLag && !(await takeShard(margin, shard, stored, attempt))) return "contended";
  const unknown = books.filter(({ bookId }) => stored.mayLag || !rows.has(bookId));
  const known = await findStates(
    margin,
    unknown.map(({ bookId }) => bookId),
  );
  return { rows, ...known, isTaken: stored.mayLag };
}

/** False when another writer was at the shard. */
async function write(
  work: ShardWork,
  { margin, nowMs }: ShardPorts,
  attempt: string,
  stored: StoredBlock,
  isTaken: boolean,
  decisions: readonly BookDecision[],
): Promise<boolean> {
  const { shard, snapshot_id: snapshotId, parameters_version: parametersVersion } = work;
  const isUnchanged = decisions.every((decision) => decision.isKept);
  if (isUnchanged && !isTaken && stored.snapshotId === snapshotId) return true;
  const transitions = decisions.flatMap((decision) => decision.transition ?? []);
  if (transitions.length > 0) {
    if (!isTaken && !(await takeShard(margin, shard, stored, attempt))) return false;
    for (let start = 0; start < transitions.length; start += transitionsPerCommit) {
      const group = transitions.slice(start, start + transitionsPerCommit);
      if (!(await commitTransitions(margin, shard, attempt, group))) return false;
    }
  }
  await saveHistory(
    margin,
    decisions.flatMap((decision) => decision.history ?? []),
    nowMs(),
  );
  const rows = decisions.filter(({ isClosed, row }) => !isClosed || row.call !== null).map(({ row }) => row);
  const holder = isTaken || transitions.length > 0 ? attempt : stored.transitions;
  return saveBlock(margin, { shard, snapshotId, parametersVersion, rows }, stored, holder, nowMs());
}

/**
 * Has the engine price what these pools hold and have ordered before any of them is summed, so that the two are timed apart.
 * What cannot be priced is left to its accounts, which then name it.
 */
function priceHeld({ engine, priced }: PreparedMarket, books: readonly StoredBook[]): void {
  for (const { pool } of books) {
    for (const { instrumentId } of [...(pool?.account.positions ?? []), ...(pool?.openOrders ?? [])]) {
      if (priced.has(instrumentId)) continue;
      priced.add(instrumentId);
      engine.margin({
        accountId: "pricing",
        poolCurrency: "USD",
        methodId: "portfolio",
        ledgerSequence: 0,
        collateral: [],
        positions: [{ instrumentId, quantity: 1, entryPrice: 1 }],
      });
    }
  }
}

function summarise(
  outcome: ShardSummary["outcome"],
  decisions: readonly Decision[],
  milliseconds: ShardTimings,
  stored: StoredBlock,
  sweepDurationMs: number | null,
): ShardSummary {
  const rows = decisions.map((decision) => decision.row);
  const refused = rows.filter((row) => row.status === "not_margined");
  const gaps = rows.flatMap((row) => {
    const gap = row.status === "margined" ? gapOf(row) : null;
    return gap === null ? [] : [`${bookIdOf(row.accountId, row.poolId)}: ${gap.code} at ${gap.field}`];
  });
  return {
    outcome,
    accounts: rows.length,
    margined: rows.length - refused.length,
    notMargined: refused.length,
    incomplete: gaps.length,
    kept: decisions.filter((decision) => decision.isKept).length,
    transitions: decisions.filter((decision) => decision.transition !== null).length,
    historyPoints: decisions.filter((decision) => decision.history !== null).length,
    milliseconds,
    sweepDurationMs,
    unreadableBlock: stored.problem,
    refusals: refused.map((row) => `${bookIdOf(row.accountId, row.poolId)}: ${row.code} at ${row.field}`),
    gaps,
  };
}
