import { randomBytes } from "node:crypto";
import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { type MarginBlock, nameParameters, nameSnapshot } from "@plimsoll/schema";
import {
  activateParameters,
  findActivation,
  findNewestSnapshot,
  getParameters,
  getSnapshot,
  loadBlock,
  saveBlock,
  saveParameters,
  saveSnapshot,
} from "@plimsoll/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  expiryInDays,
  marketSnapshot,
  quotedOption,
  asOfMs as snapshotMs,
  underlyingState,
} from "../support/market.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const nowMs = Date.now();
let stage: TestStage;

beforeAll(async () => {
  stage = await startTestStage();
});
afterAll(() => stage.stop());

/**
 * Results that do not compress, so that the block takes `kilobytes` at least. They are of one account, whose rows stay
 * together: what no item can hold goes in chunks.
 */
function blockOf(snapshotId: string, kilobytes: number): MarginBlock {
  const rows = Array.from({ length: kilobytes }, (_, index) => ({
    status: "not_margined" as const,
    accountId: "ada",
    poolId: `pool-${String(index).padStart(5, "0")}`,
    severity: "NORMAL" as const,
    cleanSweeps: 0,
    sequence: 0,
    call: null,
    historyRatio: null,
    snapshotId,
    ledgerSequence: 1,
    code: "ledger_unreadable" as const,
    field: "data",
    value: randomBytes(1_100).toString("base64"),
    remedy: "",
    lastGood: null,
  }));
  return { shard: 0, snapshotId, parametersVersion: "p", rows };
}

async function chunkNames(): Promise<Set<string>> {
  const items = await stage.scan("Margin");
  return new Set(items.map((item) => String(item.pk)).filter((pk) => pk.startsWith("BLOCK#")));
}

describe("the block of a shard's results", () => {
  it("goes in chunks where one item cannot hold it, and the chunks of the block before it go with that", async () => {
    const margin = stage.table("Margin");
    const first = blockOf("20260205T120000000Z-000000000001", 700);
    expect(await saveBlock(margin, first, await loadBlock(margin, 0), "", nowMs)).toBe(true);
    const stored = await loadBlock(margin, 0);
    expect(stored.block).toEqual(first);
    expect(stored.item?.chunk_count).toBe(3);
    const second = blockOf("20260205T120000000Z-000000000002", 400);
    expect(await saveBlock(margin, second, stored, "", nowMs)).toBe(true);
    expect((await loadBlock(margin, 0)).block).toEqual(second);
    expect(await chunkNames()).toHaveLength(1);
    const small = blockOf("20260205T120000000Z-000000000003", 1);
    expect(await saveBlock(margin, small, await loadBlock(margin, 0), "", nowMs)).toBe(true);
    expect(await chunkNames()).toHaveLength(0);
  });

  it("leaves no chunks of an attempt that lost the race for it, and all of the one that won", async () => {
    const margin = stage.table("Margin");
    const before = await loadBlock(margin, 0);
    const winning = blockOf("20260205T120000000Z-000000000005", 700);
    const losing = blockOf("20260205T120000000Z-000000000006", 700);
    expect(await saveBlock(margin, winning, before, "", nowMs)).toBe(true);
    const kept = await chunkNames();
    expect(kept).toHaveLength(1);
    expect(await saveBlock(margin, losing, before, "", nowMs)).toBe(false);
    // The same results under the same version share their chunks: the loser must not take the winner's.
    expect(await saveBlock(margin, winning, before, "", nowMs)).toBe(false);
    expect(await chunkNames()).toEqual(kept);
    expect((await loadBlock(margin, 0)).block).toEqual(winning);
  });

  it("has chunks that expire, so that those of a crashed attempt go as well", async () => {
    const margin = stage.table("Margin");
    const lost = blockOf("20260205T120000000Z-000000000007", 700);
    const before = await loadBlock(margin, 0);
    margin.client.middlewareStack.add(
      (next) => (args) => {
        if (JSON.stringify(args.input).includes('"LATEST"')) throw new Error("crash");
        return next(args);
      },
      { step: "initialize", name: "crash" },
    );
    await expect(saveBlock(margin, lost, before, "", nowMs)).rejects.toThrow("crash");
    margin.client.middlewareStack.remove("crash");
    const chunks = (await stage.scan("Margin")).filter(({ sk }) => String(sk).startsWith("CHUNK#"));
    expect(chunks.some(({ pk }) => String(pk).includes(lost.snapshotId))).toBe(true);
    for (const { ttl } of chunks) expect(ttl).toBe(Math.ceil(nowMs / 1_000) + 35 * 86_400);
  });

  it("counts what its calls consumed", async () => {
    const margin = stage.table("Margin");
    await loadBlock(margin, 0);
    expect(margin.meter.readUnits).toBeGreaterThan(0);
    await saveBlock(margin, blockOf("20260205T120000000Z-000000000004", 10), await loadBlock(margin, 0), "", nowMs);
    expect(margin.meter.writeUnits).toBeGreaterThanOrEqual(10);
  });
});

describe("a snapshot", () => {
  it("goes in chunks, comes back to the bit, and never changes", async () => {
    const market = stage.table("Market");
    // Prices with all their digits do not compress: 5,000 of them are more than an item holds.
    const randomPrice = () => 1 + randomBytes(6).readUIntBE(0, 6) / 7;
    const options = Array.from({ length: 5_000 }, (_, index) => {
      const instrumentId = `C${randomBytes(24).toString("hex")}${index}`;
      const terms = { instrumentId, underlying: "BTC", optionType: "call", strike: randomPrice() } as const;
      return quotedOption({ ...terms, expiryMs: expiryInDays(30) }, randomPrice(), 0.6);
    });
    const snapshot = nameSnapshot(marketSnapshot([underlyingState("BTC", 70_000.1)], options));
    expect(await saveSnapshot(market, snapshot, "first", Date.now())).toBe("first");
    // A sweep that is repeated after an activation goes on with the version it began with.
    expect(await saveSnapshot(market, snapshot, "second", Date.now())).toBe("first");
    expect(await getSnapshot(market, snapshot.snapshotId)).toEqual(snapshot);
    expect(await findNewestSnapshot(market)).toEqual({ snapshotId: snapshot.snapshotId, parametersVersion: "first" });
    expect(await findNewestSnapshot(market, snapshotMs)).toBeUndefined();
    const chunks = (await stage.scan("Market")).filter((item) => String(item.sk).startsWith("CHUNK#"));
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every((chunk) => typeof chunk.ttl === "number")).toBe(true);
  });

  it("that is missing is named", async () => {
    await expect(getSnapshot(stage.table("Market"), "20200101T000000000Z-000000000000")).rejects.toThrow(
      "Snapshot 20200101T000000000Z-000000000000 is not in Market",
    );
  });
});

describe("parameter sets", () => {
  it("come into effect at their time, the last one first", async () => {
    const market = stage.table("Market");
    const { parametersVersion: _, ...content } = defaultParameters;
    const first = nameParameters("first", content);
    const second = nameParameters("second", { ...content, historyTolerance: 0.5 });
    expect(await findActivation(market, snapshotMs)).toBeUndefined();
    const activate = async (parameters: ParameterSet, sequence: number, effectiveFromMs: number) => {
      await saveParameters(market, parameters);
      const version = parameters.parametersVersion;
      return activateParameters(market, { sequence, version, effectiveFromMs, activatedBy: "test", proposalId: null });
    };
    expect(await activate(first, 1, snapshotMs)).toBe(true);
    expect(await activate(second, 2, snapshotMs + 1)).toBe(true);
    expect(await activate(first, 2, snapshotMs + 2)).toBe(false);
    const inEffect = async (asOfMs: number) => (await findActivation(market, asOfMs))?.version ?? "";
    expect(await getParameters(market, await inEffect(snapshotMs))).toEqual(first);
    expect(await getParameters(market, await inEffect(snapshotMs + 1))).toEqual(second);
  });
});
