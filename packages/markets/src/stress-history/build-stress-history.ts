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

/** The hours after the start of the event's date in which its worst move is searched. */
const searchHours = 48;

type Candles = ReadonlyMap<number, Candle>;

/**
 * The candle files of each coin. The first gives the price. The mark prices of the second show which lows another venue
 * saw too.
 */
const coinFiles = {
  BTC: ["binance_spot_btcusdt_1h.csv.gz", "binance_perp_btcusdt_1h.csv.gz"],
  ETH: ["binance_spot_ethusdt_1h.csv.gz", "binance_perp_ethusdt_1h.csv.gz"],
  SOL: ["binance_spot_solusdt_1h.csv.gz", "binance_perp_solusdt_1h.csv.gz"],
} as const;

const stablecoinFiles = {
  USDC: "kraken_usdcusd_1h_2023-03.csv",
  USDT: "kraken_usdtusd_1h_2023-03.csv",
} as const;

/** Two option chains, a day apart, around the low of 2026-02-05. */
const chainFiles = ["deribit_chain_20260204T213308Z.csv.gz", "deribit_chain_20260205T212937Z.csv.gz"] as const;

const eventDates = [
  { date: "2020-03-12", name: "Black Thursday", trigger: "BTC" },
  { date: "2021-05-19", name: "the crash of May 2021", trigger: "BTC" },
  { date: "2023-03-11", name: "the depeg of USDC", trigger: "USDC" },
  { date: "2025-10-10", name: "the deleveraging of October 2025", trigger: "BTC" },
  { date: "2026-02-05", name: "the crash of February 2026", trigger: "BTC" },
] as const;

/** The daily fall from which a day counts in fallBeta, as a fraction. */
const fallThatCounts = 0.05;

/**
 * Builds the stress moves, over 24 hours and over 1 hour, of each event. An event names the coin or stablecoin that
 * fell. The worst hour is the one, within 48 hours of the event's date, with that coin's deepest low against its close
 * a horizon earlier. All other coins are measured over the same hours. A low counts only as deep as the mark price of
 * the other venue saw it too, so that a brief spike in one order book is no stress.
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

/** Rounds to four decimals and never returns -0. Two venues differ by more than 0.01% on such a day. */
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

/**
 * Returns the move from the close of one hour to the low or close of another, as a fraction. Null means that an hour is
 * missing.
 */
function moveBetween(candles: Candles, fromMs: number, atMs: number, price: "low" | "close"): number | null {
  const before = candles.get(fromMs);
  const after = candles.get(atMs);
  return before === undefined || after === undefined ? null : after[price] / before.close - 1;
}

/**
 * Returns the hours of the deepest fall within the search. The window is shorter than the horizon only if the record
 * starts later.
 */
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

/**
 * Returns the log change of each day's last close against that of the day before. Days without both closes are left
 * out.
 */
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

/**
 * Returns the least-squares slope through the origin of `follows` on `fallen`. It uses the days on which `fallen` fell
 * by at least `fallThatCounts`.
 */
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

/** Reads the DVOL index by day, in percent per year. */
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
