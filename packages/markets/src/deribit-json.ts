import { InputError, type Rejects } from "@plimsoll/files";
import { belowLargest, largestAmount } from "@plimsoll/schema";
import * as z from "zod";
import { decimalText } from "./decimal-text.ts";
import type { PairPrice } from "./dollar-prices.ts";
import { marketTimeMs } from "./market-time.ts";
import type { ChainRow, ChainRows } from "./quote-batch.ts";

/** A figure of either answer. It is a number, absent, null, or a text such as `"expired"`. */
const figure = z.union([z.number(), z.string(), z.null()]).optional();

/** One element of `public/get_book_summary_by_currency`. Futures have no volatility and no underlying. */
const bookSummary = z.object({
  instrument_name: z.string(),
  creation_timestamp: marketTimeMs,
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
  timestamp: marketTimeMs,
  mark_price: figure,
  mark_iv: figure,
  underlying_price: figure,
  underlying_index: z.string().optional(),
  index_price: figure,
  estimated_delivery_price: figure,
  funding_8h: figure,
});

/**
 * The data of the channel `deribit_price_index`. In an index such as `btc_usd` or `sol_usdc`, the price is how many
 * units of the second currency one unit of the first costs.
 */
const priceIndex = z.object({
  index_name: z.string(),
  price: z.number().lt(largestAmount, belowLargest),
  timestamp: marketTimeMs,
});

const indexName = /^([a-z0-9]{1,16})_([a-z0-9]{1,16})$/;

/** The values of a file that has one JSON value on each line, with their line numbers. */
export class JsonLines {
  readonly values: readonly { readonly line: number; readonly value: unknown }[];

  constructor(values: JsonLines["values"]) {
    this.values = values;
  }
}

/**
 * Reads rows from what Deribit's public API says, saved or live (docs/sources.md, Deribit market data). It accepts
 *
 * - answers of `get_book_summary_by_currency` and `ticker`, or their bare `result`;
 * - notifications of the WebSocket channels `ticker`, `incremental_ticker` and `deribit_price_index`, or their bare
 *   `params` or `data`.
 *
 * The value is one of these, an array of them, or one on each line, in any mix. Volatilities are in percent.
 *
 * For an instrument that is notified more than once, the newest notification counts. A change from `incremental_ticker`
 * is merged into the instrument's snapshot first. A notification also replaces an answer that is not newer. Heartbeats
 * and confirmations of subscriptions are skipped.
 *
 * A book summary has no index field, so its `estimated_delivery_price` is read as the index. In the last half hour
 * before an expiry that field is the average at which the expiry will settle. The median over the rows leaves such rows
 * out.
 */
export function readDeribitJson(file: string, value: unknown, rejects: Rejects): ChainRows {
  const answered: TimedRow[] = [];
  const notified = new Map<string, TimedRow>();
  const tickers = new Map<string, object>();
  const indices = new Map<string, PairPrice & { readonly timeMs: number }>();
  for (const { path, item, channel } of itemsIn(file, value)) {
    const index = indexOf(item);
    if (index !== undefined) {
      const name = `${index.coin}_${index.currency}`;
      if (index.timeMs >= (indices.get(name)?.timeMs ?? 0)) indices.set(name, index);
      continue;
    }
    if (channel === undefined) {
      const row = summaryRow(path, item) ?? tickerRow(path, item);
      if (row) answered.push(row);
      else refuse(rejects, path, item, [bookSummary, ticker, priceIndex]);
      continue;
    }
    if (!/^(incremental_)?ticker\./.test(channel)) {
      refuse(rejects, path, item, [priceIndex]);
      continue;
    }
    const isChange = typeof item === "object" && item !== null && "type" in item && item.type === "change";
    const before = tickers.get(channel);
    if (isChange && before === undefined) {
      rejects.add({ path }, item, `the snapshot of ${channel} before its changes: record from the subscription on`);
      continue;
    }
    const whole = isChange ? { ...before, ...item } : item;
    const row = tickerRow(path, whole);
    if (!row) {
      refuse(rejects, path, whole, [ticker]);
      continue;
    }
    tickers.set(channel, whole as object);
    const { instrumentName } = row.row;
    if (row.timeMs >= (notified.get(instrumentName)?.timeMs ?? 0)) notified.set(instrumentName, row);
  }
  const counted = answered.filter(({ row, timeMs }) => {
    const newer = notified.get(row.instrumentName);
    if (newer === undefined) return true;
    if (newer.timeMs >= timeMs) return false;
    notified.delete(row.instrumentName);
    return true;
  });
  const used = [...counted, ...notified.values()];
  return {
    rows: used.map(({ row }) => row),
    indices: [...indices.values()],
    observedAtMs: [...used, ...indices.values()].reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0),
    volatilityShift: -2,
    perpetualMarks: new Map(),
  };
}

const knownItems =
  "an element of get_book_summary_by_currency, a ticker result with instrument_name, or a notification of ticker, " +
  "incremental_ticker or deribit_price_index";

/** Adds an item to the rejects. If only one field of the item is wrong, the reason says what that field must be. */
function refuse(rejects: Rejects, path: string, item: unknown, schemas: readonly z.ZodType[]): void {
  for (const schema of schemas) {
    const [issue, ...more] = schema.safeParse(item).error?.issues ?? [];
    const field = String(issue?.path[0]);
    if (issue === undefined || more.length > 0 || typeof item !== "object" || item === null || !(field in item)) {
      continue;
    }
    rejects.add({ path }, Reflect.get(item, field), `${field}: ${issue.message}`);
    return;
  }
  rejects.add({ path }, item, knownItems);
}

interface Item {
  readonly path: string;
  readonly item: unknown;
  /** The channel of the notification that brought the item; absent for an answer. */
  readonly channel?: string;
}

function itemsIn(file: string, value: unknown): Item[] {
  if (!(value instanceof JsonLines)) return items(file, value, "$");
  return value.values.flatMap(({ line, value }) => items(file, value, `line ${line}: $`));
}

function items(file: string, value: unknown, path: string, channel?: string): Item[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => items(file, item, `${path}[${index}]`, channel));
  if (typeof value !== "object" || value === null) return [{ path, item: value }];
  if ("error" in value) {
    throw new InputError(`${file}, ${path}: Deribit answered an error, ${JSON.stringify(value.error)}: ask again`);
  }
  if ("result" in value) return isConfirmation(value.result) ? [] : items(file, value.result, `${path}.result`);
  if ("method" in value && value.method === "heartbeat") return [];
  if ("params" in value) return items(file, value.params, `${path}.params`);
  if ("channel" in value && "data" in value) return items(file, value.data, `${path}.data`, String(value.channel));
  return [channel === undefined ? { path, item: value } : { path, item: value, channel }];
}

/** Tells whether a result is the answer of `public/subscribe`, which is an array of channel names. */
function isConfirmation(result: unknown): boolean {
  return Array.isArray(result) && result.length > 0 && result.every((name) => typeof name === "string");
}

function indexOf(item: unknown): (PairPrice & { readonly timeMs: number }) | undefined {
  const parsed = priceIndex.safeParse(item);
  if (!parsed.success) return undefined;
  const [, coin, currency] = indexName.exec(parsed.data.index_name) ?? [];
  const price = decimalText(String(parsed.data.price));
  if (coin === undefined || currency === undefined || price === undefined || !(Number(price) > 0)) return undefined;
  return { coin: coin.toUpperCase(), currency: currency.toUpperCase(), price, timeMs: parsed.data.timestamp };
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
