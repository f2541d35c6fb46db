import { describe, expect, it } from "vitest";
import { announceChanges, type DecidedBook, type Pass } from "../../packages/app/src/margin/pass.ts";
import { passTime } from "../../packages/app/src/margin/pass-time.ts";

const snapshotId = "20260205T120000000Z-000000000000";

/** A pool that is to be called, by a change that may throw when it is put into words. */
function toBeCalled(bookId: string, announce: () => unknown): DecidedBook {
  const book = { bookId, accountId: bookId, poolId: "cross", ledgerSequence: 3, pool: null };
  const change = { severity: "MARGIN_CALL", margin: { marginRatio: "1.2" }, announce };
  const before = { row: undefined, state: undefined };
  return { book, before, change, row: null, history: null, isCommitted: false } as unknown as DecidedBook;
}

describe("a change of severity that cannot be announced", () => {
  // Seen to fail without the catch of announceChanges: none of the shard's changes would ever be committed.
  it("is left out and said to be so, and those of all other accounts go out (I9)", () => {
    const transition = { state: { sequence: 1 } };
    const sound = () => ({ row: { status: "margined" }, transition });
    const poisoned = () => {
      throw new RangeError("no words for it");
    };
    const books = [toBeCalled("ada", sound), toBeCalled("poison", poisoned), toBeCalled("bob", sound)];
    const market = { engine: { callPrices: () => [] }, snapshot: { snapshotId } };
    // Without time for call prices: the announcement alone is looked at.
    const pass = { market, time: passTime(() => 0) } as unknown as Pass;
    const announced = announceChanges(books, pass);
    expect(announced.map(({ decision }) => decision.book.bookId)).toEqual(["ada", "bob"]);
    expect(books[1]?.row).toMatchObject({
      status: "not_margined",
      code: "ledger_unreadable",
      value: expect.stringContaining("no words for it"),
      severity: "NORMAL",
      sequence: 0,
    });
  });
});
