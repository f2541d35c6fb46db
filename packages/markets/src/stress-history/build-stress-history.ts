import { join } from "node:path";
import { csvRows, InputError, Rejects, readText } from "@plimsoll/files";
import {
  findImpliedVolatility,
  log,
  MS_PER_DAY,
  MS_PER_HOUR,
  type StressEvent,
  type StressHistory,
  type StressMove,
} from "@plimsoll/risk";
import { importMarketFile } from "../market-file.ts";
import { type Candle, readCandles } from "../series/candles.ts";
import { snapshotOfBatch } from "../snapshot-of-batch.ts";

/** Hours from the start of the event's date in which its worst move is looked for. */
const searchHours = 48;

type Candles = ReadonlyMap<number, Candle>;

/** Candle files of each coin: the first is the price, the marks of the second say which lows another venue saw too. */
const coinFiles = {
  BTC: ["binance_spot_btcusdt_1h.csv.gz", "binance_perp_btcusdt_1h.csv.gz"],
  ETH: ["binance_spot_ethusdt_1h.csv.gz", "binance_perp_ethusdt_1h.csv.gz"],
  SOL: ["binance_spot_solusdt_1h.csv.gz", "binance_perp_solusdt_1h.csv.gz"],
} as const;

const stablecoinFiles = {
  USDC: "kraken_usdcusd_1h_2023-03.csv",
  USDT: "kraken_usdtusd_1h_2023-03.csv",
} as const;

/** Chains a day apart around the low of 2026-02-05. */
const chainFiles = ["deribit_chain_20260204T213308Z.csv.gz", "deribit_chain_20260205T212937Z.csv.gz"] as const;

const eventDates = [
  { date: "2020-03-12", name: "Black Thursday", trigger: "BTC" },
  { date: "2021-05-19", name: "the crash of May 2021", trigger: "BTC" },
  { date: "2023-03-11", name: "the depeg of USDC", trigger: "USDC" },
  { date: "2025-10-10", name: "the deleveraging of October 2025", trigger: "BTC" },
  { date: "2026-02-05", name: "the crash of February 2026", trigger: "BTC" },
] as const;

/** Daily fall of the coin that others are compared with, as a fraction, from which a day counts. */
const fallThatCounts = 0.05;

/**
 * Builds the stress moves. For each event: the hour within 48 of its date at which the coin (or stablecoin) that fell was
 * lowest against its close 24 hours, and 1 hour, before; all others over the same hours. A low counts only as deep as the
 * other venue's mark price saw it too, so that a wick of one book is no stress.
 */
export function buildStressHistory(dataFolder: string): StressHistory {
  const candles = new Map<string, Candles>();
  for (const [coin, [spot, perpetual]] of Object.entries(coinFiles)) {
    const path = (file: string) => join(dataFolder, "ohlc", file);
    candles.set(coin, withLowsSeenTwice(readCandles(path(spot)), readCandles(path(perpetual))));
  }
  for (const [coin, file] of Object.entries(stablecoinFiles)) {
    candles.set(coin, readCandles(join(dataFolder, "stablecoins", file)));
  }
  const dvol = readDvol(join(dataFolder, "volatility", "deribit_dvol_btc_daily.csv"));
  const chainMoves = readChainMoves(join(dataFolder, "options"));
  const events = eventDates.flatMap((event) =>
    [24, 1].map((horizonHours): StressEvent => {
      const trigger = candles.get(event.trigger) ?? new Map();
      const { fromMs, atMs } = worstWindow(trigger, Date.parse(event.date), horizonHours);
      const moves = [...candles].flatMap(([symbol, own]): StressMove[] => {
        const isStablecoin = symbol in stablecoinFiles;
        const price = isStablecoin && symbol !== event.trigger ? "close" : "low";
        const priceMove = moveBetween(own, fromMs, atMs, price);
        if (priceMove === null) return [];
        const seen = horizonHours === 24 ? impliedMove(event.date, symbol) : null;
        return [{ symbol, priceMove: rounded(priceMove), volatilityMove: seen && rounded(seen) }];
      });
      const { date, name } = event;
      const hour = new Date(atMs).toISOString().slice(0, 13);
      return { date, name, horizonHours: (atMs - fromMs) / MS_PER_HOUR, hour, moves };
    }),
  );
  return {
    events,
    alternativeCoinBeta: rounded(fallBeta(dailyReturns(candles.get("ETH")), dailyReturns(candles.get("SOL")))),
    volatilityRise: rounded(-fallBeta(dailyReturns(candles.get("BTC")), logChanges(dvol))),
  };

  function impliedMove(date: string, symbol: string): number | null {
    if (date === "2026-02-05") return chainMoves.get(symbol) ?? null;
    const [before, after] = [dvol.get(dayOf(Date.parse(date)) - 1), dvol.get(dayOf(Date.parse(date)))];
    return symbol !== "BTC" || before === undefined || after === undefined ? null : after / before - 1;
  }
}

/** Four decimals, never -0: a hundredth of a percent is finer than any two venues agree on such a day. */
function rounded(value: number): number {
  return Number(value.toFixed(4)) + 0;
}

function withLowsSeenTwice(spot: Candles, perpetual: Candles): Candles {
  return new Map(
    [...spot].map(([openMs, candle]) => {
      const seen = Math.max(candle.low, perpetual.get(openMs)?.markLow ?? candle.low);
      return [openMs, { ...candle, low: Math.min(seen, candle.close) }];
    }),
  );
}

/** Move from the close of one hour to the low or close of another; null where either is missing. */
function moveBetween(candles: Candles, fromMs: number, atMs: number, price: "low" | "close"): number | null {
  const before = candles.get(fromMs);
  const after = candles.get(atMs);
  return before === undefined || after === undefined ? null : after[price] / before.close - 1;
}

/** The hours of the deepest fall within the search; shorter than the horizon only where the record starts later. */
function worstWindow(candles: Candles, eventMs: number, horizonHours: number) {
  const [firstMs = Number.NaN] = candles.keys();
  let worst = { fromMs: Number.NaN, atMs: Number.NaN, move: Number.POSITIVE_INFINITY };
  for (let hour = 0; hour < searchHours; hour += 1) {
    const atMs = eventMs + hour * MS_PER_HOUR;
    const fromMs = Math.max(firstMs, atMs - horizonHours * MS_PER_HOUR);
    const move = moveBetween(candles, fromMs, atMs, "low") ?? Number.POSITIVE_INFINITY;
    if (move < worst.move) worst = { fromMs, atMs, move };
  }
  if (Number.isNaN(worst.atMs)) {
    throw new InputError(`no candles from ${new Date(eventMs).toISOString()} on; give a folder that has that day`);
  }
  return worst;
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / MS_PER_DAY);
}

/** Log change of the last close of each day against that of the day before, by day; days without both are left out. */
function dailyReturns(candles: Candles = new Map()): ReadonlyMap<number, number> {
  const closes = new Map([...candles.values()].map(({ openMs, close }) => [dayOf(openMs), close]));
  return logChanges(closes);
}

function logChanges(values: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const changes = new Map<number, number>();
  for (const [day, value] of values) {
    const before = values.get(day - 1);
    if (before !== undefined) changes.set(day, log(value / before));
  }
  return changes;
}

/** Least-squares slope through the origin of one series on another, over the days on which the other fell hard. */
function fallBeta(fallen: ReadonlyMap<number, number>, follows: ReadonlyMap<number, number>): number {
  let products = 0;
  let squares = 0;
  for (const [day, fall] of fallen) {
    const followed = follows.get(day);
    if (fall > log(1 - fallThatCounts) || followed === undefined) continue;
    products += fall * followed;
    squares += fall * fall;
  }
  return products / squares;
}

/** Percent a year, by day. */
function readDvol(path: string): ReadonlyMap<number, number> {
  const rows = csvRows(readText(path), ["date", "dvol"], new Rejects(path));
  return new Map(
    rows.map(({ values }) => [dayOf(Date.parse(values.get("date") ?? "")), Number(values.get("dvol"))] as const),
  );
}

function readChainMoves(folder: string): ReadonlyMap<string, number> {
  const [before, after] = chainFiles.map((file) => snapshotOfBatch(importMarketFile(join(folder, file)).batch));
  const moves = new Map<string, number>();
  for (const coin of Object.keys(coinFiles)) {
    const calm = before && findImpliedVolatility(before, coin);
    const crash = after && findImpliedVolatility(after, coin);
    if (calm && crash) moves.set(coin, crash / calm - 1);
  }
  return moves;
}
