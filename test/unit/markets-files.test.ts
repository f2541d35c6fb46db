import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { keepRejects } from "@plimsoll/files";
import { fetchDeribit, importMarket, importMarketFile } from "@plimsoll/markets";
import type { Quote } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { fixturePath } from "../support/fixtures.ts";

const directory = mkdtempSync(join(tmpdir(), "plimsoll-import-"));
afterAll(() => rmSync(directory, { recursive: true }));
const header =
  "snapshot_time_utc,instrument_name,currency,option_type,strike,expiry_utc,ttm_years,underlying_name,underlying_price," +
  "index_price,mark_price,mark_iv,bid_price,ask_price,delta,vega,open_interest,volume_24h,volume_24h_usd";

interface Cells {
  instrument_name: string;
  option_type: string;
  strike: string;
  expiry_utc: string;
  underlying_name: string;
  underlying_price: string;
  index_price: string;
  mark_price: string;
  mark_iv: string;
}

function row(cells: Partial<Cells> = {}): string {
  const cell: Cells = {
    instrument_name: "BTC-27MAR26-70000-C",
    option_type: "call",
    strike: "70000.0",
    expiry_utc: "2026-03-27T08:00:00+00:00",
    underlying_name: "BTC-27MAR26",
    underlying_price: "68210.44",
    index_price: "67983.74",
    mark_price: "0.0571",
    mark_iv: "0.5231",
    ...cells,
  };
  return [
    "2026-02-05T15:51:32.535650+00:00",
    cell.instrument_name,
    "BTC",
    cell.option_type,
    cell.strike,
    cell.expiry_utc,
    "0.136",
    cell.underlying_name,
    cell.underlying_price,
    cell.index_price,
    cell.mark_price,
    cell.mark_iv,
    "",
    "",
    "0.5",
    "90",
    "0.0",
    "0.0",
    "0.0",
  ].join(",");
}

let files = 0;
function file(content: string | Uint8Array, name = "chain.csv"): string {
  files += 1;
  const path = join(directory, `${files}-${name}`);
  writeFileSync(path, content);
  return path;
}

function chain(...rows: string[]): string {
  return file([header, ...rows].join("\n"));
}

const good = row({ instrument_name: "BTC-27MAR26-60000-P", option_type: "put", strike: "60000.0", mark_price: "0.02" });

describe("a recorded chain", () => {
  it("becomes one batch with index, perpetual, dated futures and options", () => {
    const { batch, rejects } = importMarketFile(fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz"));
    expect(rejects.list).toEqual([]);
    expect(batch.source).toBe("deribit");
    expect(batch.observed_at).toBe("2026-02-05T15:51:32.535Z");
    const namesOf = (kind: string) =>
      batch.quotes.flatMap((quote) => (quote.kind === kind && "instrument_id" in quote ? [quote.instrument_id] : []));
    expect(batch.quotes.filter((quote) => quote.kind === "index")).toHaveLength(2);
    expect(namesOf("option")).toHaveLength(1782);
    expect(namesOf("perpetual")).toEqual(["BTC-PERPETUAL", "ETH-PERPETUAL"]);
    expect(namesOf("future")).toContain("BTC-27MAR26");
    expect(namesOf("future").filter((name) => name.startsWith("SYN."))).toEqual([]);
    const future = batch.quotes.find((quote) => quote.kind === "future" && quote.instrument_id === "BTC-27MAR26");
    expect(future).toMatchObject({ contract_size: "10", settlement: "inverse", quote_currency: "USD" });
    const option = batch.quotes.find(
      (quote) => quote.kind === "option" && quote.instrument_id === "BTC-6FEB26-60000-P",
    );
    expect(option).toEqual({
      kind: "option",
      instrument_id: "BTC-6FEB26-60000-P",
      underlying: "BTC",
      settlement: "inverse",
      quote_currency: "USD",
      contract_size: "1",
      forward_price: "67860.28",
      mark_price: "0.00191635",
      option_type: "put",
      strike: "60000",
      expiry: "2026-02-06T08:00:00.000Z",
      mark_volatility: "1.8385",
    });
  });

  it("marks the perpetual at the close recorded for that snapshot", () => {
    const { batch } = importMarketFile(fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz"));
    const candles = readFileSync(fixturePath("data/futures/deribit_perpetual_at_snapshots.csv"), "utf8");
    const recorded = candles
      .split("\n")
      .find((line) => line.startsWith("2026-02-05T15:51") && line.includes("BTC-PERP"));
    const perpetual = batch.quotes.find((quote) => quote.kind === "perpetual" && quote.underlying === "BTC");
    expect(Number(recorded?.split(",")[8])).toBeGreaterThan(60_000);
    expect(perpetual).toMatchObject({ mark_price: String(Number(recorded?.split(",")[8])) });
  });

  it("of each kind in test/fixtures/data imports without a refusal", () => {
    const folder = fixturePath("data/options");
    const names = readdirSync(folder).filter((name) => name.includes(".csv"));
    expect(names.length).toBeGreaterThanOrEqual(12);
    for (const name of names) {
      const { batch, rejects } = importMarketFile(join(folder, name));
      expect({ name, rejected: rejects.list.length }).toEqual({ name, rejected: 0 });
      expect(batch.quotes.length).toBeGreaterThan(300);
    }
  });

  it("reads the percent of the ticker file as a fraction, without rounding", () => {
    const { batch } = importMarketFile(fixturePath("data/options/deribit_btc_ticker_2020-05-21.csv"));
    expect(
      batch.quotes.find((quote) => quote.kind === "option" && quote.instrument_id === "BTC-22MAY20-6000-C"),
    ).toMatchObject({ mark_volatility: "1.3423", mark_price: "0.33977578", expiry: "2020-05-22T08:00:00.000Z" });
  });
});

describe("a bad row costs only itself", () => {
  const digits = "9".repeat(10_000);
  const cases: { name: string; bad: Partial<Cells>; problem: RegExp; value: RegExp }[] = [
    { name: "NaN mark", bad: { mark_price: "NaN" }, problem: /^mark_price: a finite decimal/, value: /NaN/ },
    { name: "infinite mark", bad: { mark_price: "inf" }, problem: /^mark_price: a finite decimal/, value: /inf/ },
    { name: "negative mark", bad: { mark_price: "-0.01" }, problem: /^mark_price: .*not negative/, value: /-0.01/ },
    { name: "empty mark", bad: { mark_price: "" }, problem: /^mark_price: a finite decimal/, value: /""/ },
    { name: "10,000 digits", bad: { mark_price: digits }, problem: /48 characters/, value: /\(10,000 characters\)$/ },
    { name: "negative index", bad: { index_price: "-1" }, problem: /^index_price: .*above zero/, value: /-1/ },
    { name: "zero forward", bad: { underlying_price: "0" }, problem: /^underlying_price: .*above zero/, value: /"0"/ },
    { name: "zero strike", bad: { strike: "0.0" }, problem: /^strike: .*above zero/, value: /0\.0/ },
    {
      name: "zero strike in the name",
      bad: { instrument_name: "BTC-27MAR26-0-C", strike: "0" },
      problem: /strike/,
      value: /0/,
    },
    { name: "strike against the name", bad: { strike: "71000" }, problem: /^strike: 70000, as in/, value: /71000/ },
    { name: "type against the name", bad: { option_type: "put" }, problem: /^option_type: call, as in/, value: /put/ },
    {
      name: "expiry against the name",
      bad: { expiry_utc: "2026-03-28T08:00:00Z" },
      problem: /^expiry/,
      value: /03-28/,
    },
    { name: "unreadable expiry", bad: { expiry_utc: "soon" }, problem: /^expiry/, value: /not a time/ },
    {
      name: "absurd volatility",
      bad: { mark_iv: "10.01" },
      problem: /^mark_iv: a volatility of at most 10/,
      value: /10.01/,
    },
    { name: "negative volatility", bad: { mark_iv: "-0.5" }, problem: /^mark_iv: .*above zero/, value: /-0.5/ },
    {
      name: "expired",
      bad: { instrument_name: "BTC-5FEB26-70000-C", expiry_utc: "2026-02-05T08:00:00Z" },
      problem: /^expiry: after the time of the recording, 2026-02-05T15:51:32.535Z/,
      value: /BTC-5FEB26/,
    },
    {
      name: "unknown name",
      bad: { instrument_name: "BTC-MOVE-27MAR26" },
      problem: /^instrument_name: an option/,
      value: /MOVE/,
    },
    {
      name: "impossible date",
      bad: { instrument_name: "BTC-31FEB26-70000-C" },
      problem: /^instrument_name/,
      value: /31FEB/,
    },
  ];

  it.each(cases)("$name", ({ bad, problem, value }) => {
    const { batch, rejects } = importMarketFile(chain(good, row(bad), row()));
    expect(batch.quotes.filter((quote) => quote.kind === "option").map((quote) => quote.instrument_id)).toEqual([
      "BTC-27MAR26-60000-P",
      "BTC-27MAR26-70000-C",
    ]);
    expect(rejects.list).toHaveLength(1);
    expect(rejects.list[0]).toMatchObject({ file: rejects.file, line: 3 });
    expect(rejects.list[0]?.problem).toMatch(problem);
    expect(rejects.list[0]?.value).toMatch(value);
  });

  it("duplicate instruments: the first counts, the second names it", () => {
    const { rejects } = importMarketFile(chain(good, row(), row({ mark_price: "0.9" })));
    expect(rejects.list[0]).toMatchObject({ line: 4, problem: expect.stringContaining("given before at line 3") });
  });

  it("too few fields, a stray quote, a row without a time", () => {
    const { batch, rejects } = importMarketFile(
      chain(
        good,
        "2026-02-05T15:51:32Z,BTC-27MAR26-70000-C",
        row({ underlying_name: '"BTC-27MAR26' }),
        `later${row().slice(32)}`,
      ),
    );
    expect(batch.quotes.filter((quote) => quote.kind === "option")).toHaveLength(2);
    expect(rejects.list.map((reject) => reject.line)).toEqual([3, 5]);
  });

  it("an empty or zero volatility is none, not a refusal", () => {
    const { batch, rejects } = importMarketFile(chain(good, row({ mark_iv: "" })));
    expect(rejects.list).toEqual([]);
    expect(batch.quotes.at(-1)).toMatchObject({ instrument_id: "BTC-PERPETUAL" });
    expect(batch.quotes.find((quote) => quote.kind === "option" && quote.mark_volatility === null)).toMatchObject({
      instrument_id: "BTC-27MAR26-70000-C",
    });
  });

  it("the rejects file holds one object for each, and goes when there are none", () => {
    const rejects = importMarketFile(chain(good, row({ mark_iv: "NaN" }))).rejects;
    const kept = keepRejects(rejects, join(directory, ".plimsoll", "rejects"));
    const lines = readFileSync(kept ?? "", "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { file: rejects.file, line: 3, value: '"NaN"', problem: expect.stringMatching(/^mark_iv/) },
    ]);
    rejects.list.length = 0;
    expect(keepRejects(rejects, join(directory, ".plimsoll", "rejects"))).toBeNull();
    expect(existsSync(kept ?? "")).toBe(false);
  });
});

describe("a file that cannot be used is refused as a whole", () => {
  const whole = gzipSync([header, good, row()].join("\n"));
  it.each([
    { name: "missing file", path: join(directory, "none.csv"), message: /none\.csv cannot be read/ },
    { name: "empty file", path: file(""), message: /is empty/ },
    { name: "truncated gzip", path: file(whole.subarray(0, whole.length - 20)), message: /cut off or damaged/ },
    { name: "not UTF-8", path: file(Uint8Array.of(0xff, 0xfe, 0x00)), message: /not text in UTF-8/ },
    { name: "wrong header", path: file("a,b,c\n1,2,3\n"), message: /line 1: the header is none that is known/ },
    {
      name: "missing columns",
      path: file(`${header.replace("mark_iv,", "").replace("strike,", "")}\n`),
      message: /line 1: no column strike, mark_iv/,
    },
    { name: "header only", path: file(`${header}\n`), message: /no row could be used/ },
    {
      name: "nothing but refusals",
      path: chain(row({ strike: "0" })),
      message: /\(1 refused\); the first problem is strike/,
    },
    { name: "broken JSON", path: file('{"result": [', "book.json"), message: /is not JSON/ },
    {
      name: "an error answer",
      path: file('{"error": {"code": 10028}}', "book.json"),
      message: /answered an error.*10028/,
    },
  ])("$name", ({ path, message }) => {
    expect(() => importMarketFile(path)).toThrow(message);
  });

  it("more instruments than a snapshot takes, the limit named", () => {
    const rows = Array.from({ length: 5_001 }, (_, index) =>
      row({ instrument_name: `BTC-27MAR26-${1000 + index}-C`, strike: String(1000 + index) }),
    );
    expect(() => importMarketFile(chain(...rows))).toThrow(/5003 instruments; a snapshot takes at most 5000/);
  });
});

const optionSummary = {
  instrument_name: "BTC-27MAR26-92000-P",
  creation_timestamp: Date.UTC(2026, 1, 5, 15),
  mark_price: 0.01866323,
  mark_iv: 60.13,
  underlying_price: 99067.37,
  underlying_index: "BTC-27MAR26",
  estimated_delivery_price: 98143.63,
  interest_rate: 0,
  bid_price: null,
};
const perpetualSummary = {
  instrument_name: "BTC-PERPETUAL",
  creation_timestamp: Date.UTC(2026, 1, 5, 15),
  mark_price: 98150.5,
  estimated_delivery_price: 98143.63,
};

describe("answers of Deribit's public API", () => {
  it("get_book_summary_by_currency: options and futures with their own marks", () => {
    const path = file(JSON.stringify({ jsonrpc: "2.0", result: [optionSummary, perpetualSummary] }), "book.json");
    const { batch, rejects } = importMarketFile(path);
    expect(rejects.list).toEqual([]);
    const nameOf = (quote: Quote) =>
      "instrument_id" in quote ? quote.instrument_id : "underlying" in quote && quote.underlying;
    expect(batch.quotes.map(nameOf)).toEqual(["BTC", "BTC-27MAR26", "BTC-27MAR26-92000-P", "BTC-PERPETUAL"]);
    expect(batch.quotes[2]).toMatchObject({ mark_volatility: "0.6013", forward_price: "99067.37" });
    expect(batch.quotes[3]).toMatchObject({ mark_price: "98150.5", forward_price: "98143.63" });
  });

  it("the funding of a perpetual's last eight hours is what its holders are expected to pay", () => {
    const rateOf = (funding_8h: unknown) => {
      const path = file(JSON.stringify({ result: [{ ...perpetualSummary, funding_8h }] }), "book.json");
      const [perpetual] = importMarketFile(path).batch.quotes.filter(({ kind }) => kind === "perpetual");
      return perpetual !== undefined && "hourly_funding_rate" in perpetual ? perpetual.hourly_funding_rate : undefined;
    };
    expect(rateOf(0.0004)).toBe("0.00005");
    expect(rateOf(-1.6e-7)).toBe("-0.00000002");
    expect(rateOf(null)).toBeUndefined();
    expect(rateOf(undefined)).toBeUndefined();
  });

  it("estimated delivery prices of the last half hour are the averages that expiries settle at", () => {
    const observed = { creation_timestamp: Date.UTC(2026, 1, 5, 7, 45) };
    const expiring = {
      ...optionSummary,
      ...observed,
      instrument_name: "BTC-5FEB26-92000-P",
      underlying_index: "BTC-5FEB26",
    };
    const rows = [
      { ...expiring, estimated_delivery_price: 98100.5 },
      { ...optionSummary, ...observed },
      perpetualSummary,
    ];
    const before = rows.map((row) => ({ ...row, creation_timestamp: Date.UTC(2026, 1, 5, 7, 20) }));
    const { batch } = importMarketFile(file(JSON.stringify({ result: rows.slice(0, 2) }), "book.json"));
    expect(batch.quotes.filter(({ kind }) => kind === "settlement_average")).toEqual([
      { kind: "settlement_average", underlying: "BTC", expiry: "2026-02-05T08:00:00.000Z", average_price: "98100.5" },
    ]);
    const windows = batch.quotes.flatMap((quote) =>
      "expiry" in quote && quote.kind !== "settlement_average" ? [quote] : [],
    );
    const named = windows.map(({ instrument_id, settlement_window_minutes: minutes }) => [instrument_id, minutes]);
    // The future that the rows name settles with them; the later one has no estimate of its own.
    expect(named).toEqual([
      ["BTC-27MAR26", undefined],
      ["BTC-27MAR26-92000-P", 30],
      ["BTC-5FEB26", 30],
      ["BTC-5FEB26-92000-P", 30],
    ]);
    const early = importMarketFile(file(JSON.stringify({ result: before }), "book.json")).batch;
    expect(early.quotes.some(({ kind }) => kind === "settlement_average")).toBe(false);
  });

  it("ticker: one answer, or an array of them", () => {
    const { creation_timestamp, estimated_delivery_price, ...common } = optionSummary;
    const answer = { result: { ...common, timestamp: creation_timestamp, index_price: 98140.01 } };
    const { batch } = importMarketFile(file(JSON.stringify([answer, { result: [perpetualSummary] }]), "ticker.json"));
    expect(batch.quotes[0]).toEqual({ kind: "index", underlying: "BTC", index_price: "98140.01" });
    expect(estimated_delivery_price).toBe(98143.63);
  });

  it("linear instruments settle in their stablecoin, whose price is the ratio of the indices", () => {
    const linear = {
      ...optionSummary,
      instrument_name: "BTC_USDC-27MAR26-92000-P",
      underlying_index: "BTC_USDC-27MAR26",
      mark_price: 1850.5,
      estimated_delivery_price: 98200,
    };
    const { batch } = importMarketFile(file(JSON.stringify({ result: [optionSummary, linear] }), "book.json"));
    expect(batch.quotes.slice(0, 2)).toEqual([
      { kind: "index", underlying: "BTC", index_price: "98143.63" },
      { kind: "index", underlying: "USDC", index_price: "0.999426" },
    ]);
    expect(batch.quotes.find((quote) => quote.kind === "option" && quote.settlement === "linear")).toMatchObject({
      underlying: "BTC",
      quote_currency: "USDC",
      contract_size: "1",
    });
    expect(batch.quotes.find((quote) => quote.kind === "future" && quote.settlement === "linear")).toMatchObject({
      instrument_id: "BTC_USDC-27MAR26",
      contract_size: "1",
    });
  });

  it("an element that is none of these is refused with its JSON path", () => {
    const bad = { ...optionSummary, instrument_name: "BTC-27MAR26-91000-P", estimated_delivery_price: "expired" };
    const path = file(JSON.stringify({ result: [optionSummary, { name: "x" }, bad] }), "book.json");
    const { rejects } = importMarketFile(path);
    expect(rejects.list.map(({ path, problem }) => ({ path, problem: problem.split(":")[0] }))).toEqual([
      {
        path: "$.result[1]",
        problem:
          "an element of get_book_summary_by_currency, a ticker result with instrument_name, or a notification of ticker, " +
          "incremental_ticker or deribit_price_index",
      },
      { path: "$.result[2]", problem: "index_price" },
    ]);
  });

  it("live: asks for options and futures of each currency, and says what failed", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.statusCode = request.url?.includes("ETH") ? 503 : 200;
      response.end(JSON.stringify({ result: [optionSummary] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await fetchDeribit(["BTC"], baseUrl)).toHaveLength(2);
      await expect(fetchDeribit(["ETH"], baseUrl)).rejects.toThrow(/HTTP 503.*check the network/);
    } finally {
      server.close();
    }
    expect(asked).toEqual([
      "/get_book_summary_by_currency?currency=BTC&kind=option",
      "/get_book_summary_by_currency?currency=BTC&kind=future",
      "/get_book_summary_by_currency?currency=ETH&kind=option",
    ]);
    await expect(importMarket("deribit:btc")).rejects.toThrow(/currency "btc"/);
  });
});
