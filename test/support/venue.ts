import { black76Price, inverseOptionPrice } from "@plimsoll/risk";

/** The time at which the tests' market opens: 5 February 2026, 12:00 UTC. */
export const openMs = Date.UTC(2026, 1, 5, 12);

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Returns the schedule's input at a time. */
export function tick(timeMs: number): unknown {
  return { scheduled_time: iso(timeMs) };
}

/** Returns a request of the HTTP API that arrives at a time. */
export function quoteRequest(body: unknown, timeMs: number): unknown {
  return {
    requestContext: { timeEpoch: timeMs },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

export function indexQuote(underlying: string, price: number): Record<string, unknown> {
  return { kind: "index", underlying, index_price: String(price) };
}

const expiryMs = openMs + 30 * 86_400_000;

const allStrikes = [50_000, 60_000, 70_000, 80_000, 100_000];

/**
 * Returns the quotes of the tests' market in BTC: an index price, perpetuals, a dated future, and linear and inverse
 * options of these strikes.
 */
export function btcQuotes(price: number, strikes: readonly number[] = allStrikes): Record<string, unknown>[] {
  const base = { underlying: "BTC", contract_size: "1", forward_price: String(price) };
  const linear = { ...base, settlement: "linear", quote_currency: "USD" };
  const inverse = { ...base, settlement: "inverse", quote_currency: "USD" };
  const years = 30 / 365;
  const options = strikes.flatMap((strike) =>
    (["call", "put"] as const).flatMap((type) => {
      const sign = type === "call" ? 1 : -1;
      const option = {
        kind: "option",
        option_type: type,
        strike: String(strike),
        expiry: iso(expiryMs),
        mark_volatility: "0.6",
      };
      const letter = type === "call" ? "C" : "P";
      const linearMark = black76Price(sign, price, strike, years, 0.6, 1).toFixed(8);
      const inverseMark = inverseOptionPrice(sign, price, strike, years, 0.6, 1).toFixed(8);
      return [
        { ...linear, ...option, instrument_id: `BTC_USD-30D-${strike}-${letter}`, mark_price: linearMark },
        { ...inverse, ...option, instrument_id: `BTC-30D-${strike}-${letter}`, mark_price: inverseMark },
      ];
    }),
  );
  return [
    indexQuote("BTC", price),
    { kind: "perpetual", ...linear, instrument_id: "BTC_USD-PERPETUAL", mark_price: String(price) },
    { kind: "perpetual", ...inverse, contract_size: "10", instrument_id: "BTC-PERPETUAL", mark_price: String(price) },
    { kind: "future", ...linear, instrument_id: "BTC_USD-30D", expiry: iso(expiryMs), mark_price: String(price) },
    ...options,
  ];
}

export function quoteBatchOf(
  quotes: readonly unknown[],
  observedAtMs: number,
  source = "venue",
): Record<string, unknown> {
  return { source, observed_at: iso(observedAtMs), quotes };
}

/** Returns an account with US dollars and positions, as of a ledger sequence. */
export function accountState(
  accountId: string,
  usd: string,
  positions: readonly { readonly id: string; readonly quantity: string; readonly entry: string }[],
  ledgerSequence = 1,
): Record<string, unknown> {
  return {
    kind: "account_state",
    schema_version: 1,
    account_id: accountId,
    ledger_sequence: ledgerSequence,
    occurred_at: iso(openMs - 60_000),
    pool_currency: "USD",
    method_id: "portfolio",
    collateral: [{ asset: "USD", amount: usd }],
    positions: positions.map(({ id, quantity, entry }) => ({ instrument_id: id, quantity, entry_price: entry })),
  };
}
