import { createMarginEngine, type MethodId, methodIds } from "@plimsoll/risk";
import { callEvent, type MarginRow, stateMargin, toWire } from "@plimsoll/schema";
import { findAccount, getParameters, getSnapshot, loadBlock, unpack } from "@plimsoll/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { kernelCrossPool } from "../support/kernel-cross-pool.ts";
import { chargedComponents } from "../support/method-facts.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;
const rows = new Map<string, MarginRow>();

/** Short a perpetual and two calls, long a put. */
const positions = [
  { id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "69000" },
  { id: "BTC_USD-30D-80000-C", quantity: "-2", entry: "1000" },
  { id: "BTC_USD-30D-60000-P", quantity: "1", entry: "500" },
];

function open(methodId: MethodId, usd: string, held: typeof positions): Promise<void> {
  const event = accountState(`${methodId}-${usd}`, usd, held);
  return stage.send("AccountEvents", { ...event, method_id: methodId });
}

beforeAll(async () => {
  stage = await startTestStage({ ...testSettings, shardCount: 1 });
  functions = await importFunctions();
  for (const methodId of methodIds) {
    const held = methodId === "account_ratio" ? positions.slice(0, 1) : positions;
    for (const usd of ["1000000", methodId === "account_ratio" ? "1100" : "16000"]) await open(methodId, usd, held);
  }
  const byRatio = accountState("options-by-account_ratio", "1", positions);
  await stage.send("AccountEvents", { ...byRatio, method_id: "account_ratio" });
  await stage.consume("AccountEvents", functions.ingestAccounts);
  const quotes = quoteBatchOf(btcQuotes(70_000), openMs);
  await functions.ingestPrices(quoteRequest(quotes, openMs), lambdaContext("IngestPrices"));
  await functions.onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
  await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
  const { block } = await loadBlock(stage.table("Margin"), 0);
  for (const row of block?.rows ?? []) rows.set(row.accountId, row);
});
afterAll(() => stage.stop());

function marginOf(accountId: string) {
  const row = rows.get(accountId);
  if (row?.status !== "margined") throw new Error(`${accountId}: ${JSON.stringify(row)}`);
  return row.margin;
}

describe.each(methodIds)("a shard margined by %s", (methodId) => {
  const rich = `${methodId}-1000000`;
  const poor = `${methodId}-${methodId === "account_ratio" ? "1100" : "16000"}`;

  it("stores the components of the method, which add up to the initial margin", () => {
    const margin = marginOf(rich);
    expect(margin.methodId).toBe(methodId);
    expect(margin.methodVersion).toMatch(new RegExp(`^${methodId}-`));
    // What is charged for the book above; account_ratio takes its perpetual alone.
    expect(margin.components.map(({ name }) => name)).toEqual(chargedComponents[methodId]);
    const sum = margin.components.reduce((total, { amount }) => total + Number(amount), 0);
    // Each amount is rounded up to the cent by itself.
    const cents = 0.01 * margin.components.length;
    expect(Math.abs(sum - Number(margin.initialMargin))).toBeLessThanOrEqual(cents);
    expect(Number(margin.maintenanceMargin)).toBeGreaterThan(0);
  });

  it("stores what the kernel gives on the snapshot and the parameters that the result names", async () => {
    const { snapshotId, parametersVersion, ...margin } = marginOf(rich);
    const market = stage.table("Market");
    const [snapshot, parameters] = [
      await getSnapshot(market, snapshotId),
      await getParameters(market, parametersVersion),
    ];
    const stored = await findAccount(stage.table("Ledger"), rich, 1);
    if (!stored?.account) throw new Error(`${rich} is not in the ledger`);
    const figures = createMarginEngine(snapshot, parameters).margin(kernelCrossPool(stored.account));
    if (figures.status !== "margined") throw new Error(figures.value);
    expect({ snapshotId, parametersVersion, ...margin }).toEqual(stateMargin(figures, 1));
  });

  it("calls the account that cannot carry it, with the method and its components in the event", async () => {
    expect(rows.get(rich)).toMatchObject({ severity: "NORMAL", call: null });
    expect(rows.get(poor)?.severity).not.toBe("NORMAL");
    const events = (await stage.scan("Margin")).filter(
      ({ pk, sk }) => pk === `ACCOUNT#${poor}` && String(sk).startsWith("EVENT#"),
    );
    const [event] = events.map(({ data }) => callEvent.parse(unpack(data)));
    expect(events).toHaveLength(1);
    const { methodId: told, components } = marginOf(poor);
    expect(event).toMatchObject({ severity: rows.get(poor)?.severity, ...toWire({ methodId: told, components }) });
  });
});

it("an account with options under account_ratio has the reason, the rates of static for them, and holds nobody up", () => {
  expect(marginOf("options-by-account_ratio")).toMatchObject({
    incomplete: {
      reasons: expect.arrayContaining([
        expect.objectContaining({
          code: "unsupported_instrument",
          value: expect.stringContaining("no options"),
          assumed: "static_rates",
        }),
      ]),
    },
    components: expect.arrayContaining([expect.objectContaining({ name: "unpriced_holding" })]),
  });
});
