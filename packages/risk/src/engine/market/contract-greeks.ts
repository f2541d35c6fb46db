import { type Greeks, isCurvedPerpetual, isDatedOption, type QuotedInstrument } from "../../model/index.ts";
import { curvedPerpetualValue, expectedHourlyFunding } from "../../perpetuals/index.ts";
import { black76Greeks, vegaPerPoint } from "../../pricing/index.ts";
import { varianceYears, windowShare } from "../../settlement/index.ts";

const HOURS_PER_DAY = 24;

/**
 * Computes the Greeks of the US-dollar value of one long contract, in the units of `Greeks`. `quotePriceUsd` is the
 * price of the quote currency in US dollars. The delta of an inverse future is size / mark units of the coin. Inside a
 * settlement window only the part of the average that is still to come moves with the index. The theta of a perpetual
 * option or power perpetual is the funding that it is expected to pay in a day, as a loss. Its price does not decay,
 * but holding it costs funding.
 */
export function contractGreeks(quoted: QuotedInstrument, asOfMs: number, quotePriceUsd: number): Greeks {
  const { instrument, forwardPrice } = quoted;
  const size = instrument.contractSize;
  const volatility = quoted.markVolatility ?? Number.NaN;
  if (isCurvedPerpetual(instrument)) {
    const value = curvedPerpetualValue(instrument, forwardPrice, volatility);
    const settlementPriceUsd = instrument.settlement === "inverse" ? forwardPrice * quotePriceUsd : quotePriceUsd;
    return {
      delta: size * value.delta,
      gamma: (size * value.gamma) / quotePriceUsd,
      vega: size * vegaPerPoint(value.vega) * quotePriceUsd,
      theta: 0 - expectedHourlyFunding(quoted) * HOURS_PER_DAY * settlementPriceUsd,
    };
  }
  const share = windowShare(instrument, asOfMs);
  if (!isDatedOption(instrument)) {
    const delta = instrument.settlement === "inverse" ? size / quoted.markPrice : size;
    return { delta: delta * share, gamma: 0, vega: 0, theta: 0 };
  }
  const sign = instrument.optionType === "call" ? 1 : -1;
  const years = varianceYears(quoted, asOfMs);
  const greeks = black76Greeks(sign, forwardPrice, instrument.strike, years, volatility, 1, 0);
  // Inside the window the remaining variance goes with the cube of the time left. So it falls by movingShare^2 of the
  // time that passes.
  const movingShare = quoted.movingShare ?? 1;
  return {
    delta: size * greeks.delta * share,
    gamma: (size * greeks.gamma * share * share) / quotePriceUsd,
    vega: size * vegaPerPoint(greeks.vega) * quotePriceUsd,
    theta: size * greeks.theta * movingShare * movingShare * quotePriceUsd,
  };
}
