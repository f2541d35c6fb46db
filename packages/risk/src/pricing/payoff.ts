import { hasStrike, type Instrument, type StrikeInstrument } from "../model/index.ts";

/**
 * Computes the profit of a linear future, perpetual or spot position in quote currency: quantity x (exit - entry). A
 * gain is positive. `quantity` is in units of the underlying, negative when short. NaN gives NaN.
 */
export function linearPnl(quantity: number, entryPrice: number, exitPrice: number): number {
  return quantity * (exitPrice - entryPrice);
}

/**
 * Computes the profit in coin of an inverse (coin-settled) future or perpetual: Q (1/entry - 1/exit) (docs/sources.md,
 * Inverse contracts). A gain is positive. `quantity` is the contract amount in quote currency, negative when short. A
 * long's profit is concave in the exit price: a fall loses more coin than a rise of the same size wins. A price of 0
 * gives an infinity or NaN.
 */
export function inversePnl(quantity: number, entryPrice: number, exitPrice: number): number {
  return (quantity * (exitPrice - entryPrice)) / entryPrice / exitPrice;
}

/**
 * Computes the amount by which a call or put is in the money at a price of its underlying. It is in quote currency per
 * unit of the underlying, at least 0.
 */
export function intrinsicValue({ optionType, strike }: Pick<StrikeInstrument, "optionType" | "strike">, price: number) {
  return Math.max(0, optionType === "call" ? price - strike : strike - price);
}

/**
 * Computes the payout of a call or put at a price of its underlying, in the unit of its mark. For an inverse option
 * that is coin, converted at the same price.
 */
export function payoff(instrument: StrikeInstrument, price: number): number {
  const paid = intrinsicValue(instrument, price);
  return instrument.settlement === "inverse" ? paid / price : paid;
}

/**
 * Returns the mark of an instrument that settles at a price: an option's payout at that price, or the price itself for
 * any other instrument.
 */
export function settledMark(instrument: Instrument, price: number): number {
  return hasStrike(instrument) ? payoff(instrument, price) : price;
}
