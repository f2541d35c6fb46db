import { defaultMethodId, type MayGoOn, severityRank } from "@plimsoll/risk";
import type { MarginRow, ShardWork } from "@plimsoll/schema";
import type { CommittedTransition, HistoryPoint } from "@plimsoll/store";
import type { Stopwatch } from "../log.ts";
import type { StoredBook } from "./books.ts";
import {
  type Before,
  type DecisionContext,
  decideBook,
  isStanding,
  type SeverityChange,
  unreachedRow,
} from "./decide.ts";
import { addLateLadder, type LadderContext, ladderOf, missingExtras, projectOrders } from "./extras.ts";
import { refusalOf } from "./margin-book.ts";
import { inSlices, type PassTime } from "./pass-time.ts";
import type { PreparedMarket } from "./prepared-markets.ts";

/** Milliseconds per phase. */
export interface ShardTimings {
  reading: number;
  pricing: number;
  accumulating: number;
  writing: number;
}

/** The inputs and measurements of one pass over a shard. */
export interface Pass extends LadderContext {
  readonly work: ShardWork;
  readonly environment: string;
  readonly time: PassTime;
  /** Wall clock when the pass began. */
  readonly nowMs: number;
  readonly stopwatch: Stopwatch;
  readonly milliseconds: ShardTimings;
}

/** A pool with what was known before the pass, and its results so far. */
export interface DecidedBook {
  readonly book: StoredBook;
  readonly before: Before;
  row: MarginRow;
  change: SeverityChange | null;
  readonly history: HistoryPoint | null;
  isCommitted: boolean;
}

/** Whether a pool is left to a later pass. */
export function isUnreached(row: MarginRow): boolean {
  return row.status === "not_margined" && row.code === "out_of_time";
}

/**
 * Margins and decides every pool, and returns them in the order of the books. Pools left over by the previous pass come
 * first, then the gravest. Those for which no time is left get a row that says so.
 */
export function decideBooks(
  books: readonly { readonly book: StoredBook; readonly before: Before }[],
  { work, environment, market, time, nowMs, stopwatch, milliseconds }: Pass,
): DecidedBook[] {
  const pricing = stopwatch();
  const open = books.filter(({ book, before }) => !isStanding(book, before, market));
  priceHeld(
    market,
    open.map(({ book }) => book),
  );
  milliseconds.pricing = pricing();

  const accumulating = stopwatch();
  // If a wrong clock dated the request ahead, it counts as of now.
  const occurredAtMs = Math.min(nowMs, Date.parse(work.requested_at));
  const context: DecisionContext = { market, environment, occurredAtMs };
  // At least one pool is margined, since a pass that reaches none would be repeated without end.
  let mayGoOn = true;
  const decided = new Map<string, DecidedBook>();
  for (const { book, before } of byUrgency(open)) {
    const { row, change, history } = mayGoOn
      ? decideBook(book, before, context)
      : { row: unreachedRow(book, before, market), change: null, history: null };
    decided.set(book.bookId, { book, before, row, change, history, isCommitted: false });
    mayGoOn &&= time.within("margins");
  }
  const all = books.map(({ book, before }): DecidedBook => {
    const own = decided.get(book.bookId);
    if (own !== undefined) return own;
    const { row, history } = decideBook(book, before, context);
    return { book, before, row, change: null, history, isCommitted: false };
  });
  milliseconds.accumulating = accumulating();
  return all;
}

/** A change of severity that is ready to be committed, and the row after it. */
export interface AnnouncedChange {
  readonly decision: DecidedBook;
  readonly row: MarginRow;
  readonly transition: CommittedTransition;
}

/** Prepares the changes of severity, gravest first, with the call prices for which there is time. */
export function announceChanges(decided: readonly DecidedBook[], pass: Pass): AnnouncedChange[] {
  const { market, time } = pass;
  const changes = decided
    .flatMap((decision) => (decision.change === null ? [] : [{ decision, change: decision.change }]))
    .sort((a, b) =>
      compareRisk(riskOf(a.change.severity, a.change.margin), riskOf(b.change.severity, b.change.margin)),
    );
  const ladders = new Map<DecidedBook, NonNullable<ReturnType<typeof ladderOf>>>();
  inSlices(changes, "ladders", time, ({ decision }, mayGoOn) => {
    const ladder = ladderOf(decision.book, pass, mayGoOn);
    if (ladder !== null) ladders.set(decision, ladder);
    return ladder !== null;
  });
  return changes.flatMap(({ decision, change }) => {
    try {
      return [{ decision, ...change.announce(ladders.get(decision) ?? null) }];
    } catch (error) {
      // An error of one account does not stop the others (I9).
      decision.row = { ...unreachedRow(decision.book, decision.before, market), ...refusalOf(error) };
      return [];
    }
  });
}

/**
 * Adds missing extras to the rows while there is time: first those left over from before, then the gravest. What does
 * not fit into a slice comes last and in turn. A pool that had all the remaining time goes to the end of the line, so
 * that each gets a turn and none blocks the others in every pass.
 */
export function completeRows(decided: readonly DecidedBook[], pass: Pass): void {
  const { market, time } = pass;
  const lacking = decided
    .map((decision) => ({ decision, missing: missingExtras(decision.row), owed: missingExtras(decision.before.row) }))
    .filter(({ missing }) => missing.ladder || missing.projection)
    .sort(
      (a, b) =>
        Number(b.owed.ladder || b.owed.projection) - Number(a.owed.ladder || a.owed.projection) ||
        compareRisk(riskBefore(a.decision.row), riskBefore(b.decision.row)),
    )
    .map(({ decision }) => decision);
  const complete = (decision: DecidedBook, mayGoOn: MayGoOn): boolean => {
    const { book } = decision;
    if (missingExtras(decision.row).ladder) decision.row = addLateLadder(decision.row, book, pass, mayGoOn);
    if (missingExtras(decision.row).projection) decision.row = projectOrders(decision.row, book, market, mayGoOn);
    const { ladder, projection } = missingExtras(decision.row);
    return !ladder && !projection;
  };
  const unknown = lacking.filter(({ row }) => row.extrasTurn === undefined);
  const large = lacking.filter(({ row }) => row.extrasTurn !== undefined).sort(byTurn);
  const turns = inSlices(unknown, "extras", time, complete, large);
  for (const [decision, turn] of turns) {
    const { extrasTurn: _last, ...row } = decision.row;
    decision.row = turn === "fits" ? row : { ...row, extrasTurn: market.snapshot.snapshotId };
  }
}

/** Orders pools by the snapshot of their last turn, oldest first. */
function byTurn({ row: { extrasTurn: a = "" } }: DecidedBook, { row: { extrasTurn: b = "" } }: DecidedBook): number {
  return a < b ? -1 : Number(a > b);
}

/** Urgency of a pool: left over from a previous pass, then severity, then required share of the balance. */
type Risk = readonly [left: number, severity: number, ratio: number];

function compareRisk(a: Risk, b: Risk): number {
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2];
}

function riskOf(
  severity: MarginRow["severity"],
  margin: { readonly marginRatio: string | null } | null,
  isLeft = false,
): Risk {
  // A balance that is not positive has no ratio, and counts as the gravest.
  const ratio = margin === null ? 0 : margin.marginRatio === null ? Number.MAX_VALUE : Number(margin.marginRatio);
  return [Number(isLeft), severityRank(severity), ratio];
}

function riskBefore(row: MarginRow | undefined): Risk {
  if (row === undefined) return [0, 0, 0];
  return riskOf(row.severity, row.status === "margined" ? row.margin : row.lastGood, isUnreached(row));
}

function byUrgency<Item extends { readonly before: Before }>(items: readonly Item[]): Item[] {
  const ranked = items.map((item) => ({ item, risk: riskBefore(item.before.row) }));
  return ranked.sort((a, b) => compareRisk(a.risk, b.risk)).map(({ item }) => item);
}

/**
 * Lets the engine price all instruments that these pools hold or have ordered before it sums any pool, so that pricing
 * and summing are timed separately. An instrument that cannot be priced is reported by the accounts that hold it.
 */
function priceHeld({ engine, priced }: PreparedMarket, books: readonly StoredBook[]): void {
  for (const { pool } of books) {
    for (const { instrumentId } of [...(pool?.account.positions ?? []), ...(pool?.openOrders ?? [])]) {
      if (priced.has(instrumentId)) continue;
      priced.add(instrumentId);
      engine.margin({
        accountId: "pricing",
        poolCurrency: "USD",
        methodId: defaultMethodId,
        ledgerSequence: 0,
        collateral: [],
        positions: [{ instrumentId, quantity: 1, entryPrice: 1 }],
      });
    }
  }
}
