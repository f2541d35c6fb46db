import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importMarketFile } from "@plimsoll/markets";
import { afterAll, describe, expect, it } from "vitest";
import { type CommandRun, runPlimsoll } from "../support/cli.ts";
import { perpetualMarket } from "../support/perpetual-market.ts";

const directory = mkdtempSync(join(tmpdir(), "plimsoll-broken-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(content: unknown, name = "input.json"): string {
  files += 1;
  const path = join(directory, `${files}-${name}`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** 2025-01-17T00:37:02.663Z. */
const timeMs = 1_737_074_222_663;

const summary = (fields: object = {}) => ({
  instrument_name: "BTC-27MAR26-100000-C",
  creation_timestamp: timeMs,
  mark_price: 0.05,
  mark_iv: 55,
  underlying_price: 101_000,
  underlying_index: "BTC-27MAR26",
  estimated_delivery_price: 100_000,
  ...fields,
});

const ticker = (fields: object = {}) => ({
  instrument_name: "BTC-27MAR26-100000-P",
  timestamp: timeMs,
  mark_price: 0.04,
  mark_iv: 55,
  underlying_price: 101_000,
  underlying_index: "BTC-27MAR26",
  index_price: 100_000,
  ...fields,
});

const index = (fields: object = {}) => ({ index_name: "btc_usd", price: 100_000, timestamp: timeMs, ...fields });

const notification = (channel: string, data: object) => ({ method: "subscription", params: { channel, data } });

/** That a command ends without a trace, with one line that is no longer than a screen. */
function expectOneLine({ code, err }: CommandRun, exitCode: number, words: RegExp): void {
  expect(err).toMatch(words);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
  expect(code).toBe(exitCode);
}

describe("a time that is none in a Deribit file", () => {
  const remedy = "milliseconds since 1970, in the years 2009 to 2099";

  it.each([
    ["beyond every date", "creation_timestamp", summary({ creation_timestamp: 1e300 })],
    ["in nanoseconds", "creation_timestamp", summary({ creation_timestamp: 1_737_074_222_663_000_000 })],
    ["in microseconds", "creation_timestamp", summary({ creation_timestamp: 1_737_074_222_663_000 })],
    ["in seconds", "creation_timestamp", summary({ creation_timestamp: 1_737_074_222 })],
    ["of a ticker", "timestamp", ticker({ instrument_name: "BTC-27MAR26-90000-C", timestamp: 9e15 })],
    ["of a ticker as text", "timestamp", ticker({ timestamp: String(timeMs) })],
    ["of an index", "timestamp", index({ timestamp: 9e15 })],
  ])("is refused alone: %s", (_, field, item) => {
    const { batch, rejects } = importMarketFile(
      file([item, summary({ instrument_name: "BTC-27MAR26-80000-P" })], "deribit.json"),
    );
    expect(batch.observed_at).toBe("2025-01-17T00:37:02.663Z");
    expect(rejects.list).toHaveLength(1);
    expect(rejects.list[0]).toMatchObject({ path: "$[0]", problem: `${field}: ${remedy}` });
    expect(rejects.list[0]?.value).toBe(JSON.stringify(field in item ? Reflect.get(item, field) : "").slice(0, 60));
  });

  it.each([
    ["ticker.BTC-27MAR26-100000-P.100ms", ticker({ timestamp: 9e15 })],
    ["deribit_price_index.btc_usd", index({ timestamp: 1_737_074_222_663_000 })],
  ])("is refused alone in a notification of %s", (channel, data) => {
    const { batch, rejects } = importMarketFile(file([notification(channel, data), summary()], "deribit.json"));
    expect(batch.observed_at).toBe("2025-01-17T00:37:02.663Z");
    expect(rejects.list.map(({ problem }) => problem)).toEqual([`timestamp: ${remedy}`]);
  });

  it("is refused in a CSV of tickers too", () => {
    const header =
      "timestamp_ms,instrument_name,option_type,strike,expiration_timestamp_ms,underlying_index,underlying_price,index_price,mark_price,mark_iv";
    const row = (time: string, strike: number) =>
      `${time},BTC-27MAR26-${strike}-C,call,${strike},${Date.UTC(2026, 2, 27, 8)},BTC-27MAR26,101000,100000,0.05,55`;
    const { batch, rejects } = importMarketFile(
      file([header, row("1737074222", 100_000), row(String(timeMs), 90_000)].join("\n"), "tickers.csv"),
    );
    expect(batch.observed_at).toBe("2025-01-17T00:37:02.663Z");
    expect(rejects.list.map(({ problem }) => problem)).toEqual([expect.stringMatching(/^timestamp_ms: a time/)]);
  });
});

describe("JSON that nests without end", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const deepObject = `${'{"collateral":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  const portfolio = { collateral: [{ asset: "USD", amount: "1000" }], positions: [] };

  it.each([
    ["parameters", () => ["margin", file(portfolio), "-m", "sample", "--parameters", file(deepObject)]],
    [
      "parameters in a member",
      () => ["margin", file(portfolio), "-m", "sample", "--parameters", file(`{"x":${deep}}`)],
    ],
    ["a portfolio", () => ["margin", file(deep), "-m", "sample"]],
    ["a portfolio's position", () => ["margin", file(`{"positions":[${deep}]}`), "-m", "sample"]],
    ["a market", () => ["import", file(deep)]],
    ["a market's result", () => ["import", file(`{"result":${deep}}`)]],
    ["a batch of quotes", () => ["import", file(`{"source":"x","observed_at":"x","quotes":[${deep}]}`)]],
  ])("is refused in one line: %s", async (_, words) => {
    expectOneLine(await runPlimsoll(directory, words()), 1, /input\.json nests more than 64 levels deep: /);
  });

  it("is refused alone where it is a line among others", () => {
    const { rejects } = importMarketFile(file(`${JSON.stringify(summary())}\n${deep}\n`));
    expect(rejects.list).toMatchObject([{ line: 2, problem: expect.stringMatching(/nests more than 64 levels/) }]);
  });

  it("is read up to the limit", async () => {
    const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const { err } = await runPlimsoll(directory, ["margin", file(nested(64)), "-m", "sample"]);
    expect(err).not.toMatch(/levels deep/);
    expect((await runPlimsoll(directory, ["margin", file(nested(65)), "-m", "sample"])).err).toMatch(/levels deep/);
  });
});

describe("a price beyond all prices", () => {
  const limit = "a decimal below 10^24";
  const huge = `1${"0".repeat(25)}`;
  const portfolio = () => file({ collateral: [{ asset: "EUR", amount: "1000" }], positions: [] }, "portfolio.json");

  it("is refused as an option", async () => {
    const words = ["margin", portfolio(), "-m", "sample", "--price", `EUR=1${"0".repeat(28)}`];
    const { code, err } = await runPlimsoll(directory, words);
    expect(err).toMatch(/--price .* above 0 and below 10\^24/);
    expect(code).toBe(2);
  });

  it.each([
    ["index_price", ticker({ index_price: huge })],
    ["index_price", ticker({ index_price: 1e25 })],
    ["underlying_price", ticker({ underlying_price: 1e25 })],
    ["mark_price", ticker({ mark_price: 1e25 })],
    ["index_price", summary({ estimated_delivery_price: 1e24 })],
  ])("is refused alone in a row: %s", (field, item) => {
    const good = summary({ instrument_name: "BTC-27MAR26-80000-P" });
    const { batch, rejects } = importMarketFile(file([item, good]));
    expect(rejects.list.map(({ problem }) => problem)).toEqual([`${field}: ${limit}`]);
    expect(batch.quotes).toContainEqual({ kind: "index", underlying: "BTC", index_price: "100000" });
  });

  it("is refused alone as an index beside the rows", () => {
    const { batch, rejects } = importMarketFile(file([index({ index_name: "sol_usd", price: 1e25 }), summary()]));
    expect(rejects.list).toHaveLength(1);
    expect(batch.quotes.flatMap((quote) => (quote.kind === "index" ? [quote.underlying] : []))).toEqual(["BTC"]);
  });

  it("is refused alone among quotes", () => {
    const [first] = perpetualMarket.quotes;
    const quotes = [...perpetualMarket.quotes, { kind: "index", underlying: "XYZ", index_price: huge }];
    const { batch, rejects } = importMarketFile(file({ ...perpetualMarket, quotes }));
    expect(rejects.list.map(({ problem }) => problem)).toEqual([`index_price: ${limit}`]);
    expect(batch.quotes).toContainEqual(first);
  });

  it("is no price where two prices come to it", () => {
    const rows = [
      index({ index_name: "sol_usdc", price: 1e20 }),
      index({ index_name: "usdc_usd", price: 1e10 }),
      index({ index_name: "xrp_sol", price: 2 }),
      summary(),
    ];
    const { batch } = importMarketFile(file(rows));
    const indices = batch.quotes.flatMap((quote) => (quote.kind === "index" ? [quote.underlying] : []));
    expect(indices).toEqual(["BTC", "USDC"]);
  });

  it("is refused as the entry price of a position", async () => {
    const positions = [{ instrument_id: "BTC-PERPETUAL", quantity: "1", entry_price: huge }];
    const path = file({ collateral: [{ asset: "USD", amount: "1000" }], positions }, "portfolio.json");
    const { code, err } = await runPlimsoll(directory, ["margin", path, "-m", "sample"]);
    expect(err).toMatch(/\$\.positions\[0\]\.entry_price: .*10\^24/);
    expect(code).toBe(1);
  });
});

describe("a name that a shell left empty", () => {
  const portfolio = () => file({ collateral: [{ asset: "USD", amount: "1000" }], positions: [] }, "portfolio.json");

  it.each([
    ["--data <folder>", () => ["start", "--once", "--data", ""]],
    ["--out <folder>", () => ["start", "--once", "--out", ""]],
    ["--replay <folder>", () => ["start", "--replay="]],
    ["--out <file>", () => ["import", "sample", "--out", ""]],
    ["--out <file>", () => ["margin", portfolio(), "-m", "sample", "--out", ""]],
    ["-m, --market <market>", () => ["margin", portfolio(), "-m", ""]],
    ["--html <file>", () => ["compare", portfolio(), "-m", "sample", "--html", ""]],
    ["--against <file>", () => ["explain", portfolio(), "-m", "sample", "--against", ""]],
    ["--parameters <file>", () => ["margin", portfolio(), "-m", "sample", "--parameters", ""]],
    ["--chain <file>", () => ["bench", "--chain", ""]],
    ["--out <folder>", () => ["backtest", "--prices", "a.csv", "--out", ""]],
    ["--prices <files...>", () => ["backtest", "--prices", "a.csv", ""]],
    ["--write <file>", () => ["scenarios", "BTC=a.csv", "--set-id", "x", "--write", ""]],
  ])("is wrong usage that says which: %s", async (option, words) => {
    const folder = mkdtempSync(join(directory, "empty-"));
    const { code, err } = await runPlimsoll(folder, words());
    expect(err).toContain(`error: option '${option}' is given an empty name, as a shell`);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["portfolio", () => ["margin", "", "-m", "sample"]],
    ["file", () => ["span", "write", "", "-m", "sample"]],
    ["prices", () => ["scenarios", "", "--set-id", "x"]],
  ])("is wrong usage as an argument: %s", async (argument, words) => {
    const { code, err } = await runPlimsoll(directory, words());
    expect(err).toContain(`error: argument '${argument}' is an empty name, as a shell`);
    expect(code).toBe(2);
  });
});

describe("a shock that is given twice", () => {
  it.each([[["--shock", "BTC=5%,BTC=6%"]], [["--shock", "BTC=5%", "--shock", "ETH=-5%,BTC=6%"]]])(
    "is wrong usage: %j",
    async (words) => {
      const { code, err } = await runPlimsoll(directory, ["start", "--once", ...words]);
      expect(err).toContain("BTC is given twice");
      expect(code).toBe(2);
    },
  );
});

describe("a file of index prices alone", () => {
  it("says that it holds no instrument, and what to record", async () => {
    const path = file([notification("deribit_price_index.btc_usd", index()), index({ index_name: "eth_usd" })]);
    expectOneLine(
      await runPlimsoll(directory, ["import", path]),
      1,
      /input\.json holds 2 index prices but no instrument: add .*get_book_summary_by_currency.*ticker/,
    );
  });
});
