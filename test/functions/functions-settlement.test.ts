import { accountStateRequest, type MarginRow, rejectedInput, shardOf } from "@plimsoll/schema";
import { findAccount, loadBlock, loadPending } from "@plimsoll/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, queueRecord, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, btcQuotes, iso, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

const shardCount = 1;
const minuteMs = 60_000;
const weekMs = 7 * 86_400_000;
const expiryMs = openMs + 2 * minuteMs + 30_000;
const index = 71_000;

/** The settlement window is the last half hour; its average so far two minutes after the open is 70,500. */
const averageSoFar = 70_500;
/** 29.5 of 30 minutes had passed; the rest counts at the index of the first snapshot after the expiry. */
const reckoned = (averageSoFar * 29.5 + index * 0.5) / 30;
/** What the exchange says it settled at, an hour later. */
const stated = 70_512.25;

const base = { underlying: "BTC", settlement: "linear", quote_currency: "USD", contract_size: "1" };
const dated = { ...base, expiry: iso(expiryMs), settlement_window_minutes: 30, forward_price: String(index) };
const average = (price: number) => ({
  kind: "settlement_average",
  underlying: "BTC",
  expiry: iso(expiryMs),
  average_price: String(price),
});
/** What expires, and a perpetual that nobody quotes after the first two sweeps. */
const expiring = [
  { ...dated, kind: "future", instrument_id: "FUT", mark_price: String(index) },
  {
    ...dated,
    kind: "option",
    instrument_id: "CALL",
    option_type: "call",
    strike: "70000",
    mark_price: "1010",
    mark_volatility: "0.6",
  },
  {
    ...base,
    kind: "perpetual",
    instrument_id: "DELISTED",
    forward_price: String(index),
    mark_price: String(index),
    cumulative_funding: "12.5",
  },
  average(averageSoFar),
];

const perpetual = { id: "BTC_USD-PERPETUAL", quantity: "0.1", entry: "70000" };
const call = { id: "CALL", quantity: "-2", entry: "900" };
const future = { id: "FUT", quantity: "1", entry: "70000" };

let stage: TestStage;
let functions: Functions;

async function sweepAt(atMs: number, quotes: readonly unknown[]): Promise<Map<string, MarginRow>> {
  await functions.ingestPrices(quoteRequest(quoteBatchOf(quotes, atMs), atMs), lambdaContext("IngestPrices"));
  await stage.drain("ShardWork");
  await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
  await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
  const { block } = await loadBlock(stage.table("Margin"), 0);
  return new Map(block?.rows.map((row) => [row.accountId, row]));
}

async function ingest(...events: readonly unknown[]): Promise<void> {
  for (const event of events) await stage.send("AccountEvents", event);
  await stage.consume("AccountEvents", functions.ingestAccounts);
}

const held = async (accountId: string) => (await findAccount(stage.table("Ledger"), accountId, shardCount))?.account;

const waiting = (accountId: string) => loadPending(stage.table("Ledger"), shardOf(accountId, shardCount), accountId);
const nothing = { gap: null, events: [] };

function event(kind: string, account_id: string, ledger_sequence: number, more: object) {
  return { kind, schema_version: 1, account_id, ledger_sequence, occurred_at: iso(expiryMs + 5_000), ...more };
}
const settlement = (accountId: string, sequence: number, instrument_id: string, price: number | string) =>
  event("settlement", accountId, sequence, { instrument_id, settlement_price: String(price) });
const fill = (accountId: string, sequence: number, instrument_id: string, quantity: string, price: string) =>
  event("fill", accountId, sequence, { instrument_id, quantity, price });

function marginOf(rows: ReadonlyMap<string, MarginRow>, accountId: string) {
  const row = rows.get(accountId);
  if (row?.status !== "margined") throw new Error(`${accountId} is not margined`);
  return row.margin;
}

/** The equity of an account that has so many dollars and the perpetual. */
const equityWith = (usd: number) => Math.floor((usd + 0.1 * (index - 70_000)) * 100 + 1e-6) / 100;

beforeAll(async () => {
  stage = await startTestStage({ ...testSettings, shardCount });
  functions = await importFunctions();
  const delisted = accountState("delisted", "30000", [{ id: "DELISTED", quantity: "2", entry: "70000" }]);
  const [position] = delisted.positions as object[];
  await ingest(
    accountState("seller", "30000", [perpetual, call]),
    accountState("holder", "30000", [perpetual, future]),
    accountState("late", "30000", [perpetual]),
    accountState("slow", "30000", [perpetual, future]),
    { ...delisted, positions: [{ ...position, funding_index: "12.5" }] },
  );
  await sweepAt(openMs + minuteMs, [...btcQuotes(index), ...expiring.slice(0, 3), average(averageSoFar)]);
  await sweepAt(openMs + 2 * minuteMs, [...btcQuotes(index), ...expiring]);
});
afterAll(() => stage.stop());

describe("after an expiry", () => {
  it("accounts are margined on the price that it settles at (seen to fail: at their worst, in doubt)", async () => {
    const rows = await sweepAt(openMs + 3 * minuteMs, btcQuotes(index));
    expect(Number(marginOf(rows, "seller").equity)).toBe(equityWith(30_000 - 2 * (reckoned - 70_000)));
    expect(Number(marginOf(rows, "holder").equity)).toBe(equityWith(30_000 + reckoned - 70_000));
    for (const accountId of ["seller", "holder"]) {
      const { incomplete, notes, initialMargin } = marginOf(rows, accountId);
      expect(incomplete).toBeUndefined();
      expect(notes).toMatchObject([{ code: "counted_as_settled" }]);
      // Nothing is asked beyond what the perpetual takes.
      expect(initialMargin).toBe(marginOf(rows, "late").initialMargin);
      expect(rows.get(accountId)?.severity).toBe("NORMAL");
    }
  });

  it("plimsoll explain recomputes the result and says what it counts as settled", async () => {
    const { code, out, err } = await runPlimsoll(".", ["explain", "seller", "--tables", "Market,Margin,Ledger"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("Note on portfolio: CALL has expired: -2 at 70508.33");
  });

  it("what the exchange states is taken instead, and stays", async () => {
    const atMs = openMs + 60 * minuteMs;
    const rows = await sweepAt(atMs, [...btcQuotes(index), average(stated)]);
    expect(Number(marginOf(rows, "holder").equity)).toBe(equityWith(30_000 + stated - 70_000));
    const next = await sweepAt(atMs + minuteMs, btcQuotes(index));
    expect(marginOf(next, "holder").equity).toBe(marginOf(rows, "holder").equity);
  });

  it("late fills and funding are taken, and settlements change no figure (seen to fail: refused, a gap for ever)", async () => {
    const before = await sweepAt(openMs + 62 * minuteMs, btcQuotes(index));
    await ingest(
      settlement("seller", 2, "CALL", stated),
      settlement("seller", 2, "CALL", stated),
      // Out of order: the settlement waits for the late fill before it.
      settlement("late", 3, "FUT", stated),
      fill("late", 2, "FUT", "-1", "70400"),
      event("transfer", "late", 4, { asset: "USD", amount: "1" }),
      // A fill on what was settled already opens it again, until it is settled once more.
      settlement("holder", 2, "FUT", stated),
      fill("holder", 3, "FUT", "2", "70500"),
      event("funding", "delisted", 2, { instrument_id: "DELISTED", funding_index: "15" }),
    );
    expect(await stage.drain("Rejects")).toEqual([]);
    for (const accountId of ["seller", "late", "holder", "delisted"]) {
      expect(await waiting(accountId), accountId).toEqual(nothing);
    }
    expect(await held("seller")).toMatchObject({
      ledgerSequence: 2,
      collateral: [{ asset: "USD", amount: "28975.5" }],
      positions: [{ instrumentId: "BTC_USD-PERPETUAL" }],
    });
    expect(await held("late")).toMatchObject({
      ledgerSequence: 4,
      collateral: [{ asset: "USD", amount: "29888.75" }],
      positions: [{ instrumentId: "BTC_USD-PERPETUAL" }],
    });
    expect(await held("delisted")).toMatchObject({
      collateral: [{ asset: "USD", amount: "29995" }],
      positions: [{ fundingIndex: "15" }],
    });
    const after = await sweepAt(openMs + 63 * minuteMs, btcQuotes(index));
    const { notes: _, ledgerSequence: __, snapshotId: ___, ...settled } = marginOf(before, "seller");
    expect(marginOf(after, "seller")).toMatchObject(settled);
    expect(Number(marginOf(after, "holder").equity)).toBe(equityWith(30_000 + stated - 70_000 + 2 * (stated - 70_500)));
    await ingest(settlement("holder", 4, "FUT", stated));
    expect(await held("holder")).toMatchObject({ positions: [{ instrumentId: "BTC_USD-PERPETUAL" }] });
  });

  it("what is settled later than seven days after is refused by name, and account_state mends the account", async () => {
    const early = await sweepAt(expiryMs + weekMs, btcQuotes(index));
    expect(Number(marginOf(early, "slow").equity)).toBe(equityWith(30_000 + stated - 70_000));
    const rows = await sweepAt(expiryMs + weekMs + minuteMs, btcQuotes(index));
    expect(marginOf(rows, "slow").incomplete).toMatchObject({ reasons: [{ value: "FUT", assumed: "nothing_known" }] });
    await ingest(
      settlement("slow", 2, "FUT", stated),
      event("transfer", "slow", 3, { asset: "USD", amount: "5" }),
      // What is not held needs nothing to be known of it.
      settlement("seller", 3, "CALL", stated),
    );
    const [reject] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(reject?.refusals).toMatchObject([{ path: "instrument_id", value: "FUT" }]);
    expect(reject?.refusals[0]?.problem).toContain("account_state that includes the settlement");
    expect(reject?.refusals[0]?.problem).toContain("known for 7 days after it has expired or was last quoted");
    expect(await held("seller")).toMatchObject({ ledgerSequence: 3 });
    expect((await waiting("slow")).events).toMatchObject([{ ledgerSequence: 3 }]);
    const Records = [queueRecord(JSON.stringify({ schema_version: 1, account_id: "slow" }), "check")];
    await functions.onGap({ Records }, lambdaContext("RequestAccountStatesOnGap"));
    const [request] = (await stage.drain("StateRequests")).map((message) => accountStateRequest.parse(message));
    expect(request).toMatchObject({ account_id: "slow", message: expect.stringContaining("FUT") });
    await ingest(accountState("slow", String(30_000 + stated - 70_000), [perpetual], 2));
    expect(await waiting("slow")).toEqual(nothing);
    expect(await held("slow")).toMatchObject({
      ledgerSequence: 3,
      collateral: [{ asset: "USD", amount: "30517.25" }],
      positions: [{ instrumentId: "BTC_USD-PERPETUAL" }],
    });
  });
});
