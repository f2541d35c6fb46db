import { quote } from "@plimsoll/schema";

/** Returns the quote of a linear perpetual, whose id begins with its coin. */
export const perpetualQuote = (instrument_id: string, price: string) => ({
  kind: "perpetual",
  instrument_id,
  underlying: instrument_id.slice(0, 3),
  settlement: "linear",
  quote_currency: "USD",
  contract_size: "1",
  forward_price: price,
  mark_price: price,
});

/**
 * A market of two perpetuals, in the form in which it is posted. Every command that takes a market can read it from a
 * file.
 */
export const perpetualMarket = {
  source: "test",
  observed_at: "2026-03-02T12:00:00.000Z",
  quotes: [
    { kind: "index", underlying: "BTC", index_price: "70000" },
    { kind: "index", underlying: "ETH", index_price: "2000" },
    perpetualQuote("BTC-PERPETUAL", "70000"),
    perpetualQuote("ETH-PERPETUAL", "2000"),
  ].map((wire) => quote.parse(wire)),
};
