import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importMarketFile, plainTerms, sampleAccounts, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import type { Quote } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import type { MarginReport } from "../../packages/cli/src/margin/margin-report.ts";
import { moveBatch } from "../../packages/cli/src/start/market-motion.ts";
import { caseReport } from "../support/case-report.ts";
import { runPlimsoll } from "../support/cli.ts";
import { fixturePath } from "../support/fixtures.ts";

const directory = mkdtempSync(join(tmpdir(), "plimsoll-stablecoins-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(value: unknown, extension = "json"): string {
  files += 1;
  const path = join(directory, `${files}.${extension}`);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

const book = fixturePath("cases/usdc-only/book.json");
const portfolio = fixturePath("cases/usdc-only/p.json");
const chain = fixturePath("chains/deribit-crash-20260205T155132Z.csv.gz");
const atMs = Date.UTC(2026, 1, 5, 15);

/** One perpetual of a book summary, whose index is in the currency that its name says. */
function perpetual(pair: string, index: number, more: object = {}) {
  return {
    instrument_name: `${pair}-PERPETUAL`,
    creation_timestamp: atMs,
    mark_price: index,
    estimated_delivery_price: index,
    ...more,
  };
}

function indexQuotes(path: string): Record<string, Omit<Extract<Quote, { kind: "index" }>, "kind" | "underlying">> {
  const { quotes } = importMarketFile(path).batch;
  return Object.fromEntries(
    quotes.flatMap((quote) => {
      if (quote.kind !== "index") return [];
      const { kind: _, underlying, ...price } = quote;
      return [[underlying, price] as const];
    }),
  );
}

async function marginOf(held: string, market: string, ...words: string[]): Promise<MarginReport> {
  const { out, err } = await runPlimsoll(directory, ["margin", held, "--market", market, "--json", ...words]);
  expect(err).not.toContain("plimsoll:");
  return JSON.parse(out);
}

/** The figures of a report that no words or ids are among. */
function figuresOf({ methods, collateral }: MarginReport) {
  const [method] = methods;
  if (method?.status !== "margined") throw new Error(`not margined: ${JSON.stringify(method)}`);
  const { equity, margin_balance, initial_margin_balance, initial_margin, maintenance_margin, severity } = method;
  const counted = collateral.map((row) => [row.asset, row.price_usd, row.counted_initial, row.counted_maintenance]);
  return { equity, margin_balance, initial_margin_balance, initial_margin, maintenance_margin, severity, counted };
}

/** The book as an exchange posts it that knows what USDC costs, and so what each coin costs in dollars. */
function postedBook(usdc: number): string {
  const { batch } = importMarketFile(book);
  const quotes = batch.quotes.map((quote) => {
    if (quote.kind !== "index") return quote;
    const price = Number(quote.index_price) * usdc;
    return { kind: "index", underlying: quote.underlying, index_price: String(Number(price.toPrecision(12))) };
  });
  return file({ ...batch, quotes });
}

describe("a book of instruments that settle in USDC only", () => {
  it("is margined with USDC at par, to the figures of a market that quotes it at 1", async () => {
    const report = await marginOf(portfolio, book);
    const [method] = report.methods;
    expect(method).toMatchObject({ status: "margined" });
    expect(method).not.toHaveProperty("incomplete");
    expect(figuresOf(report)).toEqual(figuresOf(await marginOf(portfolio, postedBook(1))));
    // 100,000 less a band of 0.1 %; premium taken in: -10,000 x 0.93 - 20,000 x 0.4 + 10 x 41 + 5,000 x (3.2411 - 3.1).
    expect(figuresOf(report).equity).toBe("83815.50");
  });

  it("says so wherever a figure rests on it: prices, collateral, and a note", async () => {
    const report = await marginOf(portfolio, book);
    const states = new Map(report.market.underlyings.map((state) => [state.underlying, state]));
    expect(states.get("USDC")).toMatchObject({
      index_price: "1",
      quality: "widened",
      quality_reason: "at par, for no source prices it",
    });
    expect(states.get("XRP")).toMatchObject({
      index_price: "3.24",
      quality: "widened",
      quality_reason: "in USDC at par",
    });
    expect(report.collateral).toMatchObject([
      { asset: "USDC", quality: "widened", reasons: ["own_losses", "at_par", "band"] },
    ]);
    const [method] = report.methods;
    expect(method?.status === "margined" && method.notes).toEqual([
      {
        code: "at_par",
        text: "USDC is taken at par, 1 US dollar, for no source prices it; should it be worth less, so is all that is held in it",
      },
    ]);
    const { out, code } = await runPlimsoll(directory, ["margin", portfolio, "--market", book]);
    expect(code).toBe(0);
    expect(out).toContain("USDC 1 widened: at par, for no source prices it");
    expect(out).toContain("at par, not priced, haircut by size");
    expect(out).toContain("USDC is taken at par");
  });

  it("is margined by every method, or refused by it for another reason", async () => {
    const report = await caseReport("usdc-only", "p", "book");
    for (const method of report.methods) {
      const gap = method.status === "margined" ? method.incomplete?.reasons[0]?.code : method.code;
      expect(gap, method.method_id).not.toBe("currency_not_priced");
    }
  });

  it("takes the price that --price states, for USDC and for what is priced in it", async () => {
    const at97 = await marginOf(portfolio, book, "--price", "USDC=0.97");
    expect(figuresOf(at97)).toEqual(figuresOf(await marginOf(portfolio, postedBook(0.97))));
    const states = new Map(at97.market.underlyings.map((state) => [state.underlying, state]));
    expect(states.get("USDC")).toMatchObject({ index_price: "0.97", quality: "good", quality_reason: null });
    expect(states.get("XRP")).toMatchObject({ index_price: "3.1428", quality: "good" });
    const [method] = at97.methods;
    expect(method).not.toHaveProperty("notes");
  });

  it("imports with par marked in the batch, and says it", async () => {
    const { out, err } = await runPlimsoll(directory, ["import", book]);
    expect(JSON.parse(out).quotes.slice(0, 7)).toEqual(
      [
        ["BTC", "100140"],
        ["BTCDVOL", "55.9"],
        ["MATIC", "0.469"],
        ["PAXG", "2710"],
        ["SOL", "214.2"],
        ["USDC", "1"],
        ["XRP", "3.24"],
      ].map(([underlying, index_price]) => ({ kind: "index", underlying, index_price, at_par: "USDC" })),
    );
    expect(err).toContain(
      "USDC is taken at par, for the market does not price it: state its price with --price USDC=0.999",
    );
    // A batch that was written reads back as it is.
    expect(indexQuotes(file(out)).USDC).toEqual({ index_price: "1", at_par: "USDC" });
  });

  it("gives the stage accounts that settle in it", () => {
    const { batch } = importMarketFile(book);
    const accounts = sampleAccounts(snapshotOfBatch(batch), defaultParameters, { count: 40, positions: null, seed: 1 });
    const held = accounts.flatMap(({ positions }) => positions.map(({ instrumentId }) => instrumentId));
    expect(held.length).toBeGreaterThan(40);
    expect(held.every((id) => id.includes("_USDC-"))).toBe(true);
    expect(new Set(accounts.map(({ poolCurrency }) => poolCurrency))).toEqual(new Set(["USD", "USDC"]));
    // About as large as on a market of coins: no book of a few dollars, none of billions.
    for (const { collateral } of accounts) {
      for (const { amount } of collateral) expect(amount).toBeLessThan(1e9);
    }
  });

  it("a shock of USDC is a price, and no par any more", () => {
    const { batch } = importMarketFile(book);
    const moved = moveBatch(batch, new Map([["USDC", 0.9]]), Date.parse(batch.observed_at));
    expect(moved.quotes.find((quote) => quote.kind === "index" && quote.underlying === "USDC")).toEqual({
      kind: "index",
      underlying: "USDC",
      index_price: "0.9",
    });
  });
});

describe("what a coin costs in US dollars", () => {
  const of = (...rows: object[]) => indexQuotes(file({ result: rows }));

  it("a depeg that the indices show is never hidden by par, and carries to what is priced in the coin", () => {
    const prices = of(perpetual("XRP_USDC", 2), perpetual("BTC", 90_000), perpetual("BTC_USDC", 100_000));
    expect(prices).toEqual({
      BTC: { index_price: "90000" },
      USDC: { index_price: "0.9" },
      XRP: { index_price: "1.8" },
    });
  });

  it("of two stablecoins that nothing else prices, the dearer is at par and the other below it", () => {
    const prices = of(perpetual("BTC_USDC", 100_000), perpetual("BTC_USDT", 125_000), perpetual("SOL_USDT", 200));
    expect(prices).toEqual({
      BTC: { index_price: "100000", at_par: "USDC" },
      SOL: { index_price: "160", at_par: "USDC" },
      USDC: { index_price: "1", at_par: "USDC" },
      USDT: { index_price: "0.8", at_par: "USDC" },
    });
  });

  it("goes on through several coins, in whichever order the rows come", () => {
    const rows = [
      perpetual("SOL_USDT", 200),
      perpetual("ETH_USDT", 2_000),
      perpetual("ETH_USDC", 1_980),
      perpetual("BTC_USDC", 101_000),
      perpetual("BTC", 100_000),
    ];
    const expected = {
      BTC: { index_price: "100000" },
      ETH: { index_price: "1960.39602" },
      SOL: { index_price: "196.0396" },
      USDC: { index_price: "0.990099" },
      USDT: { index_price: "0.980198" },
    };
    for (const order of [rows, rows.toReversed()]) {
      const prices = of(...order);
      expect(Object.keys(prices)).toEqual(Object.keys(expected));
      for (const [coin, { index_price }] of Object.entries(expected)) {
        expect(Number(prices[coin]?.index_price), coin).toBeCloseTo(Number(index_price), 4);
        expect(prices[coin]).not.toHaveProperty("at_par");
      }
    }
  });

  it("a stablecoin of another currency is not a dollar: refused with the remedy, or taken at its stated price", async () => {
    const rows = [perpetual("BTC", 100_000), perpetual("XRP_EURR", 3)];
    const { batch, rejects } = importMarketFile(file({ result: rows }));
    expect(batch.quotes.some((quote) => JSON.stringify(quote).includes("XRP"))).toBe(false);
    expect(rejects.list).toMatchObject([
      { path: "$.result[1]", value: '"XRP_EURR-PERPETUAL"', problem: expect.stringContaining("--price EURR=") },
    ]);
    const only = file({ result: [rows[1]] });
    expect(() => importMarketFile(only)).toThrow(/--price EURR=/);
    const { out } = await runPlimsoll(directory, ["import", only, "--price", "EURR=1.08"]);
    expect(JSON.parse(out).quotes.slice(0, 2)).toEqual([
      { kind: "index", underlying: "EURR", index_price: "1.08" },
      { kind: "index", underlying: "XRP", index_price: "3.24" },
    ]);
    const priced = of(perpetual("BTC", 100_000), perpetual("BTC_EURR", 92_592.59), perpetual("XRP_EURR", 3));
    expect(Number(priced.XRP?.index_price)).toBeCloseTo(3.24, 5);
  });

  it("is a number above zero at any size: one coin in 1e-12 of another, and one in 1e12", () => {
    const prices = of(perpetual("PEPE_USDC", 3.1e-12), perpetual("BIG_USDC", 3.1e12), perpetual("BTC_USDC", 100_000));
    expect(prices.PEPE).toEqual({ index_price: "0.0000000000031", at_par: "USDC" });
    expect(prices.BIG).toEqual({ index_price: "3100000000000", at_par: "USDC" });
    const beyond = importMarketFile(
      file({ result: [perpetual("BTC", 1e-30), perpetual("BTC_PEPE", 1e17), perpetual("A_PEPE", 1)] }),
    );
    expect(beyond.rejects.list).toMatchObject([{ value: '"A_PEPE-PERPETUAL"' }]);
    const tiny = of(perpetual("BTC", 100_000), perpetual("BTC_PEPE", 3.2e16));
    expect(Number(tiny.PEPE?.index_price)).toBeCloseTo(3.125e-12, 16);
  });
});

describe("--price", () => {
  const holding = (asset: string, amount = "1000") =>
    file({ account_id: "a", pool_currency: "USD", collateral: [{ asset, amount }], positions: [] });

  it("a recorded chain prices USDT and other stable collateral: at par and said, or as stated", async () => {
    for (const [asset, counted] of [
      ["USDT", "999.00"],
      ["USDC", "999.00"],
      ["DAI", "925.00"],
    ] as const) {
      const report = await marginOf(holding(asset), chain);
      expect(report.collateral, asset).toMatchObject([
        { price_usd: "1", quality: "widened", counted_maintenance: counted, reasons: ["at_par", "band"] },
      ]);
    }
    const stated = await marginOf(holding("USDT"), chain, "--price", "USDT=0.97");
    expect(stated.collateral).toMatchObject([{ price_usd: "0.97", quality: "good" }]);
    expect(Number(stated.collateral[0]?.counted_maintenance)).toBeLessThan(970);
  });

  it("a debt in a coin at par, a pool of its own and a pool in it are said as well", async () => {
    const owed = file({
      account_id: "a",
      pool_currency: "USDT",
      collateral: [{ asset: "USDT", amount: "5000" }],
      positions: [],
      pools: [
        {
          pool_id: "p",
          pool_kind: "isolated",
          pool_currency: "USD",
          collateral: [
            { asset: "USD", amount: "5000" },
            { asset: "DAI", amount: "-1000" },
          ],
          positions: [],
        },
      ],
    });
    const report = await marginOf(owed, chain);
    const [own] = report.methods;
    expect(own?.status === "margined" && own.notes?.map(({ code }) => code)).toEqual(["at_par"]);
    const [pool] = report.pools;
    expect(pool?.collateral).toMatchObject([{ asset: "DAI", quality: "widened", reasons: ["debt", "at_par"] }, {}]);
  });

  it("adds nothing to a market whose accounts hold no such coin", () => {
    const { quotes } = importMarketFile(chain).batch;
    expect(quotes.flatMap((quote) => (quote.kind === "index" ? [quote.underlying] : []))).toEqual(["BTC", "ETH"]);
  });

  it("par is for coins that the parameters say are pegged: others stay without a price", async () => {
    const { code, out } = await runPlimsoll(directory, ["margin", holding("SOL"), "--market", chain]);
    expect(code).not.toBe(0);
    expect(out).toContain("SOL");
    const priced = await marginOf(holding("SOL"), chain, "--price", "SOL=80", "--price", "USDT=1");
    expect(priced.collateral).toMatchObject([{ asset: "SOL", price_usd: "80", quality: "good" }]);
  });

  it("prices posted quotes and the sample as well, and yields to none that the market has", async () => {
    for (const market of ["sample", fixturePath("cases/micro-price/market.json"), book, chain]) {
      const { code, err } = await runPlimsoll(directory, [
        "import",
        market,
        "--price",
        "BTC=1,USDC=0.98,BONK=1",
        "--out",
        join(directory, "out.json"),
      ]);
      expect(code, market).toBe(2);
      expect(err).toMatch(/--price (BTC|USDC|BONK)=/);
      expect(err).toContain("leave it out");
    }
    const report = await marginOf(holding("USDT"), "sample", "--price", "USDT=0.5");
    expect(report.collateral).toMatchObject([{ price_usd: "0.5" }]);
  });

  it.each(["USDC", "USDC=0", "USDC=-1", "usdc=1", "USDC=1e99999", "USDC=1,", "USDC=NaN", "USD=1", "USDC=1,USDC=1"])(
    "refuses %s with what it has to be",
    async (text) => {
      const { code, err } = await runPlimsoll(directory, ["import", book, "--price", text]);
      expect(code).toBe(2);
      expect(err).toContain("USDT=0.999");
    },
  );

  // Seen to fail: USDC became 0.699, in good quality.
  it("is refused for a coin that the market has in a currency only, with what can be stated", async () => {
    const posted = file(importMarketFile(book).batch);
    for (const market of [book, posted]) {
      const { code, out, err } = await runPlimsoll(directory, [
        "margin",
        portfolio,
        "--market",
        market,
        "--price",
        "BTC=70000",
      ]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toBe(
        "plimsoll: --price BTC=70000: the market has BTC at 100,140 USDC; leave it out, and state with --price what the market does not price, such as USDC\n",
      );
    }
  });

  // Seen to fail: what was priced in USDC stayed as it was at par.
  it("of a currency carries to what posted quotes have in it at par", () => {
    const { batch } = importMarketFile(book);
    const terms = { ...plainTerms, prices: new Map([["USDC", "0.97"]]) };
    const pricesOf = ({ quotes }: typeof batch) =>
      new Map(quotes.flatMap((quote) => (quote.kind === "index" ? [[quote.underlying, quote]] : [])));
    expect(pricesOf(importMarketFile(file(batch), terms).batch)).toEqual(pricesOf(importMarketFile(book, terms).batch));
  });

  // Seen to fail: nothing was said.
  it("of what nothing uses is said to change nothing", async () => {
    const words = ["margin", portfolio, "--market", book, "--price", "FOO=1,USDC=0.97"];
    const { code, err } = await runPlimsoll(directory, words);
    expect(code).toBe(0);
    expect(err).toBe("--price FOO=1 changes nothing: no instrument of the market and no balance given is in FOO\n");
  });

  it("a stated price of posted quotes replaces par, not a price", async () => {
    const posted = file({
      source: "x",
      observed_at: "2026-02-05T15:00:00Z",
      quotes: [{ kind: "index", underlying: "USDC", index_price: "1", at_par: "USDC" }],
    });
    const { out } = await runPlimsoll(directory, ["import", posted, "--price", "USDC=0.98"]);
    expect(JSON.parse(out).quotes).toEqual([{ kind: "index", underlying: "USDC", index_price: "0.98" }]);
  });
});

describe("notifications of Deribit's WebSocket", () => {
  const tickers = fixturePath("cases/usdc-only/tickers.jsonl");
  const lines = () =>
    readFileSync(tickers, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("ticker and incremental_ticker as JSON lines, the newest of each instrument, give the quotes of the book", () => {
    const { batch, rejects } = importMarketFile(tickers);
    expect(rejects.list).toEqual([]);
    expect(batch).toEqual(importMarketFile(book).batch);
  });

  it("the same as an array, as one notification, and as the bare params or data", () => {
    expect(importMarketFile(file(lines())).batch).toEqual(importMarketFile(book).batch);
    const [, one] = lines();
    const expected = importMarketFile(file(one)).batch;
    expect(expected.quotes.map((quote) => "instrument_id" in quote && quote.instrument_id).filter(Boolean)).toEqual([
      "XRP_USDC-31JAN25-2d52-C",
      "XRP_USDC-PERPETUAL",
    ]);
    expect(importMarketFile(file(one.params)).batch).toEqual(expected);
    expect(importMarketFile(file(one.params.data)).batch).toEqual(expected);
    expect(importMarketFile(file({ jsonrpc: "2.0", result: one.params.data })).batch).toEqual(expected);
  });

  const notice = (channel: string, data: object) => ({
    jsonrpc: "2.0",
    method: "subscription",
    params: { channel, data },
  });

  it("deribit_price_index prices a coin in dollars, or in another coin", () => {
    const index = (name: string, price: number, timestamp = atMs) =>
      notice(`deribit_price_index.${name}`, { index_name: name, price, timestamp });
    const prices = indexQuotes(
      file([
        { result: [perpetual("XRP_USDC", 2), perpetual("SOL_USDT", 200)] },
        index("usdc_usd", 0.5, atMs - 5),
        index("usdc_usd", 0.95),
        index("usdt_usdc", 1.02),
      ]),
    );
    expect(prices).toEqual({
      SOL: { index_price: "193.8" },
      USDC: { index_price: "0.95" },
      USDT: { index_price: "0.969" },
      XRP: { index_price: "1.9" },
    });
  });

  it("a change without its snapshot, and channels that say nothing of prices, are refused alone with their place", () => {
    const good = lines()[1];
    const path = file(
      [
        good,
        notice("incremental_ticker.BTC_USDC-PERPETUAL", { type: "change", timestamp: atMs, mark_price: 5 }),
        notice("quote.BTC-PERPETUAL", { instrument_name: "BTC-PERPETUAL", timestamp: atMs, best_bid_price: 5 }),
      ]
        .map((line) => JSON.stringify(line))
        .concat("{ half a line")
        .join("\n"),
      "jsonl",
    );
    const { rejects } = importMarketFile(path);
    expect(rejects.list.map((reject) => [reject.path ?? reject.line, reject.problem.split(":")[0]])).toEqual([
      [4, "a line of JSON"],
      ["line 2: $.params.data", "the snapshot of incremental_ticker.BTC_USDC-PERPETUAL before its changes"],
      ["line 3: $.params.data", expect.stringContaining("ticker")],
    ]);
  });

  it("a notification that is newer than an answer of the same instrument stands for it", () => {
    const quoteOf = (...values: unknown[]) =>
      importMarketFile(file(values)).batch.quotes.find(
        (quote) => "instrument_id" in quote && quote.instrument_id === "BTC-PERPETUAL",
      );
    const answer = { result: [perpetual("BTC", 100)] };
    const told = (timestamp: number) =>
      notice("ticker.BTC-PERPETUAL.raw", {
        instrument_name: "BTC-PERPETUAL",
        timestamp,
        mark_price: 101,
        index_price: 99,
      });
    expect(quoteOf(answer, told(atMs + 1))).toMatchObject({ mark_price: "101" });
    expect(quoteOf(told(atMs + 1), answer)).toMatchObject({ mark_price: "101" });
    expect(quoteOf(answer, told(atMs - 1))).toMatchObject({ mark_price: "100" });
  });
});
