import { type QuotedInstrument, settlementCurrency } from "../../model/index.ts";
import { isDated, isDatedOption } from "../../model/product-traits.ts";
import { MS_PER_DAY } from "../../numbers/index.ts";
import { black76Greeks, black76Price } from "../../pricing/index.ts";
import { varianceYears, windowShare } from "../../settlement/index.ts";
import type { SpanGrid } from "./grid.ts";
import type { SpanContract } from "./model.ts";

/** How far one combined commodity is scanned. */
export interface SpanScanRange {
  /** Price move of one range, quote currency per unit of the underlying; above 0. */
  readonly priceScanRange: number;
  /** Volatility move of one range: a fraction of the volatility when relative, points per year (0.04 is 4) when absolute. */
  readonly volatilityScanRange: number;
  readonly volatilityScanKind: "relative" | "absolute";
  /** Time that passes while the moves happen, normally one day (1/365). */
  readonly lookAheadYears: number;
}

/** Loss of one long future in each scenario, weight included; `priceScanRange` is money per contract. */
export function futureSpanLosses(grid: SpanGrid, priceScanRange: number): Float64Array {
  return Float64Array.from(grid.scenarios, ({ priceFraction, weight }) => 0 - priceFraction * priceScanRange * weight);
}

/**
 * The SPAN risk array and composite delta of an instrument at its snapshot prices, in its settlement currency per long
 * contract (docs/sources.md, SPAN: scenarios): value now less value with the forward moved by priceFraction x range,
 * the volatility by volatilityFraction x range and the look-ahead passed, times the weight. The composite delta
 * averages the deltas at the grid's delta points after the look-ahead. Options on a forward that would fall below 0 are
 * valued at 0.
 *
 * Inverse contracts pay coin, which real SPAN has no case for: their array is the loss in coin at the moved price, but that of
 * an extreme move is turned into coin at the end of the scan range on its side, as Deribit does with its extended table;
 * otherwise the coin's own fall would make the extreme bind for a plain future, against its purpose. A grid that could move
 * the price to 0 or below is refused for them. Options need a volatility and time left.
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

/** Period of contracts that never expire; sorts before every date, so that they are the nearest. */
const PERPETUAL_PERIOD = "00000000";

/** Expiry as yyyymmdd, UTC, from the civil calendar (no Date object: the room has no clock). */
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

/** Value per unit of contract size after a price move, a volatility move in ranges, and time passing. */
type Valuation = (priceMove: number, volatilityFraction: number, elapsedYears: number) => number;

/** Gain of a long future since now: money per unit when linear, coin per unit of quote currency when inverse. */
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

/** Volatility after a move of `fraction` ranges, at least 0. */
function movedSpanVolatility(volatility: number, fraction: number, range: SpanScanRange): number {
  const move = fraction * range.volatilityScanRange;
  return Math.max(0, range.volatilityScanKind === "relative" ? volatility * (1 + move) : volatility + move);
}
