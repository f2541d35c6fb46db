import {
  type CollateralBalance,
  expiryMsOf,
  hasStrike,
  type MarginNote,
  type Position,
  settlementCurrency,
  traitsOf,
} from "../../model/index.ts";
import { settledMark } from "../../pricing/index.ts";
import type { Market } from "../market/market.ts";
import { isUsablePrice } from "../market/usable-price.ts";
import { isUsableAmount, isUsableEntry } from "./account-faults.ts";
import { netAmount } from "./net.ts";
import { gainAt } from "./set-aside.ts";

/** A position in an instrument that has expired at a known price, and that the exchange has not settled yet. */
export interface SettledPosition {
  /** Its place among the positions of the account. */
  readonly index: number;
  readonly instrumentId: string;
  readonly quantity: number;
  /** Quote currency per unit of the underlying. */
  readonly settlementPrice: number;
  /** What it pays, units of the currency that it settles in; negative is owed. */
  readonly asset: string;
  readonly amount: number;
}

/**
 * What a position pays whose instrument has expired at a known price: an option what it is in the money there, a future its
 * distance from the entry price. Its value is fixed, so that nothing but the currency it is paid in still moves. Null where
 * it has not expired, where the price is not known, and where what it has gained is not: then it is counted as any other
 * position that cannot be margined.
 */
export function settlePosition(market: Market, position: Position, index: number): SettledPosition | null {
  const { instrumentId, quantity, entryPrice, fundingIndex } = position;
  const lapsed = market.lapsed.get(instrumentId);
  if (lapsed?.settlementPrice === undefined) return null;
  const { quoted, settlementPrice } = lapsed;
  const { instrument } = quoted;
  if (!(expiryMsOf(instrument) <= market.asOfMs)) return null;
  const areTermsUsable =
    isUsablePrice(instrument.contractSize) &&
    isUsablePrice(settlementPrice) &&
    (!hasStrike(instrument) || isUsablePrice(instrument.strike));
  if (!areTermsUsable || !isUsableEntry(traitsOf(instrument), entryPrice) || fundingIndex !== undefined) return null;
  const amount = gainAt([position], quoted, settledMark(instrument, settlementPrice));
  if (!isUsableAmount(quantity) || !isUsableAmount(amount)) return null;
  return { index, instrumentId, quantity, settlementPrice, asset: settlementCurrency(instrument), amount };
}

/** The balances once these positions are settled: those that there were keep their places, others follow. */
export function settleBalances(
  balances: readonly CollateralBalance[],
  settled: readonly SettledPosition[],
): readonly CollateralBalance[] {
  const after = [...balances];
  for (const [asset, alike] of Map.groupBy(settled, (position) => position.asset)) {
    const paid = alike.map(({ amount }) => amount);
    const place = after.findIndex((balance) => balance.asset === asset);
    if (place < 0) after.push({ asset, amount: netAmount(paid) });
    else after[place] = { asset, amount: netAmount([after[place]!.amount, ...paid]) };
  }
  return after;
}

/** Positions that a result names as settled; of more it says how many. */
const settledTold = 3;

const amountDigits = 12;

/** What to know of figures that rest on positions taken as settled. */
export function settledNotes(settled: readonly SettledPosition[]): MarginNote[] {
  const told = settled.slice(0, settledTold).map(({ instrumentId, quantity, settlementPrice, asset, amount }) => {
    const pays = `${quantity} at ${settlementPrice} pay ${Number(amount.toPrecision(amountDigits)) + 0} ${asset}`;
    return `${instrumentId} has expired: ${pays} until it is settled`;
  });
  const more = settled.length - told.length;
  const texts = more > 0 ? [...told, `${more} more positions have expired and count as settled`] : told;
  return texts.map((text) => ({ code: "counted_as_settled", text }));
}
