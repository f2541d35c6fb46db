import { z } from "zod";
import { CommandError } from "../errors.ts";
import type { ChainRow, ChainRows } from "./quote-batch.ts";
import type { Rejects } from "./rejects.ts";

/** Figures of either answer: numbers, absent, null, or a text where the venue writes `"expired"`. */
const figure = z.union([z.number(), z.string(), z.null()]).optional();

/** One element of `public/get_book_summary_by_currency`; futures have no volatility and no underlying. */
const bookSummary = z.object({
  instrument_name: z.string(),
  creation_timestamp: z.number(),
  mark_price: figure,
  mark_iv: figure,
  underlying_price: figure,
  underlying_index: z.string().optional(),
  estimated_delivery_price: figure,
  funding_8h: figure,
});

/** The result of `public/ticker`. */
const ticker = z.object({
  instrument_name: z.string(),
  timestamp: z.number(),
  mark_price: figure,
  mark_iv: figure,
  underlying_price: figure,
  underlying_index: z.string().optional(),
  index_price: figure,
  estimated_delivery_price: figure,
  funding_8h: figure,
});

/**
 * Rows of saved or live answers of Deribit's public API: one answer, its bare `result`, or an array of answers, of
 * `get_book_summary_by_currency` and `ticker` in any mix. Volatilities are in percent. A book summary names no index;
 * its `estimated_delivery_price` is the index, but for the last half hour before an expiry, when it is the average that the
 * expiry will settle at: the median over the rows leaves that out.
 */
export function readDeribitJson(file: string, value: unknown, rejects: Rejects): ChainRows {
  const rows: ChainRow[] = [];
  let observedAtMs = 0;
  for (const [path, item] of resultItems(file, value, "$")) {
    const row = summaryRow(path, item) ?? tickerRow(path, item);
    if (!row) {
      rejects.add({ path }, item, "an element of get_book_summary_by_currency or a ticker result with instrument_name");
      continue;
    }
    observedAtMs = Math.max(observedAtMs, row.timeMs);
    rows.push(row.row);
  }
  return { rows, observedAtMs, volatilityShift: -2, perpetualMarks: new Map() };
}

function resultItems(file: string, value: unknown, path: string): [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => resultItems(file, item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [[path, value]];
  if ("error" in value) {
    throw new CommandError(`${file}, ${path}: Deribit answered an error, ${JSON.stringify(value.error)}: ask again`);
  }
  return "result" in value ? resultItems(file, value.result, `${path}.result`) : [[path, value]];
}

interface TimedRow {
  readonly timeMs: number;
  readonly row: ChainRow;
}

function summaryRow(path: string, item: unknown): TimedRow | undefined {
  const parsed = bookSummary.safeParse(item);
  if (!parsed.success) return undefined;
  const { creation_timestamp, estimated_delivery_price, ...common } = parsed.data;
  return { timeMs: creation_timestamp, row: rowOf(path, common, estimated_delivery_price, estimated_delivery_price) };
}

function tickerRow(path: string, item: unknown): TimedRow | undefined {
  const parsed = ticker.safeParse(item);
  if (!parsed.success) return undefined;
  const { timestamp, index_price, estimated_delivery_price, ...common } = parsed.data;
  return { timeMs: timestamp, row: rowOf(path, common, index_price, estimated_delivery_price) };
}

type Figure = z.infer<typeof figure>;

interface CommonFields {
  readonly instrument_name: string;
  readonly funding_8h?: Figure;
  readonly mark_price?: Figure;
  readonly mark_iv?: Figure;
  readonly underlying_price?: Figure;
  readonly underlying_index?: string | undefined;
}

function rowOf(path: string, fields: CommonFields, index: Figure, estimatedDeliveryPrice: Figure): ChainRow {
  return {
    place: { path },
    instrumentName: fields.instrument_name,
    markPrice: textOf(fields.mark_price),
    markVolatility: textOf(fields.mark_iv),
    underlyingPrice: textOf(fields.underlying_price),
    underlyingName: fields.underlying_index ?? "",
    indexPrice: textOf(index),
    estimatedDeliveryPrice: textOf(estimatedDeliveryPrice),
    funding8h: textOf(fields.funding_8h),
  };
}

function textOf(value: Figure): string {
  return value === undefined || value === null ? "" : String(value);
}
