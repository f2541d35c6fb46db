import { randomBytes } from "node:crypto";
import { quoteBatchAnswer, rejectedInput } from "@plimsoll/schema";
import { findAnchor, findNewestSnapshot, getSnapshot, loadQuotes, saveAnchor, saveIndexQuote } from "@plimsoll/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage } from "../support/stage.ts";
import { btcQuotes, indexQuote, iso, openMs, quoteBatchOf, quoteRequest, tick } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
});
afterAll(() => stage.stop());

async function post(body: unknown, atMs = openMs) {
  const answer = await functions.ingestPrices(quoteRequest(body, atMs), lambdaContext("IngestPrices"));
  return { status: answer.statusCode, ...quoteBatchAnswer.parse(JSON.parse(answer.body ?? "null")) };
}

async function heldPrice(underlying: string, source = "venue") {
  const { quotes } = await loadQuotes(stage.table("Market"));
  const index = quotes.find((quote) => quote.underlying === underlying)?.index;
  return index?.find((quote) => quote.source === source)?.indexPrice;
}

const option = btcQuotes(70_000).find((quote) => quote.instrument_id === "BTC-30D-70000-C") ?? {};

/** A price from 0 to 1 whose digits do not compress. */
function digits(): string {
  return `0.${String(randomBytes(6).readUIntBE(0, 6)).padStart(15, "1")}`;
}

describe("POST /v1/quotes", () => {
  beforeEach(() => stage.drain("Rejects"));

  it("refuses a body that is no batch, says why, and keeps it", async () => {
    expect(await post("{not json")).toMatchObject({ status: 400, rejected: [{ path: "$", value: "{not json" }] });
    expect(await post({ source: "Venue!", observed_at: "yesterday", quotes: [] })).toMatchObject({
      status: 400,
      rejected: [{ path: "source", value: "Venue!" }, { path: "observed_at", value: "yesterday" }, { path: "quotes" }],
    });
    const kept = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept.map(({ body }) => body)).toEqual(["{not json", expect.stringContaining("Venue!")]);
  });

  it.each([
    ["NaN", { ...option, strike: "NaN" }, "strike", "NaN"],
    ["an infinity", { ...option, forward_price: "Infinity" }, "forward_price", "Infinity"],
    ["a number instead of a decimal", { ...option, mark_price: 0.1 }, "mark_price", "0.1"],
    ["a negative price", { ...option, mark_price: "-0.1" }, "mark_price", "-0.1"],
    ["a strike of zero", { ...option, strike: "0" }, "strike", "0"],
    ["an absurd volatility", { ...option, mark_volatility: "11" }, "mark_volatility", "11"],
    ["ten thousand digits", { ...option, strike: "7".repeat(10_000) }, "strike", `${"7".repeat(200)}…`],
    ["a field we do not know", { ...option, rho: "1" }, "rho", "1"],
    ["an unknown kind", { ...option, kind: "warrant" }, "kind", "warrant"],
    ["an expired option", { ...option, instrument_id: "OLD", expiry: iso(openMs) }, "expiry", iso(openMs)],
    ["an underlying without index", { ...option, underlying: "XYZ" }, "underlying", "XYZ"],
  ])("refuses %s alone, by its path, and takes the rest", async (_, bad, field, value) => {
    const answer = await post(quoteBatchOf([indexQuote("BTC", 70_000), option, bad], openMs));
    expect(answer).toMatchObject({ status: 200, accepted: 2, rejected: [{ path: `quotes[2].${field}`, value }] });
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept).toMatchObject({ origin: "quotes", reference: "venue", refusals: answer.rejected });
  });

  it("refuses the second of two quotes of one instrument or index", async () => {
    const twice = [indexQuote("BTC", 70_000), option, option, indexQuote("BTC", 71_000)];
    expect(await post(quoteBatchOf(twice, openMs))).toMatchObject({
      accepted: 2,
      rejected: [{ path: "quotes[3].underlying" }, { path: "quotes[2].instrument_id" }],
    });
    expect(await heldPrice("BTC")).toBe(70_000);
  });

  const optionsOn = (underlying: string, count: number, name: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => ({ ...option, underlying, instrument_id: name(index) }));

  it("refuses a market of more instruments than a snapshot takes as a whole, keeps why, and takes the others", async () => {
    const crowd = [indexQuote("ADA", 1), ...optionsOn("ADA", 5_001, (index) => `ADA-${index}`)];
    const answer = await post(quoteBatchOf([...crowd, indexQuote("BTC", 70_000), option], openMs));
    const refusal = { path: "quotes", value: "5001 marks of ADA", problem: "at most 5000 instruments" };
    expect(answer).toMatchObject({ status: 200, accepted: 3, rejected: [refusal] });
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept?.refusals).toEqual([refusal]);
    const { quotes } = await loadQuotes(stage.table("Market"));
    expect(quotes.find(({ underlying }) => underlying === "ADA")).toMatchObject({ index: [{}], marks: [] });
  });

  it("refuses marks that no item holds, and says how large they are", async () => {
    const random = (index: number) => `${index}-${randomBytes(42).toString("base64url")}`;
    const priced = optionsOn("DOT", 5_000, random).map((quote) => ({
      ...quote,
      ...Object.fromEntries(
        ["strike", "contract_size", "forward_price", "mark_price", "mark_volatility"].map((field) => [field, digits()]),
      ),
    }));
    const answer = await post(quoteBatchOf([indexQuote("DOT", 7), ...priced], openMs));
    expect(answer).toMatchObject({ accepted: 1, rejected: [{ path: "quotes", value: "5000 marks of DOT" }] });
    expect(answer.rejected[0]?.problem).toMatch(/^marks of at most 390000 bytes packed; these are \d{6}$/);
  });

  it("refuses a batch of a million quotes whole, and names the limit", async () => {
    const million = `{"source":"venue","observed_at":"${iso(openMs)}","quotes":[${Array(1_000_000).fill("0")}]}`;
    expect(await post(million)).toMatchObject({ status: 400, accepted: 0, rejected: [{ path: "quotes" }] });
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept?.refusals[0]?.problem).toMatch(/<=5100 items/);
  });

  it("refuses what was observed in the future", async () => {
    const answer = await post(quoteBatchOf([indexQuote("SOL", 200)], openMs + 60_001));
    expect(answer).toMatchObject({ status: 400, accepted: 0, rejected: [{ path: "observed_at" }] });
    expect(await heldPrice("SOL")).toBeUndefined();
  });

  it("refuses a price that is too old to be one, and asks for nothing: no market, no anchor, no sweep", async () => {
    const january = openMs - 20 * 86_400_000;
    const late = await post(quoteBatchOf([indexQuote("XRP", 2), option], january, "newcomer"), openMs);
    expect(late).toMatchObject({ status: 400, accepted: 0, rejected: [{ path: "observed_at", value: iso(january) }] });
    expect(late.rejected[0]?.problem).toMatch(/^at most 60 s before the request, .*: .*send the newest$/);
    const minute = await post(quoteBatchOf([indexQuote("XRP", 2)], openMs - 60_001), openMs);
    expect(minute).toMatchObject({ status: 400, rejected: [{ path: "observed_at" }], sweep_requested_for: [] });
    const { quotes } = await loadQuotes(stage.table("Market"));
    expect(quotes.map(({ underlying }) => underlying)).not.toContain("XRP");
    const kept = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept.map(({ reference }) => reference)).toEqual(["newcomer", "venue"]);
    expect(await post(quoteBatchOf([indexQuote("XRP", 2)], openMs - 60_000))).toMatchObject({ accepted: 1 });
  });

  it("keeps tokens that were read some minutes ago, beside prices that are too old", async () => {
    const rate = { kind: "redemption_rate", token: "RETH", rate: "1.1" };
    const observed = openMs - 14 * 60_000;
    const answer = await post(quoteBatchOf([rate, indexQuote("RETH", 2), option], observed), openMs);
    expect(answer).toMatchObject({ status: 200, accepted: 1, rejected: [{ path: "observed_at" }] });
    const ancient = await post(quoteBatchOf([rate], openMs - 16 * 60_000), openMs);
    expect(ancient).toMatchObject({ status: 400, accepted: 0, rejected: [{ path: "observed_at" }] });
  });

  it("says by its status that nothing was kept", async () => {
    const bad = { ...indexQuote("BTC", 1), index_price: "-1" };
    expect(await post(quoteBatchOf([bad, bad], openMs))).toMatchObject({ status: 422, accepted: 0 });
    await post(quoteBatchOf([indexQuote("ATOM", 5)], openMs));
    const late = await post(quoteBatchOf([indexQuote("ATOM", 4)], openMs - 1));
    expect(late).toMatchObject({ status: 422, accepted: 0, rejected: [{ path: "quotes[0]" }] });
  });

  it.each([
    ["U+FFFF", "\uffff"],
    ["U+FFFE", "\ufffe"],
    ["half of a pair", "\ud800"],
    ["a zero", "\u0000"],
    ["a control character", "\u001f"],
    ["a character beyond the basic plane, cut in half", `${"x".repeat(199)}😀`],
  ])("keeps and tells what it refuses for %s, and the good quotes with it", async (_, odd) => {
    const bad = { ...option, strike: odd, [odd]: 1 };
    const answer = await post(quoteBatchOf([indexQuote("BTC", 70_000), bad], openMs));
    expect(answer).toMatchObject({ status: 200, accepted: 1, rejected: [{ path: "quotes[1].strike" }, {}] });
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept?.refusals).toEqual(answer.rejected);
    const whole = await post(`{"source":"${odd === "\u0000" ? "\\u0000" : odd}`);
    expect(whole).toMatchObject({ status: 400, rejected: [{ path: "$" }] });
    expect(await stage.drain("Rejects")).toHaveLength(1);
  });

  it("shows no more of what it refuses than tells it apart: path, value, source and time", async () => {
    const long = "k".repeat(300_000);
    const name = `quotes[1].${long}`.slice(0, 200);
    const answer = await post(quoteBatchOf([indexQuote("BTC", 70_000), { ...option, [long]: long }], openMs));
    expect(answer.rejected).toMatchObject([{ path: `${name}…`, value: `${long.slice(0, 200)}…` }]);
    const source = await post({
      source: long,
      observed_at: `2026-02-05T12:00:00.${"0".repeat(300_000)}Z`,
      quotes: [1],
    });
    expect(source).toMatchObject({ status: 400, rejected: [{ path: "source" }, { path: "observed_at" }] });
    const nested = await post({ ...quoteBatchOf([1], openMs), [long]: { [long]: long } });
    for (const each of [answer, source, nested]) expect(JSON.stringify(each).length).toBeLessThan(2_000);
    const keys = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, index]));
    const many = await post(quoteBatchOf([{ ...option, ...keys }], openMs));
    expect(many.rejected).toHaveLength(21);
    expect(many.rejected.at(-1)).toMatchObject({ path: "quotes[0]", value: "49980 more problems" });
    expect(await stage.drain("Rejects")).toHaveLength(4);
  });

  it("answers within what a function may answer, also when it refuses all it can", async () => {
    const awful = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, '""""']));
    const body = JSON.stringify(quoteBatchOf(Array(5_000).fill({ kind: "index", ...awful }), openMs));
    expect(body.length).toBeLessThan(6 * 1_024 * 1_024);
    const request = quoteRequest(body, openMs);
    const answer = await functions.ingestPrices(request, lambdaContext("IngestPrices"));
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6 * 1_024 * 1_024);
    expect(quoteBatchAnswer.parse(JSON.parse(answer.body ?? "")).rejected.at(-1)?.value).toMatch(/more refusals$/);
    await stage.drain("Rejects");
  });

  it("never lets an older quote replace a newer one (I1; seen to fail without the condition of putNewer)", async () => {
    await post(quoteBatchOf([indexQuote("ETH", 3_000)], openMs));
    const late = await post(quoteBatchOf([indexQuote("ETH", 1_000)], openMs - 1));
    expect(late).toMatchObject({ accepted: 0, rejected: [{ path: "quotes[0]", value: iso(openMs - 1) }] });
    expect(await heldPrice("ETH")).toBe(3_000);
    expect(await post(quoteBatchOf([indexQuote("ETH", 3_000)], openMs))).toMatchObject({ accepted: 1, rejected: [] });
  });

  it("keeps a source's marks until newer ones come, whatever its index does", async () => {
    await post(quoteBatchOf(btcQuotes(70_000), openMs + 1_000), openMs + 1_000);
    await post(quoteBatchOf([indexQuote("BTC", 70_100)], openMs + 2_000), openMs + 2_000);
    const { quotes } = await loadQuotes(stage.table("Market"));
    const [marks] = quotes.find(({ underlying }) => underlying === "BTC")?.marks ?? [];
    expect(marks).toMatchObject({ observedAtMs: openMs + 1_000, indexPrice: 70_000 });
    expect(marks?.instruments).toHaveLength(btcQuotes(1).length - 1);
  });

  it("asks for one sweep when a burst of quotes leaves the anchor, and not before the first sweep", async () => {
    expect(await stage.count("SweepRequests")).toBe(0);
    await post(quoteBatchOf([indexQuote("BTC", 70_000)], openMs + 10_000), openMs + 10_000);
    await functions.onSchedule(tick(openMs + 10_000), lambdaContext("StartSweepOnSchedule"));
    expect(await findAnchor(stage.table("Market"), "BTC")).toMatchObject({ indexPrice: "70000" });
    const small = await post(quoteBatchOf([indexQuote("BTC", 70_349)], openMs + 11_000), openMs + 11_000);
    expect(small.sweep_requested_for).toEqual([]);
    const sources = ["one", "two", "three"];
    const burst = await Promise.all(
      sources.map((source) =>
        post(quoteBatchOf([indexQuote("BTC", 71_000)], openMs + 12_000, source), openMs + 12_000),
      ),
    );
    // Each asks before it moves the anchor; of what they ask for one sweep is made.
    const asked = burst.flatMap((answer) => answer.sweep_requested_for);
    expect(asked).toContain("BTC");
    const sweeps = async () => (await stage.scan("Margin")).filter(({ pk }) => pk === "SWEEP").length;
    const before = await sweeps();
    expect(await stage.consume("SweepRequests", functions.onRequest)).toBe(asked.length);
    expect(await sweeps()).toBe(before + 1);
    const after = await post(quoteBatchOf([indexQuote("BTC", 71_001)], openMs + 13_000), openMs + 13_000);
    expect(after.sweep_requested_for).toEqual([]);
  });

  it("asks for one sweep for all markets of a batch, after the last of them is kept", async () => {
    const before = [indexQuote("BTC", 70_000), indexQuote("ETH", 2_000)];
    const atMs = openMs + 120_000;
    await post(quoteBatchOf(before, atMs), atMs);
    await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
    await stage.drain("SweepRequests");
    const fallen = [indexQuote("BTC", 60_000), indexQuote("ETH", 1_700)];
    const answer = await post(quoteBatchOf(fallen, atMs + 1_000), atMs + 1_000);
    expect(answer.sweep_requested_for).toEqual(["BTC", "ETH"]);
    expect(await stage.drain("SweepRequests")).toEqual([
      { schema_version: 1, underlyings: ["BTC", "ETH"], requested_at: iso(atMs + 1_000) },
    ]);
  });

  // Seen to fail where the move was looked for whatever became of the quote: the sweep of a price that was kept before.
  it("asks for no sweep and moves no anchor by a quote that comes late (I1)", async () => {
    const atMs = openMs + 125_000;
    const market = stage.table("Market");
    const anchor = { indexPrice: "2000", asOfMs: atMs };
    await saveAnchor(market, "ADA", anchor, Date.now());
    // The price that has left the anchor is kept; whoever asked for its sweep lost the request.
    const receipt = { receivedAtMs: atMs, nowMs: Date.now() };
    await saveIndexQuote(market, "ADA", { source: "venue", observedAtMs: atMs, indexPrice: "1500" }, receipt);
    const late = await post(quoteBatchOf([indexQuote("ADA", 1_400)], atMs - 1), atMs);
    expect(late).toMatchObject({ accepted: 0, rejected: [{ path: "quotes[0]" }], sweep_requested_for: [] });
    expect(await findAnchor(market, "ADA")).toEqual(anchor);
    // A repeat of what is held asks again: its first request may have been lost.
    const repeated = await post(quoteBatchOf([indexQuote("ADA", 1_500)], atMs), atMs);
    expect(repeated).toMatchObject({ accepted: 1, sweep_requested_for: ["ADA"] });
    await stage.drain("SweepRequests");
  });

  it("keeps what a source reads of tokens, which need no index, and the sweep pins it with its snapshot", async () => {
    const atMs = openMs + 130_000;
    const rate = { kind: "redemption_rate", token: "WSTETH", rate: "1.2237" };
    const reserves = [
      { asset: "ETH", amount: "1000.5" },
      { asset: "USDC", amount: "2000000" },
    ];
    const pool = { kind: "pool_reserves", token: "ETHUSDCLP", reserves, total_supply: "40000" };
    const answer = await post(quoteBatchOf([rate, pool, rate, indexQuote("ETH", 2_000)], atMs, "chain"), atMs);
    expect(answer).toMatchObject({ accepted: 3, rejected: [{ path: "quotes[2].token", value: "WSTETH" }] });
    const late = await post(quoteBatchOf([{ ...rate, rate: "9" }], atMs - 1, "chain"), atMs);
    expect(late).toMatchObject({ accepted: 0, rejected: [{ path: "quotes[0]" }] });
    await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
    const head = await findNewestSnapshot(stage.table("Market"));
    const { tokens } = await getSnapshot(stage.table("Market"), head?.snapshotId ?? "none");
    expect(tokens).toEqual([
      {
        kind: "pool_token",
        asset: "ETHUSDCLP",
        reserves: [
          { asset: "ETH", amount: 1000.5 },
          { asset: "USDC", amount: 2_000_000 },
        ],
        totalSupply: 40_000,
      },
      { kind: "redeemable", asset: "WSTETH", rate: 1.2237 },
    ]);
  });

  it("keeps that a stablecoin is taken at par, and the sweep pins it until a price comes, and no longer", async () => {
    const atMs = openMs + 132_000;
    const stateAt = async (timeMs: number, quote: Record<string, unknown>, source: string) => {
      expect(await post(quoteBatchOf([quote], timeMs, source), timeMs)).toMatchObject({ status: 200, accepted: 1 });
      await functions.onSchedule(tick(timeMs), lambdaContext("StartSweepOnSchedule"));
      const head = await findNewestSnapshot(stage.table("Market"));
      const snapshot = await getSnapshot(stage.table("Market"), head?.snapshotId ?? "none");
      expect(snapshot.asOfMs).toBe(timeMs);
      return snapshot.underlyings.find(({ underlying }) => underlying === "USDT");
    };
    const par = { ...indexQuote("USDT", 1), at_par: "USDT" };
    expect(await stateAt(atMs, par, "venue")).toMatchObject({ indexPrice: 1, quality: "widened", atPar: "USDT" });
    const priced = await stateAt(atMs + 1_000, indexQuote("USDT", 0.7), "other");
    expect(priced).toMatchObject({ indexPrice: 0.7, quality: "good" });
    expect(priced).not.toHaveProperty("atPar");
    // The same source that had a price now has none.
    expect(await stateAt(atMs + 2_000, par, "other")).toMatchObject({ indexPrice: 0.7, quality: "blocked" });
    expect(await stateAt(atMs + 3_000, indexQuote("USDT", 0.7), "other")).toMatchObject({ quality: "good" });
  });

  it("keeps funding, perpetual options and averages of settlement windows, and the sweep pins them", async () => {
    const atMs = openMs + 140_000;
    const expiry = iso(atMs + 12 * 60_000);
    const base = { underlying: "SOL", settlement: "linear", quote_currency: "USD", contract_size: "1" };
    const prices = { forward_price: "150", mark_price: "4" };
    const perpetual = { kind: "perpetual_option", option_type: "call", strike: "155", funding_style: "discrete" };
    const dated = { kind: "option", option_type: "put", strike: "140", expiry, settlement_window_minutes: 30 };
    const average = { kind: "settlement_average", underlying: "SOL", expiry, average_price: "149.5" };
    const quotes = [
      indexQuote("SOL", 150),
      {
        ...base,
        ...prices,
        ...perpetual,
        instrument_id: "SOL-E",
        funding_period_days: 1,
        mark_volatility: "0.9",
        cumulative_funding: "2.5",
      },
      { ...base, ...prices, ...dated, instrument_id: "SOL-P", mark_volatility: "0.9" },
      average,
      average,
      // Of an expiry that is over it is the price that this one settles at, for as long as anything is known of it.
      { ...average, expiry: iso(atMs) },
      { ...average, expiry: iso(atMs - 7 * 86_400_000 - 1_000) },
      { ...base, ...prices, ...dated, instrument_id: "SOL-O", mark_volatility: "0.9", expiry: iso(atMs) },
    ];
    expect(await post(quoteBatchOf(quotes, atMs), atMs)).toMatchObject({
      accepted: 5,
      rejected: [
        { path: "quotes[4].expiry", problem: "each expiry's average once" },
        { path: "quotes[6].expiry", problem: expect.stringContaining("less than 7 days before") },
        { path: "quotes[7].expiry", problem: expect.stringContaining("when the quote was observed") },
      ],
    });
    await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
    const head = await findNewestSnapshot(stage.table("Market"));
    const { instruments, settlementAverages } = await getSnapshot(stage.table("Market"), head?.snapshotId ?? "none");
    const everlasting = instruments.find(({ instrument }) => instrument.instrumentId === "SOL-E");
    expect(everlasting).toMatchObject({
      instrument: { kind: "perpetual_option", fundingStyle: "discrete", fundingPeriodDays: 1 },
      funding: { hourlyRate: null, cumulative: 2.5 },
    });
    expect(settlementAverages).toEqual([{ underlying: "SOL", expiryMs: Date.parse(expiry), averagePrice: 149.5 }]);
  });
});
