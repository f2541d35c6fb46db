import type { Instrument, StrikeInstrument } from "../model/index.ts";
import { hasStrike } from "../model/index.ts";

/** What a call or put is in the money by at a price of its underlying: per unit of it, quote currency, at least 0. */
export function intrinsicValue({ optionType, strike }: Pick<StrikeInstrument, "optionType" | "strike">, price: number) {
  return Math.max(0, optionType === "call" ? price - strike : strike - price);
}

/** What a call or put pays at a price of its underlying, in the unit of its mark: coin of that price when inverse. */
export function payoff(instrument: StrikeInstrument, price: number): number {
  const paid = intrinsicValue(instrument, price);
  return instrument.settlement === "inverse" ? paid / price : paid;
}

/** The mark that an instrument has once it settles at a price: what an option pays there, and the price of anything else. */
export function settledMark(instrument: Instrument, price: number): number {
  return hasStrike(instrument) ? payoff(instrument, price) : price;
}
