import { csvRows } from "../import/csv-rows.ts";
import { readText } from "../import/read-text.ts";
import { Rejects } from "../import/rejects.ts";

/** One bar of a price history, prices in the quote currency of its file. */
export interface Candle {
  /** Start of the bar, milliseconds since 1970. */
  readonly openMs: number;
  readonly low: number;
  readonly close: number;
  /** Lowest mark price of the bar where the file has one; else null. */
  readonly markLow: number | null;
}

/** Bars of a candle file (`open_time_utc,open,high,low,close,…`) by the start of each, in order of time. */
export function readCandles(path: string): ReadonlyMap<number, Candle> {
  const rejects = new Rejects(path);
  const rows = csvRows(readText(path), ["open_time_utc", "low", "close"], rejects);
  const candles = rows.map(({ values }): Candle => {
    const figure = (column: string) => Number(values.get(column));
    const markLow = values.get("mark_low") ?? "";
    return {
      openMs: Date.parse(values.get("open_time_utc") ?? ""),
      low: figure("low"),
      close: figure("close"),
      markLow: markLow === "" ? null : Number(markLow),
    };
  });
  candles.sort((left, right) => left.openMs - right.openMs);
  return new Map(candles.map((candle) => [candle.openMs, candle]));
}
