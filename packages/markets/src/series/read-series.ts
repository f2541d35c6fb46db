import { csvHeader, csvRows, InputError, type Rejects, readText } from "@plimsoll/files";
import type { TimeSeries } from "@plimsoll/risk";

const timeColumns = ["open_time_utc", "date", "timestamp", "time"];

/** The file of one symbol, as given on the command line: `BTC=btc.csv`. */
export interface SeriesFile {
  readonly symbol: string;
  readonly path: string;
}

/**
 * Reads the first of `columns` that a CSV has, over the first time column that it has. A bar's close stands at the time
 * that the file gives the bar, so a day is named by its own date. Rows that cannot be read are refused. Repeated times
 * are kept, and whoever builds a history from the series deals with them.
 */
export function readSeries({ symbol, path }: SeriesFile, columns: readonly string[], rejects: Rejects): TimeSeries {
  const text = readText(path);
  const header = csvHeader(text);
  const time = timeColumns.find((column) => header.includes(column));
  const value = columns.find((column) => header.includes(column));
  if (time === undefined || value === undefined) {
    const [missing, names] = time === undefined ? ["time", timeColumns] : ["value", columns];
    throw new InputError(`${path}, line 1: no column of ${missing}; one of ${names.join(", ")}`);
  }
  const timesMs: number[] = [];
  const values: number[] = [];
  for (const { line, values: row } of csvRows(text, [time, value], rejects)) {
    const timeMs = Date.parse(row.get(time) ?? "");
    const figure = Number(row.get(value) || Number.NaN);
    if (Number.isNaN(timeMs) || Number.isNaN(figure)) {
      rejects.add({ line }, [...row.values()].join(","), `a time as ${time} and a number as ${value}`);
      continue;
    }
    timesMs.push(timeMs);
    values.push(figure);
  }
  return { symbol, timesMs, values };
}
