import { randomBytes } from "node:crypto";
import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { compactTime, type MarginBlock, type MarginRow, shardOf } from "@plimsoll/schema";
import { findRows, loadBlock, PartMemory, saveBlock, type Table } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestStage, type TestStage } from "../support/stage.ts";
import { typicalRows } from "../support/typical-rows.ts";

// The parts of a shard's results, and the rows of one account that are read from them.

const nowMs = Date.UTC(2026, 1, 5, 12);
let stage: TestStage;
let margin: Table;
/** The commands of the store since the last look, by name. */
let calls: string[] = [];
/** Called before each command of the store, and may throw. */
let onCall: (name: string, input: string) => void = () => {};

beforeAll(async () => {
  stage = await startTestStage();
  margin = stage.table("Margin");
  margin.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        calls.push(commandName);
        onCall(commandName, JSON.stringify(args.input));
        return next(args);
      },
    { step: "initialize", name: "calls" },
  );
});
afterAll(() => stage.stop());
beforeEach(async () => {
  await stage.clear();
  calls = [];
  onCall = () => {};
});

/** The snapshot of a minute, counted from an hour before now. */
const snapshotAt = (minute: number) => `${compactTime(nowMs - 3_600_000 + minute * 60_000)}-0123456789ab`;
const idOf = (index: number) => `account-${String(index).padStart(5, "0")}`;

/** Results that do not compress, of about 1.2 kB an account: 10 accounts fit the head, 25 take 4 parts, 30 take 8. */
function blockOf(minute: number, accounts: number, value?: string): MarginBlock {
  const snapshotId = snapshotAt(minute);
  const rows = Array.from({ length: accounts }, (_, index) => rowOf(snapshotId, idOf(index), value));
  return { shard: 0, snapshotId, parametersVersion: `p${minute}`, rows };
}

function rowOf(snapshotId: string, accountId: string, value = randomBytes(1_100).toString("base64")): MarginRow {
  const severity = { severity: "NORMAL", cleanSweeps: 0, sequence: 0, call: null, historyRatio: null } as const;
  const refusal = { code: "ledger_unreadable", field: "data", value, remedy: "", lastGood: null } as const;
  return { status: "not_margined", accountId, poolId: "cross", ...severity, snapshotId, ledgerSequence: 1, ...refusal };
}

async function save(block: MarginBlock, before?: Awaited<ReturnType<typeof loadBlock>>): Promise<boolean> {
  return saveBlock(margin, block, before ?? (await loadBlock(margin, block.shard)), "", nowMs);
}

const find = (accountId: string, memory = new PartMemory(), atMs = nowMs) =>
  findRows(margin, 0, accountId, atMs, memory);

/** Expects the rows of the block for every account, whatever the process remembers, and the whole block. */
async function expectShown(block: MarginBlock, ...memories: PartMemory[]): Promise<void> {
  expect((await loadBlock(margin, 0)).block).toEqual(block);
  const { snapshotId, parametersVersion } = block;
  for (const memory of [...memories, new PartMemory()]) {
    for (const row of block.rows) {
      expect(await find(row.accountId, memory)).toEqual({ snapshotId, parametersVersion, rows: [row] });
    }
  }
}

async function parts() {
  return (await stage.scan("Margin")).filter(({ pk }) => String(pk).startsWith("PART#"));
}

/** A memory that has just learned where the results are. */
async function remembering(): Promise<PartMemory> {
  const memory = new PartMemory();
  await find(idOf(0), memory);
  return memory;
}

const countOfHead = async () => (await loadBlock(margin, 0)).item?.part_count;

/** Lets the process end before a write whose input has this text; the writes until then are made. */
async function crashing(text: string, write: () => Promise<unknown>): Promise<void> {
  onCall = (name, input) => {
    if (name.startsWith("Put") && input.includes(text)) throw new Error("crash");
  };
  await expect(write()).rejects.toThrow("crash");
  onCall = () => {};
}

describe("small results", () => {
  it("stay in the head: one write, and one read for an account", async () => {
    const block = blockOf(1, 10);
    const nothing = await loadBlock(margin, 0);
    calls = [];
    await save(block, nothing);
    expect(calls).toEqual(["PutItemCommand"]);
    expect(await parts()).toEqual([]);
    await expectShown(block);
    calls = [];
    await find(idOf(3), await remembering());
    expect(calls).toEqual(["GetItemCommand", "GetItemCommand"]);
  });
});

describe("larger results", () => {
  it("are in parts that take turns in two places, and no write removes one", async () => {
    for (const minute of [1, 2, 3, 4]) {
      const block = blockOf(minute, 30);
      const before = await loadBlock(margin, 0);
      calls = [];
      expect(await save(block, before)).toBe(true);
      expect(calls).toEqual(Array(9).fill("PutItemCommand"));
      await expectShown(block);
    }
    const stored = await parts();
    expect(stored).toHaveLength(16);
    expect(new Set(stored.map(({ pk }) => pk))).toHaveLength(8);
    for (const { ttl } of stored) expect(ttl).toBe(nowMs / 1_000 + 35 * 86_400);
  });

  it("are read for one account in two calls, then in one for a minute, whether it has rows or none", async () => {
    await save(blockOf(1, 30));
    const memory = new PartMemory();
    const count = async (accountId: string, atMs: number) => {
      calls = [];
      const found = await find(accountId, memory, atMs);
      return [found?.rows.length, ...calls];
    };
    expect(await count("nobody", nowMs)).toEqual([undefined, "GetItemCommand", "QueryCommand"]);
    expect(await count(idOf(1), nowMs)).toEqual([1, "QueryCommand"]);
    expect(await count("nobody", nowMs + 59_999)).toEqual([undefined, "QueryCommand"]);
    expect(await count(idOf(1), nowMs + 60_000)).toEqual([1, "GetItemCommand", "QueryCommand"]);
  });

  it("of nothing are nothing, in one read", async () => {
    expect(await find("nobody")).toBeUndefined();
    expect(calls).toEqual(["GetItemCommand"]);
  });

  it("keep all pools of an account in one part, in their order", async () => {
    const block = blockOf(1, 30);
    const pools = ["cross", "b", "a"].map((poolId) => ({ ...block.rows[7]!, poolId }));
    const rows = block.rows.flatMap((row) => (row.accountId === idOf(7) ? pools : [row]));
    await save({ ...block, rows });
    expect((await loadBlock(margin, 0)).block?.rows).toEqual(rows);
    expect((await find(idOf(7)))?.rows).toEqual(pools);
  });

  // Seen to fail with the id after a prefix in place of its hash: half of the parts stayed empty.
  it("spread the accounts of a shard over all its parts", async () => {
    const ids = Array.from({ length: 6_400 }, (_, index) => `acct-${index}`).filter((id) => shardOf(id, 64) === 5);
    const snapshotId = snapshotAt(1);
    const rows = ids.map((id) => rowOf(snapshotId, id)).sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
    await save({ shard: 0, snapshotId, parametersVersion: "p", rows });
    const sizes = (await parts()).map(({ data }) => (data as Uint8Array).byteLength);
    expect(sizes).toHaveLength(await countOfHead());
    expect(Math.min(...sizes)).toBeGreaterThan(800);
    expect(Math.max(...sizes)).toBeLessThan(24_000);
  });

  it("lack a part or have one of another version: the block says so, and the account is not shown the wrong rows", async () => {
    await save(blockOf(1, 30));
    const memory = await remembering();
    const [part] = await parts();
    const Key = marshall({ pk: part?.pk, sk: part?.sk });
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item: marshall({ ...part, version: 3 }) }));
    expect((await loadBlock(margin, 0)).problem).toBe("version 1 of shard 0 has 7 parts of 8");
    await stage.dynamodb.send(new DeleteItemCommand({ TableName: "Margin", Key }));
    expect(await loadBlock(margin, 0)).toMatchObject({ block: null, problem: "version 1 of shard 0 has 7 parts of 8" });
    const found = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => find(idOf(index), memory)));
    const refused = found.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason.message).toMatch(/^the results of shard 0 lack the part of account-\d+: the next sweep writes it/);
    }
    const next = blockOf(2, 30);
    await save(next);
    await expectShown(next, memory);
  });

  it("that cannot be unpacked are said to be so", async () => {
    await save(blockOf(1, 30));
    for (const part of await parts()) {
      const Item = marshall({ ...part, data: new Uint8Array([9, 9, 9]) });
      await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item }));
    }
    await expect(find(idOf(0))).rejects.toThrow("the results of shard 0 cannot be read: ");
    expect((await loadBlock(margin, 0)).block).toBeNull();
  });
});

describe("results that move", () => {
  it("are found wherever they went: into the head, into parts, into more and fewer parts, into chunks", async () => {
    const memories: PartMemory[] = [];
    const giant = { ...blockOf(7, 1, randomBytes(300_000).toString("base64")) };
    const blocks = [10, 30, 60, 120, 30, 10, 120, 1].map((accounts, minute) => blockOf(minute, accounts));
    for (const block of [...blocks, giant, blockOf(9, 30)]) {
      await save(block);
      await expectShown(block, ...memories);
      memories.push(await remembering());
    }
    expect((await stage.scan("Margin")).filter(({ sk }) => String(sk).startsWith("CHUNK#"))).toEqual([]);
  });

  it("keep their number of parts while it nearly fits", async () => {
    const counts: unknown[] = [];
    for (const [minute, accounts] of [12, 16, 12, 10, 8, 6, 60, 30, 25, 20].entries()) {
      await save(blockOf(minute, accounts));
      counts.push(await countOfHead());
    }
    expect(counts).toEqual([undefined, 4, 4, 2, 2, undefined, 16, 8, 8, 4]);
  });

  // Seen to fail without retireParts: the process went on to show the old results.
  it("are found by a process that remembers their old place, also while a writer has crashed before its head", async () => {
    const [old, next] = [blockOf(1, 30), blockOf(2, 60)];
    await save(old);
    const memory = await remembering();
    await crashing('"LATEST"', () => save(next));
    await expectShown(old, memory, new PartMemory());
    await save(next);
    await expectShown(next, memory, new PartMemory());
  });
});

describe("attempts at one version", () => {
  it("never disturb the block that is there, and one repeated after a crash goes beside what the crash left", async () => {
    const old = blockOf(1, 30);
    await save(old);
    await crashing('"LATEST"', () => save(blockOf(2, 30)));
    expect((await loadBlock(margin, 0)).block).toEqual(old);
    const repeated = blockOf(2, 30);
    expect(await save(repeated)).toBe(true);
    await expectShown(repeated, await remembering());
    expect((await parts()).filter(({ sk }) => String(sk).startsWith("SPARE#"))).toHaveLength(8);
    const next = blockOf(3, 30);
    await save(next);
    await expectShown(next, await remembering());
    expect((await parts()).filter(({ sk }) => String(sk).startsWith("SPARE#"))).toEqual([]);
  });

  it("use what the crash left where it is the same", async () => {
    const block = blockOf(1, 30);
    await crashing('"LATEST"', () => save(block));
    expect(await save(block)).toBe(true);
    await expectShown(block);
    expect(await parts()).toHaveLength(8);
  });

  it("show the winner's results while and after a loser writes, and leave nothing of the loser outside the slots", async () => {
    await save(blockOf(1, 30));
    const before = await loadBlock(margin, 0);
    const memory = await remembering();
    const winner = blockOf(3, 30);
    expect(await save(winner, before)).toBe(true);
    const kept = await parts();
    for (const loser of [blockOf(2, 30), blockOf(3, 60), blockOf(2, 5), winner]) {
      expect(await save(loser, before)).toBe(false);
      await expectShown(winner, memory);
    }
    const sameCount = (await parts()).filter(({ pk }) => String(pk).includes("#0008#"));
    expect(sameCount).toEqual(kept);
  });

  it("take nothing of a winner with the same results, whose parts lie beside the slots", async () => {
    await save(blockOf(1, 30));
    const before = await loadBlock(margin, 0);
    await crashing('"LATEST"', () => save(blockOf(2, 30), before));
    const winner = blockOf(2, 30);
    expect(await save(winner, before)).toBe(true);
    expect(await save(winner, before)).toBe(false);
    await expectShown(winner);
  });
});

describe("what is newest", () => {
  it("is shown though its head was never written, since its severities are committed", async () => {
    await save(blockOf(1, 30));
    const memory = await remembering();
    const unfinished = blockOf(2, 30);
    await crashing('"LATEST"', () => save(unfinished));
    expect((await find(idOf(4), memory))?.rows).toEqual([unfinished.rows[4]]);
  });

  it("is not hidden by an older snapshot of the same or of a later version", async () => {
    await save(blockOf(1, 30));
    const shown = blockOf(5, 30);
    await save(shown);
    const memory = await remembering();
    // A head that is lost begins at version 1 again, and so may what a slow writer left.
    for (const part of await parts()) {
      if (part.version !== 1) continue;
      const Item = marshall({ ...part, version: 9 });
      await stage.dynamodb.send(new PutItemCommand({ TableName: "Margin", Item }));
    }
    await expectShown(shown, memory);
  });

  it("is not what a wrong clock dated ahead, while there is anything else", async () => {
    const [shown, ahead] = [blockOf(1, 30), blockOf(75, 30)];
    await save(shown);
    const memory = await remembering();
    await save(ahead);
    expect((await find(idOf(0), memory))?.rows).toEqual([shown.rows[0]]);
    const next = blockOf(2, 30);
    await save(next);
    await expectShown(next, memory);
    await stage.clear();
    await save(ahead);
    expect((await find(idOf(0)))?.rows).toEqual([ahead.rows[0]]);
  });

  it("is found after the head was lost and its versions begin anew", async () => {
    for (const minute of [1, 2, 3]) await save(blockOf(minute, 30));
    const Key = marshall({ pk: "SHARD#000", sk: "LATEST" });
    await stage.dynamodb.send(new DeleteItemCommand({ TableName: "Margin", Key }));
    for (const minute of [4, 5, 6, 7]) {
      const block = blockOf(minute, 30);
      expect(await save(block)).toBe(true);
      await expectShown(block, await remembering());
    }
    expect((await parts()).filter(({ sk }) => String(sk).startsWith("SPARE#"))).toEqual([]);
  });
});

describe("the cost of a shard of 1,000 typical accounts", () => {
  it("is about four read units for an account, and about a write unit for each packed kilobyte of a sweep", async () => {
    const rows = typicalRows(1_000);
    const write = async (minute: number) => {
      const table = stage.table("Margin");
      const snapshotId = snapshotAt(minute);
      const before = await loadBlock(margin, 0);
      await saveBlock(table, { shard: 0, snapshotId, parametersVersion: "p", rows }, before, "", nowMs);
      return table.meter.writeUnits;
    };
    await write(1);
    await write(2);
    // In one item it was 97: see docs/design.md.
    expect(await write(3)).toBeLessThanOrEqual(125);
    const memory = await remembering();
    await find(rows[0]!.accountId, memory);
    const units: number[] = [];
    for (let index = 0; index < 1_000; index += 25) {
      const table = stage.table("Margin");
      const found = await findRows(table, 0, rows[index]!.accountId, nowMs, memory);
      expect(found?.rows).toEqual([rows[index]]);
      units.push(table.meter.readUnits);
    }
    expect(Math.max(...units)).toBeLessThanOrEqual(5);
    expect(units.reduce((sum, one) => sum + one, 0) / units.length).toBeLessThan(4.5);
  });
});
