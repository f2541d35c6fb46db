import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CsvRow, csvHeader, csvRows, InputError, Rejects, readText } from "@plimsoll/files";
import { positivePrice } from "@plimsoll/schema";
import { decimalText } from "./decimal-text.ts";
import { marketTimeMs } from "./market-time.ts";
import type { ChainRow, ChainRows } from "./quote-batch.ts";

const chainColumns = [
  "snapshot_time_utc",
  "instrument_name",
  "option_type",
  "strike",
  "expiry_utc",
  "underlying_name",
  "underlying_price",
  "index_price",
  "mark_price",
  "mark_iv",
] as const;

const tickerColumns = [
  "timestamp_ms",
  "instrument_name",
  "option_type",
  "strike",
  "expiration_timestamp_ms",
  "underlying_index",
  "underlying_price",
  "index_price",
  "mark_price",
  "mark_iv",
] as const;

/**
 * The path from a chain's folder to the perpetual candles that were recorded with the chains. Not every recording has
 * them.
 */
const perpetualCandles = join("..", "futures", "deribit_perpetual_at_snapshots.csv");

/** Tells whether the header is that of a recorded chain, with volatilities as fractions and times in ISO 8601. */
function isChainHeader(header: readonly string[]): boolean {
  return header.includes("snapshot_time_utc");
}

/**
 * Tells whether the header is that of recorded `ticker` answers, with volatilities in percent and Unix times in
 * milliseconds.
 */
function isTickerHeader(header: readonly string[]): boolean {
  return header.includes("timestamp_ms") && header.includes("expiration_timestamp_ms");
}

/**
 * Reads the rows of a chain CSV or a ticker CSV. Throws an `InputError` that lists the known headers if the header is
 * another.
 */
export function readChainCsv(path: string, text: string, rejects: Rejects): ChainRows {
  const header = csvHeader(text);
  if (isTickerHeader(header)) {
    const rows = csvRows(text, tickerColumns, rejects);
    return {
      ...chainRows(rows, "timestamp_ms", "expiration_timestamp_ms", "underlying_index", rejects),
      volatilityShift: -2,
      perpetualMarks: new Map(),
    };
  }
  if (!isChainHeader(header)) {
    throw new InputError(
      `${path}, line 1: the header is none that is known; give a chain (${chainColumns.join(",")},…) ` +
        `or ticker rows (${tickerColumns.join(",")},…)`,
    );
  }
  const rows = csvRows(text, chainColumns, rejects);
  return {
    ...chainRows(rows, "snapshot_time_utc", "expiry_utc", "underlying_name", rejects),
    volatilityShift: 0,
    perpetualMarks: perpetualMarksBeside(path, rows[0]?.values.get("snapshot_time_utc")),
  };
}

function chainRows(
  csv: readonly CsvRow[],
  timeColumn: string,
  expiryColumn: string,
  underlyingColumn: string,
  rejects: Rejects,
): Pick<ChainRows, "rows" | "observedAtMs"> {
  const rows: ChainRow[] = [];
  let observedAtMs = 0;
  for (const { line, values } of csv) {
    const field = (name: string) => values.get(name) ?? "";
    const timeMs = timeOf(field(timeColumn));
    if (Number.isNaN(timeMs)) {
      rejects.add(
        { line },
        field(timeColumn),
        `${timeColumn}: a time such as 2026-02-05T15:51:32Z or Unix milliseconds`,
      );
      continue;
    }
    observedAtMs = Math.max(observedAtMs, timeMs);
    rows.push({
      place: { line },
      instrumentName: field("instrument_name"),
      markPrice: field("mark_price"),
      markVolatility: field("mark_iv"),
      underlyingPrice: field("underlying_price"),
      underlyingName: field(underlyingColumn),
      indexPrice: field("index_price"),
      stated: {
        optionType: field("option_type"),
        strike: field("strike"),
        expiryMs: timeOf(field(expiryColumn)),
      },
    });
  }
  return { rows, observedAtMs };
}

function timeOf(text: string): number {
  const timeMs = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  return marketTimeMs.safeParse(timeMs).success ? Math.trunc(timeMs) : Number.NaN;
}

function perpetualMarksBeside(path: string, snapshotTime: string | undefined): Map<string, string> {
  const candles = join(dirname(path), perpetualCandles);
  const marks = new Map<string, string>();
  if (snapshotTime === undefined || !existsSync(candles)) return marks;
  const columns = ["snapshot_time_utc", "instrument_name", "candle_close"];
  for (const { values } of csvRows(readText(candles), columns, new Rejects(candles))) {
    const close = positivePrice.safeParse(decimalText(values.get("candle_close") ?? ""));
    if (values.get("snapshot_time_utc") !== snapshotTime || !close.success) continue;
    marks.set(values.get("instrument_name") ?? "", close.data);
  }
  return marks;
}
