import { type QuotedInstrument, settlementCurrency } from "../../model/index.ts";
import { isDated, isDatedOption } from "../../model/product-traits.ts";
import { MS_PER_DAY } from "../../numbers/index.ts";
import { black76Greeks, black76Price } from "../../pricing/index.ts";
import { varianceYears, windowShare } from "../../settlement/index.ts";
import type { SpanGrid } from "./grid.ts";
import type { SpanContract } from "./model.ts";

/** How far one combined commodity is scanned in price, volatility and time. */
export interface SpanScanRange {
  /** The price move of one scan range, in quote currency per unit of the underlying, above 0. */
  readonly priceScanRange: number;
  /**
   * The volatility move of one scan range. A relative one is a fraction of the volatility, an absolute one is added to
   * it (0.04 is 4 points).
   */
  readonly volatilityScanRange: number;
  readonly volatilityScanKind: "relative" | "absolute";
  /** The years that pass while the moves happen, normally one day (1/365). */
  readonly lookAheadYears: number;
}

/**
 * Returns the loss of one long future in each scenario, with the scenario's weight applied. `priceScanRange` is money
 * per contract.
 */
export function futureSpanLosses(grid: SpanGrid, priceScanRange: number): Float64Array {
  return Float64Array.from(grid.scenarios, ({ priceFraction, weight }) => 0 - priceFraction * priceScanRange * weight);
}

/**
 * Builds the SPAN risk array and composite delta of one long contract at its snapshot prices, in its settlement
 * currency (docs/sources.md, SPAN: scenarios). A loss is the value now less the value in the scenario, times the
 * weight. The scenario moves the forward by priceFraction x range and the volatility by volatilityFraction x range, and
 * the look-ahead passes. The composite delta is the weighted mean of the deltas at the grid's delta points after the
 * look-ahead. A forward of an option that would fall below 0 counts as 0.
 *
 * Inverse contracts pay coin, a case that real SPAN does not have. Their array is the loss in coin at the moved price.
 * The loss of an extreme move is converted into coin at the end of the scan range on its side, as Deribit does with its
 * extended table. Otherwise the fall of the coin would make the extreme move the worst scenario of a plain future,
 * against its purpose. Throws a RangeError if the grid could move the price of an inverse contract to 0 or below.
 * Options need a volatility and time left.
 */
export function buildSpanContract(
  quoted: QuotedInstrument,
  combinedCommodity: string,
  grid: SpanGrid,
  range: SpanScanRange,
  asOfMs: number,
): SpanContract {
  const { instrument } = quoted;
  const inverse = instrument.settlement === "inverse";
  const isOption = isDatedOption(instrument);
  const reference = isOption ? quoted.forwardPrice : quoted.markPrice;
  const farthest = Math.max(...grid.scenarios.map(({ priceFraction }) => -priceFraction));
  if (inverse && !(farthest * range.priceScanRange < reference)) {
    throw new RangeError(
      `SPAN ${combinedCommodity}: priceScanRange ${range.priceScanRange} x ${farthest} takes ${instrument.instrumentId} from ${reference} to 0; an inverse contract needs a smaller one`,
    );
  }
  const value = isOption ? optionValuation(quoted, range, asOfMs) : futureValuation(quoted, asOfMs);
  const now = value(0, 0, 0);
  const losses = Float64Array.from(grid.scenarios, ({ priceFraction, volatilityFraction, weight }) => {
    const move = priceFraction * range.priceScanRange;
    const moved = value(move, volatilityFraction, range.lookAheadYears);
    const edge = Math.sign(priceFraction) * Math.min(1, Math.abs(priceFraction)) * range.priceScanRange;
    const settled = inverse ? (reference + move) / (reference + edge) : 1;
    return instrument.contractSize * (now - moved) * weight * settled;
  });
  return {
    contractId: instrument.instrumentId,
    combinedCommodity,
    currency: settlementCurrency(instrument),
    kind: isOption ? "option" : "future",
    optionType: isOption ? instrument.optionType : null,
    period: isDated(instrument) ? periodOf(instrument.expiryMs) : PERPETUAL_PERIOD,
    losses,
    compositeDelta: isOption ? compositeDelta(quoted, grid, range, asOfMs) : windowShare(instrument, asOfMs),
    deltaScale: instrument.contractSize / (inverse && !isOption ? reference : 1),
    optionValue: isOption ? instrument.contractSize * quoted.markPrice : 0,
  };
}

/** The period of contracts that never expire. It sorts before every date, so that these contracts are the nearest. */
const PERPETUAL_PERIOD = "00000000";

/** Returns the expiry as yyyymmdd in UTC. It computes the civil calendar itself and uses no Date object. */
export function periodOf(expiryMs: number): string {
  const days = Math.floor(expiryMs / MS_PER_DAY);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}${String(month).padStart(2, "0")}${String(day).padStart(2, "0")}`;
}

/**
 * Returns the value of a contract per unit of contract size. Its arguments are a price move, a volatility move in scan
 * ranges, and the years that pass.
 */
type Valuation = (priceMove: number, volatilityFraction: number, elapsedYears: number) => number;

/**
 * Returns the gain of a long future since now. It is in money per unit if linear, and in coin per unit of quote
 * currency if inverse.
 */
function futureValuation(quoted: QuotedInstrument, asOfMs: number): Valuation {
  const price = quoted.markPrice;
  const share = windowShare(quoted.instrument, asOfMs);
  if (quoted.instrument.settlement === "linear") return (priceMove) => share * priceMove;
  return (priceMove) => (share * priceMove) / price / (price + share * priceMove);
}

function optionValuation(quoted: QuotedInstrument, range: SpanScanRange, asOfMs: number): Valuation {
  const { instrument, forwardPrice } = quoted;
  if (!isDatedOption(instrument)) throw new TypeError(`${instrument.instrumentId} is not an option`);
  const sign = instrument.optionType === "call" ? 1 : -1;
  const share = windowShare(instrument, asOfMs);
  return (priceMove, volatilityFraction, elapsedYears) => {
    const forward = Math.max(0, forwardPrice + share * priceMove);
    const volatility = movedSpanVolatility(quoted.markVolatility ?? Number.NaN, volatilityFraction, range);
    const years = varianceYears(quoted, asOfMs, elapsedYears);
    const value = black76Price(sign, forward, instrument.strike, years, volatility, 1);
    return instrument.settlement === "inverse" ? value / forward : value;
  };
}

function compositeDelta(quoted: QuotedInstrument, grid: SpanGrid, range: SpanScanRange, asOfMs: number): number {
  const { instrument, forwardPrice } = quoted;
  if (!isDatedOption(instrument)) return 1;
  const sign = instrument.optionType === "call" ? 1 : -1;
  const years = varianceYears(quoted, asOfMs, range.lookAheadYears);
  const share = windowShare(instrument, asOfMs);
  let sum = 0;
  for (const { priceFraction, weight } of grid.deltaPoints) {
    const forward = Math.max(0, forwardPrice + share * priceFraction * range.priceScanRange);
    const volatility = quoted.markVolatility ?? Number.NaN;
    sum += weight * share * black76Greeks(sign, forward, instrument.strike, years, volatility, 1).delta;
  }
  return sum;
}

/** Returns the volatility after a move of `fraction` scan ranges, at least 0. */
function movedSpanVolatility(volatility: number, fraction: number, range: SpanScanRange): number {
  const move = fraction * range.volatilityScanRange;
  return Math.max(0, range.volatilityScanKind === "relative" ? volatility * (1 + move) : volatility + move);
}
