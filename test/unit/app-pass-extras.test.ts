import type { MayGoOn } from "@plimsoll/risk";
import type { MarginRow } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { completeRows, type DecidedPool, type Pass } from "../../packages/app/src/margin/pass.ts";
import { passTime } from "../../packages/app/src/margin/pass-time.ts";

type Costs = Readonly<Record<string, number>>;

const notProjected = { code: "out_of_time", field: "open_orders", value: "1", remedy: "wait" } as const;

/** A row of an account whose orders have not been looked at; the first are the gravest. */
function rowOf(accountId: string, index: number): MarginRow {
  const margin = { marginRatio: String(100 - index), projectedInitialMargin: null, notProjected };
  return { status: "margined", accountId, poolId: "cross", severity: "NORMAL", margin } as unknown as MarginRow;
}

function snapshotOf(index: number): string {
  return `20260205T12${String(index).padStart(2, "0")}00000Z-000000000000`;
}

/** Passes of 100 ms, a sweep each, over accounts whose projections take so many: who got theirs, and the rows after it. */
function sweep(sweeps: readonly Costs[], isEachAnew: boolean): { done: string[]; rows: MarginRow[] }[] {
  const first = Object.keys(sweeps[0]!).map(rowOf);
  let rows = first;
  return sweeps.map((costs, index) => {
    let leftMs = 100;
    const projectMargin = ({ accountId }: { accountId: string }, _orders: unknown, mayGoOn: MayGoOn) => {
      for (let unit = 0; unit < costs[accountId]!; unit += 1) {
        if (!mayGoOn()) return { status: "stopped" };
        leftMs -= 1;
      }
      return { status: "projected", projectedInitialMargin: 1 };
    };
    const decided = rows.map((before, place) => {
      const { margin } = first[place] as { margin: object };
      const row = isEachAnew ? { ...before, margin } : before;
      const contents = { pool: { accountId: before.accountId, poolCurrency: "USD" }, openOrders: [] };
      return { pool: { poolKey: before.accountId, contents }, before: { row: before }, row } as unknown as DecidedPool;
    });
    const market = { engine: { projectMargin }, snapshot: { snapshotId: snapshotOf(index) } };
    const lacking = new Set(decided.filter(({ row }) => !isProjected(row)));
    completeRows(decided, { market, time: passTime(() => leftMs) } as unknown as Pass);
    rows = decided.map(({ row }) => row);
    const done = decided.flatMap((own) => (lacking.has(own) && isProjected(own.row) ? [own.row.accountId] : []));
    return { done, rows };
  });
}

function passes(count: number, costs: Costs, isEachAnew: boolean): string[][] {
  return sweep(Array(count).fill(costs), isEachAnew).map(({ done }) => done);
}

function isProjected(row: MarginRow): boolean {
  return row.status === "margined" && row.margin.notProjected === null;
}

function many(name: string, count: number, cost: number): Costs {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}-${index}`, cost]));
}

// Seen to fail while what was stopped half way came first again in the next pass.
describe("what the rows lack beside their margins", () => {
  it("comes to all in time, though the gravest nine each take more than their slice of a pass", () => {
    for (const cost of [23, 30, 40, 60, 69]) {
      const costs = { ...many("heavy", 9, cost), ...many("light", 20, 1) };
      expect(new Set(passes(12, costs, false).flat()), `${cost} % each`).toEqual(new Set(Object.keys(costs)));
    }
  });

  it("comes to all again and again when each sweep asks for it anew", () => {
    for (const cost of [23, 30, 40, 60]) {
      const costs = { ...many("heavy", 9, cost), ...many("light", 20, 1) };
      const [, ...later] = passes(31, costs, true);
      for (let from = 0; from + 10 <= later.length; from += 10) {
        const done = new Set(later.slice(from, from + 10).flat());
        expect(done, `${cost} % each, from pass ${from + 2}`).toEqual(new Set(Object.keys(costs)));
      }
      // The light ones wait for no heavy one, once those are known.
      for (const done of later) expect(done.filter((name) => name.startsWith("light"))).toHaveLength(20);
    }
  });

  it("comes to all that fit into a pass, whoever does not", () => {
    const costs = { ...many("endless", 9, 1_000), ...many("heavy", 3, 60), ...many("light", 20, 1) };
    const done = new Set(passes(16, costs, true).flat());
    expect([...done].filter((name) => name.startsWith("endless"))).toEqual([]);
    expect(done.size).toBe(23);
  });

  it("comes to the gravest first, and in the same pass to one that takes more than its slice", () => {
    const costs = many("account", 30, 5);
    expect(passes(1, costs, false)).toEqual([Object.keys(costs).slice(0, 18)]);
    expect(passes(1, { heavy: 30, ...many("light", 10, 1) }, false)[0]).toHaveLength(11);
  });

  it("keeps who took more than a slice, and no longer once a slice is enough", () => {
    const light = many("light", 10, 1);
    const sweeps = [
      { heavy: 30, ...light },
      { heavy: 95, ...light },
      { heavy: 5, ...light },
    ];
    const large = sweep(sweeps, true).map(({ rows }) => rows.flatMap((row) => row.extrasTurn ?? []));
    expect(large).toEqual([[snapshotOf(0)], [snapshotOf(1)], []]);
  });
});
