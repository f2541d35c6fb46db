import { type CollateralParameters, type Instrument, priceCurrency } from "../model/index.ts";

/**
 * Why no method has a rule for what an instrument is quoted in, in words; null for US dollars and what is pegged to them. All
 * that the engine moves is the price of an underlying in US dollars: a price in anything else that moves, another coin or a
 * currency of a country, is a ratio of two prices, and would be scanned with half of its risk.
 */
export function findQuoteFault(
  instrument: Instrument,
  collateral: ReadonlyMap<string, CollateralParameters>,
): string | null {
  const currency = priceCurrency(instrument);
  if (currency === "USD" || collateral.get(currency)?.valuation.kind === "pegged") return null;
  return currency === instrument.underlying
    ? `it is quoted and settled in ${currency}, its own underlying`
    : `it is quoted in ${currency}, whose price moves`;
}
