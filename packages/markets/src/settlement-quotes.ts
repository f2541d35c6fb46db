import { isDated, MS_PER_MINUTE } from "@plimsoll/risk";
import { positivePrice, type Quote } from "@plimsoll/schema";
import { decimalText } from "./decimal-text.ts";
import type { NamedInstrument } from "./instrument-name.ts";

/** Deribit delivers at the average index price of the last 30 minutes (its page on the expiration price). */
export const settlementWindowMinutes = 30;

/**
 * Returns the estimated delivery price of a row, above zero. Returns undefined if the source has none, or a word such
 * as "expired".
 */
export function estimatedDeliveryPrice(row: { readonly estimatedDeliveryPrice?: string }): string | undefined {
  return positivePrice.safeParse(decimalText(row.estimatedDeliveryPrice ?? "")).data;
}

/**
 * Keeps the estimate as the average so far if the expiry is inside its settlement window. Before that window the
 * estimate is the index price and not an average.
 */
export function rememberAverage(
  averages: Map<number, string>,
  named: NamedInstrument,
  estimate: string | undefined,
  observedAtMs: number,
): void {
  if (estimate === undefined || !isDated(named)) return;
  if (named.expiryMs - observedAtMs < settlementWindowMinutes * MS_PER_MINUTE) averages.set(named.expiryMs, estimate);
}

/**
 * Returns one average for each underlying and expiry. If inverse and linear instruments both have one, the inverse one,
 * in US dollars, counts.
 */
export function averageQuotes(
  families: readonly {
    readonly underlying: string;
    readonly linearIn: string | null;
    readonly averages: ReadonlyMap<number, string>;
  }[],
): Quote[] {
  const quotes = new Map<string, Quote>();
  const inverseLast = families.toSorted((a, b) => Number(b.linearIn !== null) - Number(a.linearIn !== null));
  for (const { underlying, averages } of inverseLast) {
    for (const [expiryMs, average_price] of averages) {
      const expiry = new Date(expiryMs).toISOString();
      quotes.set(`${underlying} ${expiry}`, { kind: "settlement_average", underlying, expiry, average_price });
    }
  }
  return [...quotes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, quote]) => quote);
}
