import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildCandidates, fitSurface } from "@plimsoll/backtest";
import { importMarketFile } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import { afterAll, describe, expect, it } from "vitest";
import { namePriceFile, readPriceSeries } from "../../packages/backtest/src/candles.ts";
import { buildHistory } from "../../packages/backtest/src/history.ts";
import { expiryAfter, strikeStep } from "../../packages/backtest/src/holding.ts";
import { type HistoryNote, NoteList } from "../../packages/backtest/src/notes.ts";
import {
  atTheMoneyVolatility,
  defaultSurfaceModel,
  levelOfRealised,
  smileVolatility,
} from "../../packages/backtest/src/surface.ts";
import { generatePortfolios, portfolioKinds } from "../../packages/backtest/src/templates.ts";
import { fixturePath } from "../support/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));

const startMs = Date.UTC(2021, 0, 1);
const hourMs = 3_600_000;

function timeText(hour: number): string {
  return new Date(startMs + hour * hourMs).toISOString().replace(".000Z", "Z");
}

/** A candle file of hourly closes; rows may be changed before they are written. */
function candleFile(name: string, closes: readonly number[], change: (rows: string[]) => string[] = (rows) => rows) {
  const rows = closes.map((close, hour) => `${timeText(hour)},${close},${close},${close},${close},1`);
  const path = join(folder, name);
  const text = ["open_time_utc,open,high,low,close,volume", ...change(rows), ""].join("\n");
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

function historyOf(...words: string[]) {
  const notes = new NoteList();
  const series = words.map((word) => readPriceSeries(word, notes).series);
  return { history: buildHistory(series, defaultSurfaceModel, notes), notes: notes.list() };
}

const noteOf = (notes: readonly HistoryNote[], code: string) => notes.find((note) => note.code === code);
const flat = (count: number, price = 100) => Array.from({ length: count }, () => price);

describe("names of price files", () => {
  it("says what a file holds, by its name or by what stands before it", () => {
    expect(namePriceFile("x/binance_perp_btcusdt_1h.csv.gz")).toMatchObject({
      base: "BTC",
      quote: "USDT",
      kind: "perpetual",
    });
    expect(namePriceFile("binance_spot_ethusdt_1h.csv.gz")).toMatchObject({ base: "ETH", quote: "USDT", kind: "spot" });
    expect(namePriceFile("usdt_usd_daily.csv")).toMatchObject({ base: "USDT", quote: "USD", kind: "spot" });
    expect(namePriceFile("kraken_usdcusd_1h_2023-03.csv")).toMatchObject({ base: "USDC", quote: "USD" });
    expect(namePriceFile("deribit_dvol_btc_daily.csv")).toMatchObject({ base: "BTC", kind: "volatility" });
    expect(namePriceFile("SOL/USDC:perpetual=a.csv")).toEqual({
      base: "SOL",
      quote: "USDC",
      kind: "perpetual",
      file: "a.csv",
    });
    expect(() => namePriceFile("prices.csv")).toThrow(
      "does not say by its name what it holds: name what it holds, as in",
    );
    expect(() => namePriceFile("BTC=prices.csv")).toThrow("names no quote currency");
  });
});

describe("price files", () => {
  it("counts a duplicate once, and believes neither of two that contradict", () => {
    const path = candleFile("spot_btcusd.csv", flat(300), (rows) => [
      ...rows,
      rows[10]!,
      `${timeText(20)},200,200,200,200,1`,
    ]);
    const { history, notes } = historyOf(path);
    expect(noteOf(notes, "duplicate_row")).toMatchObject({ count: 1, firstMs: startMs + 10 * hourMs });
    expect(noteOf(notes, "conflicting_rows")).toMatchObject({ count: 1, firstMs: startMs + 20 * hourMs });
    const { index } = history.underlyings[0]!;
    // The bar that opened at hour 20 would count at point 20: the grid starts with the first close.
    expect(index[10]).toBe(100);
    expect(index[20]).toBeNaN();
    expect(index[21]).toBe(100);
  });

  it("leaves an outage a gap, and notes it", () => {
    const path = candleFile("spot_btcusd_gap.csv.gz", flat(300), (rows) =>
      rows.filter((_, hour) => hour < 50 || hour >= 60),
    );
    const { history, notes } = historyOf(path);
    expect(noteOf(notes, "missing_bars")).toMatchObject({ count: 10, firstMs: startMs + 50 * hourMs });
    expect(noteOf(notes, "price_blocked")?.count).toBe(10);
    expect([...history.underlyings[0]!.index.slice(49, 61)].filter(Number.isNaN)).toHaveLength(10);
  });

  it("refuses rows that are no bars, by line and reason, and takes the rest", () => {
    const path = candleFile("spot_ethusd.csv", flat(300), (rows) => [
      "2021-99-01T00:00:00Z,1,1,1,1,1",
      `${timeText(400)},1,1,1,-5,1`,
      "short",
      ...rows,
    ]);
    const { series, rejects } = readPriceSeries(path, new NoteList());
    expect(rejects.list.map(({ line, problem }) => [line, problem])).toEqual([
      [2, "open_time_utc: a UTC time such as 2020-03-12T10:00:00Z or a date"],
      [3, "close: a price above 0"],
      [4, "6 fields, as the header has"],
    ]);
    expect(series.closes).toHaveLength(300);
    expect(() => readPriceSeries(candleFile("spot_ethusd_empty.csv", []), new NoteList())).toThrow("0 usable rows");
  });

  it("does not believe an outlier of one source, nor the way back, and says so", () => {
    const closes = flat(300);
    closes[100] = 160;
    const { history, notes } = historyOf(candleFile("spot_btcusd_spike.csv", closes));
    const { quality } = history.underlyings[0]!;
    expect([99, 100, 101, 102].map((at) => quality[at])).toEqual([0, 2, 2, 0]);
    expect(noteOf(notes, "price_degraded")?.count).toBe(2);
    // No return across a doubted price: volatility stays where it was.
    expect(history.underlyings[0]!.level[299]).toBe(defaultSurfaceModel.floor);
  });

  it("charges for sources that disagree, and takes the median of three against one outlier", () => {
    const spike = flat(300);
    spike[100] = 150;
    const near = flat(300, 100.3);
    const { history, notes } = historyOf(
      candleFile("a_spot_btcusd.csv", flat(300)),
      candleFile("b_spot_btcusd.csv", near),
      candleFile("c_spot_btcusd.csv", spike),
    );
    const { index, confidenceWidth, quality } = history.underlyings[0]!;
    expect(index[100]).toBeCloseTo(100.15, 10);
    expect(quality[100]).toBe(1);
    expect(confidenceWidth[100]).toBeCloseTo(0.0015, 4);
    // In all other hours two agree to the cent, and the third, 0.3 % away, is the outlier.
    expect(noteOf(notes, "sources_disagree")?.count).toBe(1);
  });

  it("converts a quote currency off its peg at its own price, only once that price was known", () => {
    const rates = ["date,open,high,low,close", "2021-01-01,1,1,1,1", "2021-01-02,1,1,1,0.93", "2021-01-03,1,1,1,1", ""];
    writeFileSync(join(folder, "usdt_usd_daily.csv"), rates.join("\n"));
    const { history, notes } = historyOf(candleFile("spot_btcusdt.csv", flat(300)), join(folder, "usdt_usd_daily.csv"));
    const { index } = history.underlyings[0]!;
    const pointAt = (time: string) => (Date.parse(time) - history.startMs) / hourMs;
    expect(index[pointAt("2021-01-02T23:00:00Z")]).toBe(100);
    expect(index[pointAt("2021-01-03T00:00:00Z")]).toBe(93);
    expect(index[pointAt("2021-01-04T00:00:00Z")]).toBe(100);
    expect(noteOf(notes, "quote_off_peg")).toMatchObject({ subject: "USDT", count: 24 });
    expect(noteOf(notes, "quote_off_peg")?.worst).toBeCloseTo(0.07, 12);
    expect(noteOf(notes, "quote_taken_at_par")?.count).toBeGreaterThan(100);
  });

  it("refuses what cannot be an index", () => {
    const perpetual = candleFile("perp_btcusd.csv", flat(300));
    expect(() => historyOf(perpetual)).toThrow("holds no spot candles");
    expect(() => historyOf(candleFile("spot_ethusd_only.csv", flat(300)), perpetual)).toThrow(
      "which has no spot candles",
    );
  });
});

describe("the surface model", () => {
  const model = defaultSurfaceModel;

  it("has the level at thirty days, reaches for the long run, and smiles", () => {
    expect(atTheMoneyVolatility(0.8, 0.5, 30, model)).toBeCloseTo(0.8, 12);
    expect(atTheMoneyVolatility(0.8, 0.5, 3, model)).toBeGreaterThan(0.8);
    expect(atTheMoneyVolatility(0.8, 0.5, 3650, model)).toBeLessThan(0.53);
    expect(atTheMoneyVolatility(0.3, 3, 1, model)).toBe(0.15);
    expect(smileVolatility(0.5, 100, 100, 0.1, model)).toBe(0.5);
    expect(smileVolatility(0.5, 100, 80, 0.1, model)).toBeGreaterThan(smileVolatility(0.5, 100, 125, 0.1, model));
    expect(smileVolatility(0.5, 100, 1, 0.1, model)).toBe(smileVolatility(0.5, 100, 2, 0.1, model));
    expect(levelOfRealised(0.01, model)).toBe(model.floor);
  });
});

describe("a surface fitted to chains", () => {
  it("has the smile of a calm day and the steeper one of a crash", () => {
    const fitted = ["20260116T153325Z", "20260205T212937Z"].map((stamp) => {
      const { batch } = importMarketFile(fixturePath(`data/options/deribit_chain_${stamp}.csv.gz`));
      return fitSurface([batch], defaultSurfaceModel);
    });
    // Least squares by expiry in another program (numpy): skews of -0.06 to -0.025 on the calm day, -0.19 to -0.03 in the crash,
    // curvatures of 0.081 to 0.117 and 0.068 to 0.160.
    expect(fitted[0]!.skew).toBeCloseTo(-0.049, 2);
    expect(fitted[0]!.curvature).toBeCloseTo(0.09, 2);
    expect(fitted[1]!.skew).toBeLessThan(-0.1);
    expect(fitted[1]!.skew).toBeGreaterThan(-0.19);
    expect(fitted[1]!.halfLifeDays).toBeLessThan(fitted[0]!.halfLifeDays);
    expect(() => fitSurface([], defaultSurfaceModel)).toThrow("--chain holds 0 usable option marks");
  });
});

describe("generated portfolios", () => {
  it("deals every kind, and portfolio n is the same whatever the others are", () => {
    const many = generatePortfolios(["BTC", "ETH"], 48, 7);
    expect(new Set(many.map(({ kind }) => kind))).toEqual(new Set(portfolioKinds));
    expect(generatePortfolios(["BTC", "ETH"], 12, 7)).toEqual(many.slice(0, 12));
    expect(generatePortfolios(["BTC", "ETH"], 12, 8)).not.toEqual(many.slice(0, 12));
    expect(generatePortfolios(["BTC"], 40, 7).every(({ kind }) => kind !== "relative_value")).toBe(true);
  });

  it("rolls on Fridays at 08:00 UTC, weeklies after weeklies", () => {
    const friday = Date.UTC(2021, 0, 8, 8);
    expect(expiryAfter(friday, 7)).toBe(Date.UTC(2021, 0, 15, 8));
    expect(expiryAfter(friday + hourMs, 7)).toBe(Date.UTC(2021, 0, 15, 8));
    expect(expiryAfter(friday, 28)).toBe(Date.UTC(2021, 1, 5, 8));
    expect([0.7, 95, 350, 4_300, 68_000].map(strikeStep)).toEqual([0.005, 0.5, 2, 20, 500]);
  });
});

describe("the search", () => {
  const base = [{ name: "portfolio", methodId: "portfolio" as const, parameters: defaultParameters }];

  it("makes a contender of each combination, and leaves out extended moves that come to lie inside the range", () => {
    const candidates = buildCandidates(base, ["price_scan_range=0.5,2.2", "volatility_down=2"]);
    expect(candidates.map(({ name }) => name)).toEqual([
      "portfolio price_scan_range ×0.5 volatility_down ×2",
      "portfolio price_scan_range ×2.2 volatility_down ×2",
    ]);
    const [first] = defaultParameters.scan;
    const wide = candidates[1]!.parameters.scan[0]!;
    expect(wide.priceScanRange).toBeCloseTo(2.2 * first!.priceScanRange, 6);
    expect(wide.extendedMoves).toEqual(first!.extendedMoves.filter((move) => Math.abs(move) > wide.priceScanRange));
  });

  it("names what it does not know", () => {
    expect(() => buildCandidates(base, ["price=1"])).toThrow("--choose price=1: write one of price_scan_range,");
    expect(() => buildCandidates(base, ["basis_rate=0"])).toThrow("multiples above 0 to 10");
    const many = Array.from({ length: 65 }, (_, index) => index / 10 + 1).map((multiple) => Math.min(10, multiple));
    expect(() => buildCandidates(base, [`basis_rate=${many.join(",")}`])).toThrow("--choose asks for 65 combinations");
  });
});
