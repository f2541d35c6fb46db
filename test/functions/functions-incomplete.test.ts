import { loadGaps } from "@plimsoll/app";
import { logger } from "@plimsoll/runtime";
import { callEvent, countSeverities, gapsOf, isUnknown, type MarginRow, toWire } from "@plimsoll/schema";
import { getSnapshot, loadBlock, unpack } from "@plimsoll/store";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { explainReport } from "../../packages/cli/src/explain/explain-report.ts";
import { verifyEarlier } from "../../packages/cli/src/explain/verify-earlier.ts";
import { runPlimsoll } from "../support/cli.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, btcQuotes, iso, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

const minuteMs = 60_000;
const long = { id: "BTC_USD-PERPETUAL", quantity: "1", entry: "70000" };
const dust = "0.000000000000000001";

/** A fall of 59 % in steps that one source alone is believed. */
const fall = [70_000, 63_000, 57_000, 50_000, 47_000, 45_000, 43_000, 41_000, 38_000, 33_000, 28_700];

/** An option that expires between the first two sweeps, and a future that nobody quotes after the first. */
const expiring = { instrument_id: "BTC_USD-EXPIRING-P", expiry: iso(openMs + 90_000) };
const firstOnly = (price: number) => {
  const [option] = btcQuotes(price).filter(({ instrument_id }) => instrument_id === "BTC_USD-30D-70000-P");
  const [future] = btcQuotes(price).filter(({ instrument_id }) => instrument_id === "BTC_USD-30D");
  return [
    { ...option, ...expiring },
    { ...future, instrument_id: "BTC_USD-DELISTED" },
  ];
};

type State = ReturnType<typeof accountState>;

function stateOf(accountId: string, positions: readonly (typeof long)[], change: (state: State) => State = (s) => s) {
  return change(accountState(accountId, "30000", positions));
}

const withCoin = (asset: string, amount: string) => (state: State) => ({
  ...state,
  collateral: [...(state.collateral as object[]), { asset, amount }],
});

/** What each account has beside the position of its twin, or instead of it. */
const accounts: Record<string, State> = {
  twin: stateOf("twin", [long]),
  doge: stateOf("doge", [long], withCoin("DOGE", dust)),
  "doge-owed": stateOf("doge-owed", [long], withCoin("DOGE", `-${dust}`)),
  unlisted: stateOf("unlisted", [long, { ...long, id: "BTC-NEVER", quantity: dust }]),
  expired: stateOf("expired", [long, { ...long, id: "BTC_USD-EXPIRING-P", quantity: `-${dust}` }]),
  delisted: stateOf("delisted", [long, { ...long, id: "BTC_USD-DELISTED", quantity: dust }]),
  "entry-dust": stateOf("entry-dust", [long, { ...long, id: "BTC_USD-30D", quantity: dust, entry: "0" }]),
  "entry-0": stateOf("entry-0", [{ ...long, entry: "0" }]),
};

let stage: TestStage;
let functions: Functions;
let nowMs = openMs;
const seen: Map<string, MarginRow>[] = [];
const warnings: { message: string; fields: unknown }[] = [];

async function sweepOn(quotes: readonly unknown[]): Promise<Map<string, MarginRow>> {
  nowMs += minuteMs;
  const batch = quoteBatchOf(quotes, nowMs);
  await functions.ingestPrices(quoteRequest(batch, nowMs), lambdaContext("IngestPrices"));
  await stage.drain("ShardWork");
  await functions.onSchedule(tick(nowMs), lambdaContext("StartSweepOnSchedule"));
  await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
  const { block } = await loadBlock(stage.table("Margin"), 0);
  return new Map(block?.rows.map((row) => [row.accountId, row]));
}

beforeAll(async () => {
  stage = await startTestStage({ ...testSettings, shardCount: 1 });
  functions = await importFunctions();
  vi.spyOn(logger, "warn").mockImplementation((...[message, fields]) => {
    warnings.push({ message: String(message), fields });
  });
  for (const state of Object.values(accounts)) await stage.send("AccountEvents", state);
  await stage.consume("AccountEvents", functions.ingestAccounts);
  for (const [index, price] of fall.entries()) {
    seen.push(await sweepOn([...btcQuotes(price), ...(index === 0 ? firstOnly(price) : [])]));
  }
});
afterAll(() => stage.stop());

const severitiesOf = (accountId: string) => seen.map((rows) => rows.get(accountId)?.severity);

describe("through a fall of 59 %", () => {
  it("the twin without dust goes bankrupt, by several steps", () => {
    expect(severitiesOf("twin")[0]).toBe("NORMAL");
    expect(severitiesOf("twin").at(-1)).toBe("BANKRUPT");
    expect(new Set(severitiesOf("twin")).size).toBeGreaterThanOrEqual(4);
    expect(seen[0]?.get("twin")).not.toMatchObject({ margin: { incomplete: expect.anything() } });
  });

  it.each(Object.keys(accounts))(
    "the account %s is called at the same prices (seen to fail: it stayed NORMAL)",
    (id) => {
      expect(severitiesOf(id)).toEqual(severitiesOf("twin"));
    },
  );

  it.each([
    ["doge", "collateral_not_accepted", /^collateral\[\d\]\.asset$/, "counts_for_nothing"],
    ["doge-owed", "collateral_not_accepted", /^collateral\[\d\]\.asset$/, "nothing_known"],
    ["unlisted", "instrument_not_in_snapshot", /^positions\[\d\]\.instrument_id$/, "nothing_known"],
    ["expired", "instrument_expired", /^positions\[\d\]\.instrument_id$/, "last_good_mark_widened"],
    ["delisted", "instrument_not_in_snapshot", /^positions\[\d\]\.instrument_id$/, "last_good_mark_widened"],
    ["entry-dust", "limit_exceeded", /^positions\[\d\]\.entry_price$/, "entered_at_mark"],
    ["entry-0", "limit_exceeded", /^positions\[\d\]\.entry_price$/, "entered_at_mark"],
  ])("%s says what it is not margined for", async (id, code, path, assumed) => {
    const field = expect.stringMatching(path);
    expect(seen.at(-1)?.get(id)).toMatchObject({
      status: "margined",
      margin: { incomplete: { holdings: 1, reasons: [{ code, field, assumed, remedy: expect.any(String) }] } },
    });
    const items = (await stage.scan("Margin")).filter(
      ({ pk, sk }) => pk === `ACCOUNT#${id}` && String(sk).startsWith("EVENT#"),
    );
    const last = callEvent.parse(unpack(items.at(-1)?.data));
    expect(last.severity).toBe("BANKRUPT");
    expect(last.incomplete).toMatchObject({ reasons: [{ code, field }] });
    expect(last.text).toContain("Not everything could be priced: ");
  });

  it("keeps the mark at which an entry price of 0 was first seen, so that the loss since then counts", () => {
    const row = seen.at(-1)?.get("entry-0");
    if (row?.status !== "margined") throw new Error("not margined");
    expect(row.assumedEntries).toEqual([{ instrumentId: "BTC_USD-PERPETUAL", price: 70_000 }]);
    const twin = seen.at(-1)?.get("twin");
    expect(row.margin.equity).toBe(twin?.status === "margined" ? twin.margin.equity : "");
  });

  it("keeps who is NORMAL for want of knowledge out of NORMAL (I13)", () => {
    const rows = [...(seen[0]?.values() ?? [])];
    expect(rows.map(({ severity }) => severity)).toEqual(rows.map(() => "NORMAL"));
    // The twin, what is merely not accepted, and what had not expired or vanished yet.
    expect(countSeverities(rows).get("NORMAL")).toBe(4);
    expect(gapsOf(rows).filter(isUnknown)).toHaveLength(4);
  });

  it("carries the last mark of what expired or is no longer quoted in the snapshot", async () => {
    const row = seen.at(-1)?.get("twin");
    const snapshot = await getSnapshot(stage.table("Market"), row?.status === "margined" ? row.margin.snapshotId : "");
    expect(snapshot.lapsed?.map(({ quoted }) => quoted.instrument.instrumentId)).toEqual([
      "BTC_USD-DELISTED",
      "BTC_USD-EXPIRING-P",
    ]);
    expect(snapshot.lapsed?.map(({ indexPrice }) => indexPrice)).toEqual([70_000, 70_000]);
  });

  it("lists them all, by the log and by the command (I13)", async () => {
    const { gaps = [] } = (await loadGaps(stage.table("Margin"))) ?? {};
    expect(gaps.map(({ account_id }) => account_id).sort()).toEqual(
      Object.keys(accounts)
        .filter((id) => id !== "twin")
        .sort(),
    );
    expect(gaps).toEqual(gapsOf([...(seen.at(-1)?.values() ?? [])]));
    const { fields } = warnings.findLast(({ message }) => message === "accounts not margined in full") ?? {};
    expect(fields).toMatchObject({
      accounts: 7,
      examples: expect.arrayContaining([expect.stringContaining("unlisted: ")]),
    });
  });

  it.each(Object.keys(accounts))(
    "plimsoll explain recomputes the result of %s, with what it is not in full for",
    async (id) => {
      const row = seen.at(-1)?.get(id);
      if (row?.status !== "margined") throw new Error("not margined");
      const json = await runPlimsoll(".", ["explain", id, "--tables", "Market,Margin,Ledger", "--json"]);
      expect(json).toMatchObject({ code: 0, err: "" });
      const report = explainReport.parse(JSON.parse(json.out));
      const { notProjected: _, projectedInitialMargin: _p, ...stored } = row.margin;
      expect(report.margin).toMatchObject(toWire(stored));
      expect(report.severity).toBe(row.severity);
      expect(verifyEarlier(report)).toBeNull();
      const text = await runPlimsoll(".", ["explain", id, "--tables", "Market,Margin,Ledger"]);
      expect(text.out.includes("Not in full")).toBe(id !== "twin");
    },
  );

  it("does not come down again while something is in doubt, but does where it counts for nothing by the rules", async () => {
    const back = [30_000, 36_000, 44_000, 54_000, 66_000, 80_000, 80_000, 80_000, 80_000, 80_000, 80_000, 80_000];
    let rows = new Map<string, MarginRow>();
    for (const price of back) rows = await sweepOn(btcQuotes(price));
    expect(rows.get("twin")?.severity).toBe("NORMAL");
    expect(rows.get("doge")?.severity).toBe("NORMAL");
    for (const id of ["doge-owed", "unlisted", "expired", "delisted", "entry-dust", "entry-0"]) {
      expect(rows.get(id)).toMatchObject({ severity: "BANKRUPT", cleanSweeps: 0 });
    }
  });
});
