import { type Greeks, isCurvedPerpetual, isDatedOption, type QuotedInstrument } from "../../model/index.ts";
import { curvedPerpetualValue, expectedHourlyFunding } from "../../perpetuals/index.ts";
import { black76Greeks, vegaPerPoint } from "../../pricing/index.ts";
import { varianceYears, windowShare } from "../../settlement/index.ts";

const HOURS_PER_DAY = 24;

/**
 * Greeks of the US-dollar value of one long contract, in the units of `Greeks`; an inverse future moves in dollars like
 * size / price units of the coin. Inside a settlement window the index moves only what is left of it. The theta of a perpetual
 * option or power perpetual is the funding it is expected to pay a day: its price does not wear off, holding it does.
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
  // The variance left goes with the cube of the time inside the window: it falls by movingShare^2 of the time passing.
  const movingShare = quoted.movingShare ?? 1;
  return {
    delta: size * greeks.delta * share,
    gamma: (size * greeks.gamma * share * share) / quotePriceUsd,
    vega: size * vegaPerPoint(greeks.vega) * quotePriceUsd,
    theta: size * greeks.theta * movingShare * movingShare * quotePriceUsd,
  };
}
