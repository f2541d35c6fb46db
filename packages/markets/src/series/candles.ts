import { csvHeader, csvRows, Rejects, readText } from "@plimsoll/files";
import type { DailyBar } from "@plimsoll/risk";
import { utcDateOf } from "@plimsoll/schema";

/** One bar of a price history. Prices are in the quote currency of its file. */
export interface Candle {
  /** The start of the bar, in milliseconds since 1970. */
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** The lowest mark price of the bar, or null if the file has none. */
  readonly markLow: number | null;
}

/**
 * Reads the bars of a candle file (`open_time_utc` or `date`, then `open,high,low,close,…`). Returns them by the start
 * of each bar, in order of time. Rows whose time or prices cannot be read are refused. If two rows have the same time,
 * the last counts.
 */
export function readCandles(path: string, rejects = new Rejects(path)): ReadonlyMap<number, Candle> {
  const text = readText(path);
  const time = csvHeader(text).includes("date") ? "date" : "open_time_utc";
  const candles: Candle[] = [];
  for (const { line, values } of csvRows(text, [time, "open", "high", "low", "close"], rejects)) {
    const figure = (column: string) => Number(values.get(column) || Number.NaN);
    const markLow = values.get("mark_low") ?? "";
    const candle = {
      openMs: Date.parse(values.get(time) ?? ""),
      open: figure("open"),
      high: figure("high"),
      low: figure("low"),
      close: figure("close"),
      markLow: markLow === "" ? null : Number(markLow),
    };
    const unread = Object.entries(candle).find(([, value]) => Number.isNaN(value));
    if (unread === undefined) candles.push(candle);
    else rejects.add({ line }, [...values.values()].join(","), `a number or time as ${unread[0]}`);
  }
  candles.sort((left, right) => left.openMs - right.openMs);
  return new Map(candles.map((candle) => [candle.openMs, candle]));
}

/** Merges candles of any length up to a day into bars of UTC days, oldest first. */
export function dailyBarsOf(candles: ReadonlyMap<number, Candle>): readonly DailyBar[] {
  const bars = new Map<string, DailyBar>();
  for (const { openMs, open, high, low, close } of candles.values()) {
    const date = utcDateOf(openMs);
    const day = bars.get(date) ?? { date, open, high, low, close };
    bars.set(date, { ...day, high: Math.max(day.high, high), low: Math.min(day.low, low), close });
  }
  return [...bars.values()];
}
