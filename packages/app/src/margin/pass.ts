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

/** Milliseconds by phase. */
export interface ShardTimings {
  reading: number;
  pricing: number;
  accumulating: number;
  writing: number;
}

/** What one pass over a shard works with. */
export interface Pass extends LadderContext {
  readonly work: ShardWork;
  readonly environment: string;
  readonly time: PassTime;
  /** Wall clock when the pass began. */
  readonly nowMs: number;
  readonly stopwatch: Stopwatch;
  readonly milliseconds: ShardTimings;
}

/** A pool with what was known of it and what has been made of it so far. */
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
 * Margins and decides every pool, in the order of the books. Those a pass before had no time for come first, then the gravest;
 * those for which there is no time now say so.
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
  // What a wrong clock dated ahead happens now.
  const occurredAtMs = Math.min(nowMs, Date.parse(work.requested_at));
  const context: DecisionContext = { market, environment, occurredAtMs };
  // One in any case: a pass that reaches nobody would be repeated without end.
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

/** A change of severity ready to be committed, and the row after it. */
export interface AnnouncedChange {
  readonly decision: DecidedBook;
  readonly row: MarginRow;
  readonly transition: CommittedTransition;
}

/** The changes of severity, gravest first, with the call prices there is time for. */
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
      // What is wrong with one account does not stop the others (I9).
      decision.row = { ...unreachedRow(decision.book, decision.before, market), ...refusalOf(error) };
      return [];
    }
  });
}

/**
 * Adds to the rows what they lack beside margin and severity, while there is time: what was owed before first, then the gravest.
 * What does not fit into a slice comes after all that may, and in turn: who had all the time that was left goes to the end, so
 * that whatever fits into it comes to be done, and no one's work stops what is behind it in every pass.
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

/** Whose last turn was on the oldest snapshot first. */
function byTurn({ row: { extrasTurn: a = "" } }: DecidedBook, { row: { extrasTurn: b = "" } }: DecidedBook): number {
  return a < b ? -1 : Number(a > b);
}

/** How much is at stake: left over from a pass before, then severity, then how much of the balance is required. */
type Risk = readonly [left: number, severity: number, ratio: number];

function compareRisk(a: Risk, b: Risk): number {
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2];
}

function riskOf(
  severity: MarginRow["severity"],
  margin: { readonly marginRatio: string | null } | null,
  isLeft = false,
): Risk {
  // Without a positive balance there is no ratio: nothing is graver.
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
        methodId: defaultMethodId,
        ledgerSequence: 0,
        collateral: [],
        positions: [{ instrumentId, quantity: 1, entryPrice: 1 }],
      });
    }
  }
}
