import { describe, expect, it } from "vitest";
import { announceChanges, type DecidedPool, type Pass } from "../../packages/app/src/margin/pass.ts";
import { passTime } from "../../packages/app/src/margin/pass-time.ts";

const snapshotId = "20260205T120000000Z-000000000000";

/** A pool that is to be called, by a change that may throw when it is put into words. */
function toBeCalled(poolKey: string, announce: () => unknown): DecidedPool {
  const pool = { poolKey, accountId: poolKey, poolId: "cross", ledgerSequence: 3, pool: null };
  const change = { severity: "MARGIN_CALL", margin: { marginRatio: "1.2" }, announce };
  const before = { row: undefined, state: undefined };
  return { pool, before, change, row: null, history: null, isCommitted: false } as unknown as DecidedPool;
}

describe("a change of severity that cannot be announced", () => {
  // Seen to fail without the catch of announceChanges: none of the shard's changes would ever be committed.
  it("is left out and said to be so, and those of all other accounts go out (I9)", () => {
    const committed = { state: { sequence: 1 } };
    const sound = () => ({ row: { status: "margined" }, committed });
    const poisoned = () => {
      throw new RangeError("no words for it");
    };
    const pools = [toBeCalled("ada", sound), toBeCalled("poison", poisoned), toBeCalled("bob", sound)];
    const market = { engine: { callPrices: () => [] }, snapshot: { snapshotId } };
    // Without time for call prices: the announcement alone is looked at.
    const pass = { market, time: passTime(() => 0) } as unknown as Pass;
    const announced = announceChanges(pools, pass);
    expect(announced.map(({ decision }) => decision.pool.poolKey)).toEqual(["ada", "bob"]);
    expect(pools[1]?.row).toMatchObject({
      status: "not_margined",
      code: "ledger_unreadable",
      value: expect.stringContaining("no words for it"),
      severity: "NORMAL",
      sequence: 0,
    });
  });
});
