import { noCall } from "@plimsoll/calls";
import type { LedgerAccount } from "@plimsoll/ledger";
import { type CallEvent, shardOf } from "@plimsoll/schema";
import { commitChanges, findAccount, loadBlock, loadPending, saveAccount, takeShard } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, iso, openMs } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;
const { shardCount } = testSettings;

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
});
afterAll(() => stage.stop());
beforeEach(() => stage.clear());

const plimsoll = (...words: string[]) =>
  runPlimsoll(".", ["accounts", ...words, "--table", "Ledger", "--shards", String(shardCount)]);

async function ingest(...events: readonly unknown[]): Promise<void> {
  for (const event of events) await stage.send("AccountEvents", event);
  await stage.consume("AccountEvents", functions.ingestAccounts);
}

function transfer(accountId: string, ledgerSequence: number) {
  const base = { schema_version: 1, account_id: accountId, ledger_sequence: ledgerSequence, pool_id: "cross" };
  return { kind: "transfer", ...base, occurred_at: iso(openMs), asset: "USD", amount: "1" };
}

describe("plimsoll accounts", () => {
  it("lists what is behind, and why", async () => {
    expect((await plimsoll("behind")).out).toBe("no account lacks an event\n");
    await ingest(accountState("bo", "1", []), transfer("bo", 3), transfer("bo", 4));
    await ingest(transfer("dave", 9));
    const { accounts } = JSON.parse((await plimsoll("behind", "--json")).out);
    expect(accounts).toMatchObject([
      { account_id: "bo", held_sequence: 1, requests: 0, waiting_sequences: [3, 4], problem: null },
      { account_id: "dave", held_sequence: null, waiting_sequences: [9] },
    ]);
    const { out } = await plimsoll("behind");
    expect(out).toMatch(/bo +1 +[\d-]+ [\d:]+ +0 +2, from 3/);
  });

  it("prints what waits before it takes it away, and leaves the account", async () => {
    await ingest(accountState("bo", "1", []), transfer("bo", 3));
    const { out } = await plimsoll("discard", "bo");
    expect(JSON.parse(out)).toEqual({ account_id: "bo", events: [transfer("bo", 3)] });
    const ledger = stage.table("Ledger");
    expect(await loadPending(ledger, shardOf("bo", shardCount), "bo")).toEqual({ gap: null, events: [] });
    expect((await findAccount(ledger, "bo", shardCount))?.ledgerSequence).toBe(1);
    const again = await plimsoll("discard", "bo");
    expect(again.code).toBe(1);
    expect(again.err).toContain("nothing of bo waits in Ledger: see accounts behind, and --shards");
  });

  // Seen to fail without the sequence of the state forgotten: the next change of severity is never committed.
  it("lets an account begin anew whose sequence ran away, with its open call", async () => {
    const ledger = stage.table("Ledger");
    const margin = stage.table("Margin");
    const runaway = Number.MAX_SAFE_INTEGER;
    const holdings = { collateral: [], positions: [], openOrders: [] };
    const account = { accountId: "bo", poolCurrency: "USD", methodId: "portfolio", ...holdings, pools: [] } as const;
    const old: LedgerAccount = { ...account, ledgerSequence: runaway };
    await saveAccount(ledger, old, 0, shardCount);
    const shard = shardOf("bo", shardCount);
    await takeShard(margin, shard, await loadBlock(margin, shard), {
      name: "mine",
      snapshotId: "20260205T120000000Z-0123456789ab",
    });
    const change = (sequence: number, ledgerSequence: number) => {
      const snapshotId = `20260205T12000${sequence}000Z-0123456789ab`;
      const state = { ...noCall, severity: "WARNING", sequence, poolKey: "bo", snapshotId, ledgerSequence } as const;
      return commitChanges(margin, shard, "mine", [{ state, event: { event_id: `e-${sequence}` } as CallEvent }], 0);
    };
    expect(await change(1, runaway)).toBe(true);
    await ingest(accountState("bo", "7", [], 12));
    expect((await findAccount(ledger, "bo", shardCount))?.ledgerSequence).toBe(runaway);

    const { out } = await plimsoll("forget", "bo", "--margin", "Margin");
    expect(out).toContain(`bo held sequence ${runaway}; 0 waiting events are gone.`);
    expect(await findAccount(ledger, "bo", shardCount)).toBeUndefined();
    await ingest(accountState("bo", "7", [], 12), transfer("bo", 13));
    expect((await findAccount(ledger, "bo", shardCount))?.account).toMatchObject({
      ledgerSequence: 13,
      collateral: [{ amount: "8" }],
    });
    expect(await change(2, 13)).toBe(true);
    const places = (await stage.scan("Ledger")).find(({ sk }) => sk === "PLACES");
    expect(places?.accounts).toBe(1);
    // Repeated, it does no harm but to have the state sent again.
    await plimsoll("forget", "bo", "--margin", "Margin");
    expect((await plimsoll("forget", "bo", "--margin", "Margin")).out).toContain("bo held sequence none");
  });
});
