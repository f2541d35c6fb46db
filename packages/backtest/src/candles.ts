import { basename } from "node:path";
import { InputError, Rejects, readText } from "@plimsoll/files";
import { MS_PER_DAY } from "@plimsoll/risk";
import type { NoteList } from "./notes.ts";

export type SeriesKind = "spot" | "perpetual" | "volatility";

/** The contents of a price file, such as `BTC` in `USDT` on the spot market, or the volatility index of `BTC`. */
export interface SeriesName {
  readonly base: string;
  /** The currency of the prices; empty for a volatility index. */
  readonly quote: string;
  readonly kind: SeriesKind;
}

/**
 * The bars of one price file as columns, in order of time. A price counts from the moment its bar closed, never before.
 */
export interface PriceSeries extends SeriesName {
  readonly file: string;
  readonly barMs: number;
  readonly closedAtMs: Float64Array;
  /** The price at each close, in the quote currency per unit. For a volatility index it is a fraction per year. */
  readonly closes: Float64Array;
}

const currencies = "usdt|usdc|usd|dai|busd";
const pairToken = new RegExp(`^([a-z0-9]{2,10}?)(${currencies})$`);
const explicitPattern = /^([A-Za-z0-9]{1,16})(?:\/([A-Za-z0-9]{1,16}))?(?::(spot|perpetual|volatility))?=(.+)$/;
const nameRemedy =
  "name what it holds, as in BTC/USDT=file.csv, BTC/USDT:perpetual=file.csv or BTC:volatility=file.csv";

/**
 * Reads what one `--prices` option names: a file and its contents. The contents are stated as in
 * `BTC/USDT:perpetual=file`. Otherwise they follow from a file name such as `binance_perp_btcusdt_1h.csv.gz`,
 * `usdt_usd_daily.csv` or `deribit_dvol_btc_daily.csv`.
 */
export function namePriceFile(word: string): SeriesName & { readonly file: string } {
  const explicit = explicitPattern.exec(word);
  if (explicit !== null) {
    const [, base = "", quote = "", kind = "spot", file = ""] = explicit;
    if (kind !== "volatility" && quote === "") {
      throw new InputError(`--prices ${word} names no quote currency: ${nameRemedy}`, { mistakeIn: "request" });
    }
    return { base: base.toUpperCase(), quote: quote.toUpperCase(), kind: kind as SeriesKind, file };
  }
  const tokens = basename(word).toLowerCase().split(/[_.-]/);
  const index = tokens.indexOf("dvol");
  if (index >= 0 && tokens[index + 1] !== undefined) {
    return { base: tokens[index + 1]!.toUpperCase(), quote: "", kind: "volatility", file: word };
  }
  const kind = tokens.some((token) => token.startsWith("perp")) ? "perpetual" : "spot";
  const joined = tokens.slice(1).map((token, at) => `${tokens[at]}${token}`);
  for (const token of [...tokens, ...joined]) {
    const pair = pairToken.exec(token);
    if (pair !== null) return { base: pair[1]!.toUpperCase(), quote: pair[2]!.toUpperCase(), kind, file: word };
  }
  throw new InputError(`--prices ${word} does not say by its name what it holds: ${nameRemedy}`, {
    mistakeIn: "request",
  });
}

const farFuture = Date.UTC(2100, 0, 1);

/**
 * Reads one price file. Rows that cannot be read are added to `rejects`, and doubtful ones are counted in the notes.
 */
export function readPriceSeries(word: string, notes: NoteList): { series: PriceSeries; rejects: Rejects } {
  const name = namePriceFile(word);
  const { file, kind } = name;
  const text = readText(file);
  const rejects = new Rejects(file);
  const [head = "", ...lines] = text.split("\n");
  const header = head.trim().split(",");
  const timeColumn = header.includes("open_time_utc") ? "open_time_utc" : "date";
  const valueColumn = kind === "volatility" ? "dvol" : "close";
  const [timeAt, valueAt] = [header.indexOf(timeColumn), header.indexOf(valueColumn)];
  if (timeAt < 0 || valueAt < 0) {
    throw new InputError(`${file}, line 1: the header needs open_time_utc or date, and ${valueColumn}; it is ${head}`);
  }
  const volumeAt = header.findIndex((column) => column === "volume" || column === "volume_base");
  const markAt = kind === "perpetual" ? header.indexOf("mark_close") : -1;
  const bars = new Map<number, number>();
  // Split by hand: parsing a decade of hourly rows into records by column name takes ten times as long.
  for (const [index, row] of lines.entries()) {
    if (row.trim() === "") continue;
    const line = index + 2;
    const fields = row.trim().split(",");
    if (fields.length !== header.length) {
      rejects.add({ line }, row, `${header.length} fields, as the header has`);
      continue;
    }
    const opened = fields[timeAt]!;
    const openedAtMs = Date.parse(opened);
    if (!(openedAtMs > 0 && openedAtMs < farFuture)) {
      rejects.add({ line }, opened, `${timeColumn}: a UTC time such as 2020-03-12T10:00:00Z or a date`);
      continue;
    }
    const mark = markAt < 0 ? "" : fields[markAt]!;
    if (markAt >= 0 && mark === "") notes.add("mark_missing", basename(file), openedAtMs);
    const given = mark === "" ? fields[valueAt]! : mark;
    const value = given.trim() === "" ? Number.NaN : Number(given) / (kind === "volatility" ? 100 : 1);
    if (!(value > 0 && value < 1e12)) {
      rejects.add({ line }, given, `${valueColumn}: a price above 0`);
      continue;
    }
    // A bar without trades repeats an old price, but a mark price goes on being computed.
    const isIdle = volumeAt >= 0 && mark === "" && Number(fields[volumeAt]) === 0;
    if (isIdle) notes.add("no_trades", basename(file), openedAtMs);
    const known = bars.get(openedAtMs);
    if (known === undefined) bars.set(openedAtMs, isIdle ? Number.NaN : value);
    else if (known === value || (isIdle && Number.isNaN(known))) notes.add("duplicate_row", basename(file), openedAtMs);
    else {
      notes.add("conflicting_rows", basename(file), openedAtMs);
      bars.set(openedAtMs, Number.NaN);
    }
  }
  const times = [...bars.keys()].sort((a, b) => a - b);
  if (times.length < 2) throw new InputError(`${file} holds ${times.length} usable rows; give at least two bars`);
  const barMs = kind === "volatility" ? MS_PER_DAY : commonDistance(times);
  noteMissing(times, barMs, basename(file), notes);
  const usable = times.filter((time) => !Number.isNaN(bars.get(time)));
  const series = {
    ...name,
    file,
    barMs,
    closedAtMs: Float64Array.from(usable, (time) => time + barMs),
    closes: Float64Array.from(usable, (time) => bars.get(time)!),
  };
  return { series, rejects };
}

/** Returns the most frequent distance between neighbouring bars, in milliseconds. */
function commonDistance(times: readonly number[]): number {
  const counts = new Map<number, number>();
  for (let index = 1; index < times.length; index += 1) {
    const distance = times[index]! - times[index - 1]!;
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

function noteMissing(times: readonly number[], barMs: number, subject: string, notes: NoteList): void {
  for (let index = 1; index < times.length; index += 1) {
    for (let time = times[index - 1]! + barMs; time < times[index]!; time += barMs) {
      notes.add("missing_bars", subject, time);
    }
  }
}
