import { methodIds } from "@plimsoll/risk";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AskedStage } from "../support/asked-stage.ts";
import { openMs } from "../support/venue.ts";
import { accountOf, changesOf, eventsOf, mixedMarket, poolOf } from "../support/whatif-books.ts";

const settings = { seed: 20260205, numRuns: 12 } as const;

let stage: AskedStage;
beforeAll(async () => {
  stage = await AskedStage.open(openMs);
});
afterAll(() => stage.close());

/** Accounts of a run, so that none has the id of an earlier one. */
let accounts = 0;

interface Side {
  readonly status: string;
  readonly severity: string;
  readonly margin?: unknown;
  readonly refusal?: unknown;
}

/** What both a what-if and a binding result say of a pool. */
function figuresOf({ status, severity, margin, refusal }: Side): Side {
  return { status, severity, margin, refusal };
}

describe.each(methodIds)("what a what-if says of a change under %s", (methodId) => {
  beforeEach(() => stage.clear());

  const drawn = accountOf(methodId).chain((account) =>
    fc.constantFrom("cross", "beside", "one").chain((poolId) =>
      fc.record({
        account: fc.constant(account),
        poolId: fc.constant(poolId),
        changes: changesOf(poolOf(account, poolId)),
      }),
    ),
  );

  it("is what the next pass says once it has been made, and stores nothing", async () => {
    const market = await stage.sweep(mixedMarket);
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(drawn, async ({ account, poolId, changes }) => {
        accounts += 1;
        const accountId = `a${accounts}`;
        await stage.tell([{ accountId, from: 1, events: [account] }]);
        const before = await stage.marginOf(accountId, poolId);
        const stored = await stage.everything();
        const subject = { account_id: accountId, pool_id: poolId };
        const simulated = await stage.question("POST /v1/margin/simulate", { ...subject, changes });
        const batch = await stage.asked("POST /v1/margin/simulate/batch", { ...subject, candidates: [changes, {}] });
        expect(await stage.everything()).toBe(stored);
        expect(figuresOf(batch.before)).toEqual(figuresOf(before));
        expect(figuresOf(batch.results[1].after)).toEqual(figuresOf(before));

        const events = eventsOf(account, poolId, changes, market);
        await stage.tell([{ accountId, from: 2, events }]);
        const { ledger_sequence: reached } = await stage.asked(`GET /v1/accounts/${accountId}`);
        if (simulated.status !== 200) {
          expect(reached, JSON.stringify(simulated.body)).toBeLessThan(1 + events.length);
          expect(batch.results[0].rejected).toBeDefined();
          return;
        }
        expect(reached).toBe(1 + events.length);
        const { before: first, after, difference } = simulated.body;
        const { call_prices: _, ...stated } = after;
        expect(batch.results[0]).toEqual({ index: 0, after: stated, ...(difference && { difference }) });
        expect(figuresOf(first)).toEqual(figuresOf(before));
        expect(figuresOf(after)).toEqual(figuresOf(await stage.marginOf(accountId, poolId)));
        compared += 1;
      }),
      settings,
    );
    expect(compared).toBeGreaterThan(settings.numRuns / 3);
  });
});
