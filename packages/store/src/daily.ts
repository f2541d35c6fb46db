import { type DailyBar, MS_PER_DAY, type UnderlyingHistory } from "@plimsoll/risk";
import { dailyBarItem, dailyImpliedItem, utcDateOf } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { dailyBarDays, expiryOf } from "./retention.ts";
import { findItem, type Item, type Key, putItem, queryItems, type Table } from "./table.ts";

/**
 * Attempts to write a bar while other sweeps write it too. After that the price is dropped, as the next sweep brings
 * another.
 */
const attempts = 3;

/**
 * Adds a price to the bar of its UTC day. Open and close are chosen by time, so neither the order of prices nor repeats
 * matter. A price that would not change the bar is not written.
 */
export async function recordDay(market: Table, underlying: string, price: number, asOfMs: number): Promise<void> {
  const date = utcDateOf(asOfMs);
  const key = keys.daily(underlying, date);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const item = await findItem(market, key);
    // A bar that cannot be read must not stop a sweep, so it is started anew.
    const before = dailyBarItem.safeParse(item).data;
    const after = before === undefined ? barOf(price, asOfMs) : addPrice(before, price, asOfMs);
    if (before !== undefined && isSame(before, after)) return;
    const revision = Number(item?.revision ?? 0);
    const outcome = await putItem(
      market,
      { ...key, ...after, revision: revision + 1, ttl: expiryOf(Date.parse(date), dailyBarDays) },
      item === undefined
        ? { expression: "attribute_not_exists(pk)" }
        : { expression: "revision = :revision", values: { ":revision": revision } },
    );
    if (outcome.written) return;
  }
}

interface TimedBar extends Omit<DailyBar, "date"> {
  readonly open_at_ms: number;
  readonly close_at_ms: number;
}

function barOf(price: number, asOfMs: number): TimedBar {
  return { open: price, high: price, low: price, close: price, open_at_ms: asOfMs, close_at_ms: asOfMs };
}

function addPrice(bar: TimedBar, price: number, asOfMs: number): TimedBar {
  const opens = asOfMs < bar.open_at_ms;
  const closes = asOfMs >= bar.close_at_ms;
  return {
    open: opens ? price : bar.open,
    high: Math.max(bar.high, price),
    low: Math.min(bar.low, price),
    close: closes ? price : bar.close,
    open_at_ms: opens ? asOfMs : bar.open_at_ms,
    close_at_ms: closes ? asOfMs : bar.close_at_ms,
  };
}

function isSame(left: TimedBar, right: TimedBar): boolean {
  return (Object.keys(barOf(1, 0)) as (keyof TimedBar)[]).every((name) => left[name] === right[name]);
}

/** Stores past daily bars without replacing those that exist. Returns the number of new ones. */
export async function saveBars(market: Table, underlying: string, bars: readonly DailyBar[]): Promise<number> {
  let saved = 0;
  for (const { date, ...prices } of bars) {
    const startMs = Date.parse(date);
    const times = { open_at_ms: startMs, close_at_ms: startMs + MS_PER_DAY - 1, revision: 1 };
    const item = { ...keys.daily(underlying, date), ...prices, ...times, ttl: expiryOf(startMs, dailyBarDays) };
    const outcome = await putItem(market, item, { expression: "attribute_not_exists(pk)" });
    saved += outcome.written ? 1 : 0;
  }
  return saved;
}

/** Stores the implied volatility of a day, per year. It replaces an earlier value of the same day. */
export async function saveImplied(
  market: Table,
  underlying: string,
  volatility: number,
  asOfMs: number,
): Promise<void> {
  const date = utcDateOf(asOfMs);
  const key: Key = keys.daily(underlying, `${date}${keys.impliedSuffix}`);
  await putItem(market, { ...key, volatility, ttl: expiryOf(asOfMs, dailyBarDays) });
}

/** Loads the daily bars and implied volatilities of an underlying, oldest first. */
export async function loadHistory(market: Table, underlying: string): Promise<UnderlyingHistory> {
  const items: Item[] = await queryItems(market, { pk: keys.daily(underlying, "").pk });
  const isImplied = (item: Item) => String(item.sk).endsWith(keys.impliedSuffix);
  return {
    underlying,
    bars: items
      .filter((item) => !isImplied(item))
      .map((item) => {
        const { open, high, low, close } = dailyBarItem.parse(item);
        return { date: String(item.sk), open, high, low, close };
      }),
    implied: items.filter(isImplied).map((item) => ({
      date: String(item.sk).slice(0, -keys.impliedSuffix.length),
      volatility: dailyImpliedItem.parse(item).volatility,
    })),
  };
}
