import { basename } from "node:path";
import { InputError } from "@plimsoll/files";
import { defaultOracleParameters, findConsensus, type IndexQuote, type PreviousState } from "@plimsoll/oracle";
import { MS_PER_DAY, MS_PER_HOUR, pow } from "@plimsoll/risk";
import type { PriceSeries } from "./candles.ts";
import type { NoteList } from "./notes.ts";
import { levelOfRealised, type SurfaceModel } from "./surface.ts";

/**
 * The columns of one underlying on the grid of a history, with NaN where there is no value. Their buffers may be shared
 * between threads.
 */
export interface UnderlyingHistory {
  readonly underlying: string;
  /** The index price in US dollars, which is the consensus of the underlying's spot files. */
  readonly index: Float64Array;
  /** The price quality: 0 good, 1 widened, 2 degraded, 3 blocked. */
  readonly quality: Float64Array;
  readonly confidenceWidth: Float64Array;
  /** The mark of the perpetual in US dollars, or the index price where there is no file of perpetuals. */
  readonly perpetual: Float64Array;
  /** The implied volatility of 30 days, per year, from what was known at the time. It is NaN before enough is known. */
  readonly level: Float64Array;
  readonly longRun: Float64Array;
}

/** The past that a replay reads, as columns on an even grid of times. */
export interface PriceHistory {
  readonly startMs: number;
  readonly gridMs: number;
  readonly length: number;
  readonly underlyings: readonly UnderlyingHistory[];
}

const qualities = ["good", "widened", "degraded", "blocked"] as const;
const pegTolerance = 0.01;
/** How long after the close of its bar a price of a quote currency counts, and a value of a volatility index. */
const rateAgeMs = 2 * MS_PER_DAY;
const indexAgeMs = 3 * MS_PER_DAY;
const realisedHalfLifeMs = 10 * MS_PER_DAY;
const longRunHalfLifeMs = 180 * MS_PER_DAY;
/** Returns must span this time before their volatility is used. */
const warmUpMs = 10 * MS_PER_DAY;
const hoursPerYear = 8760;

export const qualityNames = qualities;

/**
 * Puts price files on one grid. The value at a time is what was known at that time. Throws an `InputError` without spot
 * candles, or if a file is of an underlying that has none.
 */
export function buildHistory(series: readonly PriceSeries[], model: SurfaceModel, notes: NoteList): PriceHistory {
  const quotes = new Set(series.map(({ quote }) => quote));
  const rates = series.filter(({ base, kind }) => kind === "spot" && quotes.has(base));
  const spots = series.filter((one) => one.kind === "spot" && !rates.includes(one));
  if (spots.length === 0) {
    throw new InputError("--prices holds no spot candles: give the spot market of at least one coin as its index", {
      mistakeIn: "request",
    });
  }
  const gridMs = Math.max(...spots.map(({ barMs }) => barMs));
  const startMs = Math.ceil(Math.min(...spots.map(({ closedAtMs }) => closedAtMs[0]!)) / gridMs) * gridMs;
  const endMs = Math.max(...spots.map(({ closedAtMs }) => closedAtMs[closedAtMs.length - 1]!));
  const grid = { startMs, gridMs, length: Math.floor((endMs - startMs) / gridMs) + 1 };
  const names = [...new Set(spots.map(({ base }) => base))].sort();
  const stray = series.find(({ kind, base }) => kind !== "spot" && !names.includes(base));
  if (stray !== undefined) {
    throw new InputError(`${stray.file} is of ${stray.base}, which has no spot candles: add them to --prices`);
  }
  const underlyings = names.map((underlying) => {
    const own = series.filter(({ base }) => base === underlying);
    const perpetual = own.find(({ kind }) => kind === "perpetual");
    const index = indexColumns(
      underlying,
      own.filter(({ kind }) => kind === "spot"),
      rates,
      grid,
      notes,
    );
    return {
      underlying,
      ...index,
      perpetual: perpetual === undefined ? index.index : markColumn(perpetual, rates, grid),
      ...levelColumns(
        underlying,
        index,
        own.find(({ kind }) => kind === "volatility"),
        grid,
        model,
        notes,
      ),
    };
  });
  return { ...grid, underlyings };
}

type Grid = Pick<PriceHistory, "startMs" | "gridMs" | "length">;

function column(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length)).fill(Number.NaN);
}

/**
 * Returns a function that reads a series forward in time. It gives the last value that closed at or before a time, and
 * the age of that value in milliseconds.
 */
function createReader({ closedAtMs, closes }: PriceSeries): (timeMs: number) => { value: number; ageMs: number } {
  let next = 0;
  return (timeMs) => {
    while (next < closedAtMs.length && closedAtMs[next]! <= timeMs) next += 1;
    return next === 0
      ? { value: Number.NaN, ageMs: Number.POSITIVE_INFINITY }
      : { value: closes[next - 1]!, ageMs: timeMs - closedAtMs[next - 1]! };
  };
}

/**
 * Returns a function that gives the price of a quote currency in US dollars, from the freshest of its files. It gives
 * null if no file has a value that is at most `rateAgeMs` old. The price of USD is 1.
 */
function createRateReader(quote: string, rates: readonly PriceSeries[]): (timeMs: number) => number | null {
  if (quote === "USD") return () => 1;
  const readers = rates.filter(({ base }) => base === quote).map(createReader);
  return (timeMs) => {
    const values = readers.map((read) => read(timeMs)).filter(({ ageMs }) => ageMs <= rateAgeMs);
    return values.length === 0 ? null : values.reduce((best, one) => (one.ageMs < best.ageMs ? one : best)).value;
  };
}

function indexColumns(
  underlying: string,
  spots: readonly PriceSeries[],
  rates: readonly PriceSeries[],
  grid: Grid,
  notes: NoteList,
) {
  const columns = {
    index: column(grid.length),
    quality: column(grid.length).fill(qualities.indexOf("blocked")),
    confidenceWidth: column(grid.length).fill(0),
  };
  const sources = spots.map((series) => ({
    source: basename(series.file),
    quote: series.quote,
    read: createReader(series),
    rate: createRateReader(series.quote, rates),
  }));
  // A bar counts at its close and no later. Half a bar of age allows for sources that close at different times, but not
  // for the bar before.
  const parameters = { ...defaultOracleParameters, quoteMaxAgeMs: grid.gridMs / 2, instrumentsPerSnapshot: 0 };
  let previous: PreviousState | null = null;
  for (let at = 0; at < grid.length; at += 1) {
    const timeMs = grid.startMs + at * grid.gridMs;
    const quotes: IndexQuote[] = [];
    for (const { source, quote, read, rate } of sources) {
      const { value, ageMs } = read(timeMs);
      if (Number.isNaN(value)) continue;
      const rateUsd = rate(timeMs);
      if (ageMs <= parameters.quoteMaxAgeMs) noteRate(quote, rateUsd, timeMs, notes);
      quotes.push({ source, observedAtMs: timeMs - ageMs, indexPrice: value * (rateUsd ?? 1) });
    }
    const state = findConsensus(underlying, quotes, timeMs, previous, parameters);
    if (state === null) continue;
    columns.quality[at] = qualities.indexOf(state.quality);
    if (state.quality === "blocked") {
      notes.add("price_blocked", underlying, timeMs);
      continue;
    }
    columns.index[at] = state.indexPrice;
    columns.confidenceWidth[at] = state.confidenceWidth;
    if (state.quality === "degraded") notes.add("price_degraded", underlying, timeMs, state.confidenceWidth);
    else if (state.quality === "widened") notes.add("sources_disagree", underlying, timeMs, state.confidenceWidth);
    previous = { state, asOfMs: timeMs };
  }
  return columns;
}

function noteRate(quote: string, rateUsd: number | null, timeMs: number, notes: NoteList): void {
  if (rateUsd === null) notes.add("quote_taken_at_par", quote, timeMs);
  else if (Math.abs(rateUsd - 1) >= pegTolerance) notes.add("quote_off_peg", quote, timeMs, Math.abs(rateUsd - 1));
}

function markColumn(series: PriceSeries, rates: readonly PriceSeries[], grid: Grid): Float64Array {
  const marks = column(grid.length);
  const read = createReader(series);
  const rate = createRateReader(series.quote, rates);
  for (let at = 0; at < grid.length; at += 1) {
    const timeMs = grid.startMs + at * grid.gridMs;
    const { value, ageMs } = read(timeMs);
    if (ageMs <= grid.gridMs / 2) marks[at] = value * (rate(timeMs) ?? 1);
  }
  return marks;
}

/**
 * Computes the level of implied volatility and its long run at each time. Where the volatility index is fresh, the
 * level is its value, moved by realised volatility since its time stamp. Elsewhere it follows from realised volatility
 * by the model's rule. Realised volatility is exponentially weighted over the returns of the grid, with a half-life of
 * ten days. A return across a gap counts with its length.
 */
function levelColumns(
  underlying: string,
  { index, quality }: { readonly index: Float64Array; readonly quality: Float64Array },
  volatility: PriceSeries | undefined,
  { startMs, gridMs, length }: Grid,
  model: SurfaceModel,
  notes: NoteList,
) {
  const level = column(length);
  const longRun = column(length);
  const read = volatility === undefined ? null : createReader(volatility);
  const realised = new Float64Array(length).fill(Number.NaN);
  let variance = 0;
  let longVariance = Number.NaN;
  let last = -1;
  let spannedMs = 0;
  for (let at = 0; at < length; at += 1) {
    const timeMs = startMs + at * gridMs;
    const isDoubted = quality[at]! >= qualities.indexOf("degraded");
    if (!isDoubted) {
      if (last >= 0) {
        const spanMs = (at - last) * gridMs;
        const move = index[at]! / index[last]! - 1;
        const kept = pow(0.5, spanMs / realisedHalfLifeMs);
        variance = kept * variance + (1 - kept) * (move * move * (MS_PER_HOUR / spanMs));
        spannedMs += spanMs;
      }
      last = at;
    }
    if (spannedMs < warmUpMs) {
      notes.add("volatility_missing", underlying, timeMs);
      continue;
    }
    // The average starts at a variance of 0. Dividing by the weight of all returns so far removes that start.
    realised[at] = Math.sqrt((variance / (1 - pow(0.5, spannedMs / realisedHalfLifeMs))) * hoursPerYear);
    const own = read?.(timeMs);
    if (own !== undefined && own.ageMs <= indexAgeMs) {
      const stamp = at - Math.floor(own.ageMs / gridMs);
      const then = realised[stamp] ?? Number.NaN;
      level[at] = then > 0 ? own.value * pow(realised[at]! / then, model.intradayPower) : own.value;
    } else {
      level[at] = levelOfRealised(realised[at]!, model);
      notes.add("volatility_realised", underlying, timeMs);
    }
    const square = level[at]! * level[at]!;
    const kept = pow(0.5, gridMs / longRunHalfLifeMs);
    longVariance = Number.isNaN(longVariance) ? square : kept * longVariance + (1 - kept) * square;
    longRun[at] = Math.sqrt(longVariance);
  }
  return { level, longRun };
}
