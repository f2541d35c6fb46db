import { isDatedOption } from "../../model/product-traits.ts";
import { black76Price } from "../../pricing/index.ts";
import { settlementMultiplier, varianceYears } from "../../settlement/index.ts";
import { type HeldInstrument, netHoldings, prepareHoldings } from "../common/holding.ts";

/**
 * Returns the moves at which TIMS values a class group, as ascending fractions. They are `count` equal steps, half of
 * them down to -`down` and half up to +`up`, without the point of no move. TIMS has ten points (docs/sources.md, TIMS).
 * Its limits are 15 % for single stocks, 10 % for broad indices, and 8 % down and 6 % up for large ones. Throws a
 * RangeError for limits or a count out of bounds.
 */
export function buildTimsPoints(down: number, up: number, count = 10): number[] {
  if (!(down > 0 && down < 1)) throw new RangeError(`TIMS: down is ${down}; it must be above 0 and below 1`);
  if (!(up > 0)) throw new RangeError(`TIMS: up is ${up}; it must be above 0`);
  if (!Number.isInteger(count / 2) || count < 2)
    throw new RangeError(`TIMS: count is ${count}; it must be even, from 2`);
  const side = count / 2;
  const points: number[] = [];
  for (let step = side; step >= 1; step -= 1) points.push(-down * (step / side));
  for (let step = 1; step <= side; step += 1) points.push(up * (step / side));
  return points;
}

/**
 * What an option is worth at a valuation point. `model` is its model value at unchanged volatility, and `intrinsic` is
 * what exercise would give.
 */
export type TimsValuation = "model" | "intrinsic";

/**
 * Computes the profit of the holdings of one class group at each point, in cash. A gain is positive. All prices move by
 * the same fraction and volatility stays (docs/sources.md, TIMS; OCC publishes these values per series). An inverse
 * contract's coin profit counts at the moved index price.
 */
export function computeTimsPnl(
  holdings: readonly HeldInstrument[],
  points: readonly number[],
  indexPrice: number,
  valuation: TimsValuation,
  asOfMs: number,
): Float64Array {
  const held = valuation === "model" ? prepareHoldings(holdings, asOfMs) : netHoldings(holdings);
  return Float64Array.from(points, (move) => {
    let pnl = 0;
    for (const { quoted, quantity } of held) {
      const { instrument, markPrice } = quoted;
      const inverse = instrument.settlement === "inverse";
      const moved = 1 + move;
      const settled = settlementMultiplier(quoted, moved);
      let change: number;
      if (!isDatedOption(instrument)) {
        // An inverse contract gains coin by the move of its own price, and that coin counts at the moved index price.
        const coin = settled === moved ? move : ((settled - 1) / settled) * moved;
        change = inverse ? (indexPrice / markPrice) * coin : markPrice * (settled - 1);
      } else {
        const forward = quoted.forwardPrice * settled;
        const sign = instrument.optionType === "call" ? 1 : -1;
        const years = varianceYears(quoted, asOfMs);
        const volatility = valuation === "model" ? (quoted.markVolatility ?? Number.NaN) : 0;
        const value = black76Price(sign, forward, instrument.strike, years, volatility, 1);
        change = inverse ? (value / forward - markPrice) * indexPrice * moved : value - markPrice;
      }
      pnl += quantity * instrument.contractSize * change;
    }
    return pnl;
  });
}

/**
 * Returns the minimum charge of options or futures: rate x contract size x contracts, whether they are long or short.
 */
export function timsMinimumCharge(contracts: number, contractSize: number, ratePerUnit: number): number {
  return Math.abs(contracts) * contractSize * ratePerUnit;
}
