import { type CollateralParameters, type Instrument, priceCurrency } from "../model/index.ts";

/**
 * Says in words why no method supports the currency that an instrument is quoted in. It is null for US dollars and
 * currencies pegged to them. The engine moves prices of underlyings in US dollars only. A price in another moving
 * currency is a ratio of two prices, of which it would scan only one.
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
