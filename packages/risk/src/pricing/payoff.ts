import type { Instrument, StrikeInstrument } from "../model/index.ts";
import { hasStrike } from "../model/index.ts";

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
