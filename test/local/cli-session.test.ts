import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { loadMarket, plainTerms, sampleAccounts, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalStage } from "../../packages/cli/src/start/local-stage.ts";
import { moveBatch } from "../../packages/cli/src/start/market-motion.ts";
import { plainRenderer } from "../../packages/cli/src/start/plain.ts";
import { Session } from "../../packages/cli/src/start/session.ts";
import type { SessionEvent } from "../../packages/cli/src/start/session-events.ts";
import type { Stage } from "../../packages/cli/src/start/stage-port.ts";

const patienceMs = 300_000;
const minuteMs = 60_000;
const TableName = "plimsoll-local-MarginTable";

let stage: Stage;
let dynamodb: DynamoDBClient;
const events: SessionEvent[] = [];
const emit = (event: SessionEvent) => events.push(event);

beforeAll(async () => {
  stage = await openLocalStage({ dataDirectory: null, port: 0, emit });
  const up = events.find((event) => event.kind === "done" && event.text.includes(" is up "));
  const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(up?.kind === "done" ? up.text : "")?.[0] ?? "";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  dynamodb = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
}, patienceMs);
afterAll(async () => {
  dynamodb.destroy();
  await stage.stop();
});

/** Puts something in the place of a shard's results that the function cannot take, and gives a way to mend it. */
async function breakShard(shard: number): Promise<() => Promise<void>> {
  const Key = { pk: { S: `SHARD#00${shard}` }, sk: { S: "LATEST" } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...Key, version: { S: "none" } } }));
  return async () => {
    await dynamodb.send(new PutItemCommand({ TableName, Item }));
  };
}

describe("a shard that fails", () => {
  it(
    "is named with its reason, and the demo goes on (seen to fail before: the clock stood for the retries' half hour)",
    async () => {
      const { batch } = await loadMarket("sample", plainTerms, 1, Date.now());
      const session = new Session(stage, emit, "demo");
      let atMs = Date.now() - 10 * minuteMs;
      const next = async () => {
        atMs += minuteMs;
        await session.post(moveBatch(batch, new Map(), atMs), "market");
        return session.sweep(atMs);
      };
      await session.post(moveBatch(batch, new Map(), atMs), "market");
      const accounts = sampleAccounts(snapshotOfBatch(batch), defaultParameters, { count: 20, positions: 3, seed: 1 });
      await session.loadAccounts(accounts, atMs);
      expect(await next()).toMatchObject({ shards: 8, shardsMissing: [] });

      const mend = await breakShard(3);
      const beganMs = performance.now();
      const broken = await next();
      const again = await next();
      expect(performance.now() - beganMs).toBeLessThan(60_000);
      for (const report of [broken, again]) {
        expect(report.shardsMissing).toEqual([3]);
        expect(report.failures.join()).toContain("shard 3: ");
      }
      const lines: string[] = [];
      plainRenderer(
        (line) => lines.push(line),
        () => 60,
      )({ kind: "swept", report: again });
      expect(lines[0]).toMatch(/^sweep incomplete: 7 of 8 shards; shard 3 has no new results: shard 3: /);
      const notes = events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
      expect(notes.join("\n")).toMatch(
        /left for later: .*ShardWorkQueue has \d+ that failed and wait for their next try/,
      );

      await mend();
      expect(await next()).toMatchObject({ shardsMissing: [] });
    },
    patienceMs,
  );
});
