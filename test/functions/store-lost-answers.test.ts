import { randomUUID } from "node:crypto";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { noCall } from "@plimsoll/calls";
import type { LedgerAccount } from "@plimsoll/ledger";
import { type CallEvent, shardOf } from "@plimsoll/schema";
import {
  activateParameters,
  commitChanges,
  findState,
  loadBlock,
  moveAnchor,
  saveAccount,
  saveAnchor,
  saveBlock,
  saveIndexQuote,
  type Table,
  takeShard,
} from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestStage, type TableName, type TestStage } from "../support/stage.ts";

let stage: TestStage;
let client: DynamoDBClient;
/** How many of the next writes are carried out without their answer reaching the client. */
let answersToLose = 0;
/** Whether DynamoDB is made to forget which transactions it has seen, as it does after ten minutes. */
let forgetsTokens = false;

beforeAll(async () => {
  stage = await startTestStage();
  client = new DynamoDBClient({ maxAttempts: 3 });
  // Nearer to the wire than the client's own repeats, so that each of these passes here.
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const isWrite = /^(Put|Update|Transact)/.test(commandName);
        const request = args.request as { body: string | Uint8Array };
        if (forgetsTokens && isWrite) {
          const body: unknown = JSON.parse(Buffer.from(request.body).toString());
          if (typeof body === "object" && body !== null && "ClientRequestToken" in body) {
            request.body = JSON.stringify({ ...body, ClientRequestToken: randomUUID() });
          }
        }
        const answer = await next(args);
        if (!isWrite || answersToLose === 0) return answer;
        answersToLose -= 1;
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      },
    { step: "finalizeRequest", priority: "low", name: "lostAnswers" },
  );
});
afterAll(() => stage.stop());
beforeEach(async () => {
  await stage.clear();
  answersToLose = 0;
  forgetsTokens = false;
});

function table(name: TableName): Table {
  return { client, name, meter: { readUnits: 0, writeUnits: 0 } };
}

/** Runs a write whose first answer is lost; the client repeats it. */
async function losingTheAnswer<Result>(write: () => Promise<Result>): Promise<Result> {
  answersToLose = 1;
  const result = await write();
  expect(answersToLose).toBe(0);
  return result;
}

const shardCount = 4;
const snapshotId = "20260205T120000000Z-0123456789ab";

function account(accountId: string, ledgerSequence: number): LedgerAccount {
  const holdings = { collateral: [], positions: [], openOrders: [] };
  return { accountId, ledgerSequence, poolCurrency: "USD", methodId: "portfolio", ...holdings, pools: [] };
}

async function places(): Promise<number> {
  const items = await stage.scan("Ledger");
  return items.filter(({ sk }) => sk === "PLACES").reduce((sum, item) => sum + Number(item.accounts), 0);
}

// Each was seen to fail with the answer of a repeat taken for another writer's.
describe("a write whose answer was lost and that the client repeats", () => {
  it.each([false, true])("makes an account and takes one place (tokens forgotten: %s)", async (forgotten) => {
    forgetsTokens = forgotten;
    expect(await losingTheAnswer(() => saveAccount(table("Ledger"), account("a", 1), 0, shardCount))).toBe(true);
    expect(await places()).toBe(1);
    expect(await saveAccount(table("Ledger"), account("a", 1), 0, shardCount)).toBe(false);
    expect(await places()).toBe(1);
  });

  it("takes the last place of a shard for its account, and for no other", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `full-${index}`);
    const [first = "", second = ""] = names.filter((name) => shardOf(name, shardCount) === 1);
    await saveAccount(table("Ledger"), account(first, 1), 0, shardCount);
    const Key = { pk: { S: "SHARD#001" }, sk: { S: "PLACES" } };
    const full = { UpdateExpression: "SET accounts = :n", ExpressionAttributeValues: { ":n": { N: "4999" } } };
    await stage.dynamodb.send(new UpdateItemCommand({ TableName: "Ledger", Key, ...full }));
    expect(await losingTheAnswer(() => saveAccount(table("Ledger"), account(second, 1), 0, shardCount))).toBe(true);
    expect(await places()).toBe(5_000);
    const third = names.filter((name) => shardOf(name, shardCount) === 1)[2] ?? "";
    await expect(saveAccount(table("Ledger"), account(third, 1), 0, shardCount)).rejects.toThrow(
      "which holds 5000 accounts",
    );
    expect(await places()).toBe(5_000);
  });

  it("counts accounts that are made side by side once each, whoever's answer is lost", async () => {
    answersToLose = 9;
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    const made = await Promise.all(names.map((name) => saveAccount(table("Ledger"), account(name, 1), 0, shardCount)));
    expect(made).toEqual(names.map(() => true));
    expect(await places()).toBe(20);
  });

  it("replaces an account, and is no one else's doing", async () => {
    const ledger = table("Ledger");
    await saveAccount(ledger, account("b", 1), 0, shardCount);
    expect(await losingTheAnswer(() => saveAccount(ledger, account("b", 2), 1, shardCount))).toBe(true);
    expect(await saveAccount(ledger, account("b", 2), 1, shardCount)).toBe(false);
  });

  it("takes a shard, commits its changes and saves its block", async () => {
    const margin = table("Margin");
    const before = await loadBlock(margin, 0);
    expect(
      await losingTheAnswer(() =>
        takeShard(margin, 0, before, { name: "mine", snapshotId: "20260205T120000000Z-0123456789ab" }),
      ),
    ).toBe(true);
    for (const [index, forgotten] of [false, true].entries()) {
      forgetsTokens = forgotten;
      const poolKey = `pool-${index}`;
      const state = {
        ...noCall,
        severity: "WARNING",
        sequence: 1,
        poolKey,
        snapshotId,
        ledgerSequence: 1,
      } as const;
      const change = { state, event: { event_id: poolKey } as CallEvent };
      expect(await losingTheAnswer(() => commitChanges(margin, 0, "mine", [change], 0))).toBe(true);
      expect(await commitChanges(margin, 0, "mine", [change], 0)).toBe(false);
      expect(await findState(margin, poolKey)).toMatchObject({ sequence: 1 });
    }
    const block = { shard: 0, snapshotId, parametersVersion: "p", rows: [] };
    expect(await losingTheAnswer(() => saveBlock(margin, block, before, "mine", 0))).toBe(true);
    expect(await saveBlock(margin, block, before, "mine", 0)).toBe(false);
  });

  it("moves an anchor, keeps a quote and puts parameters into effect", async () => {
    const market = table("Market");
    const from = { indexPrice: "1", asOfMs: 1 };
    await saveAnchor(market, "BTC", from, 1);
    expect(await losingTheAnswer(() => moveAnchor(market, "BTC", from, { indexPrice: "2", asOfMs: 2 }))).toBe(true);
    expect(await moveAnchor(market, "BTC", from, { indexPrice: "2", asOfMs: 2 })).toBe(false);
    const receipt = { receivedAtMs: 1, nowMs: 1 };
    const quote = { source: "venue", observedAtMs: 1, indexPrice: "70000" };
    expect(await losingTheAnswer(() => saveIndexQuote(market, "BTC", quote, receipt))).toEqual({ kind: "saved" });
    expect(await saveIndexQuote(market, "BTC", quote, receipt)).toEqual({ kind: "repeated" });
    const activation = { sequence: 1, version: "v", effectiveFromMs: 1, activatedBy: "ada", proposalId: null };
    expect(await losingTheAnswer(() => activateParameters(market, activation))).toBe(true);
    expect(await activateParameters(market, activation)).toBe(false);
  });
});

describe("a crash around the first event of an account", () => {
  it("leaves the count of places as the accounts that are there, whatever was lost", async () => {
    client.middlewareStack.add(
      (next) => async (args) => {
        await next(args);
        throw new Error("killed");
      },
      { step: "initialize", name: "killed" },
    );
    await expect(saveAccount(table("Ledger"), account("c", 1), 0, shardCount)).rejects.toThrow("killed");
    client.middlewareStack.remove("killed");
    expect(await places()).toBe(1);
    expect(await saveAccount(table("Ledger"), account("c", 1), 0, shardCount)).toBe(false);
    expect(await places()).toBe(1);
  });
});
