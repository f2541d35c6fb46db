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
import { isUsablePrice } from "../market/instrument-facts.ts";
import type { Market } from "../market/market.ts";
import { netAmount } from "./net.ts";
import { isUsableAmount, isUsableEntry } from "./pool-faults.ts";
import { gainAt } from "./set-aside.ts";

/** A position in an instrument that has expired at a known price and that the exchange has not settled yet. */
export interface SettledPosition {
  /** The index of the position in the pool. */
  readonly index: number;
  readonly instrumentId: string;
  readonly quantity: number;
  /** The settlement price, in quote currency per unit of the underlying. */
  readonly settlementPrice: number;
  /** The position pays `amount` units of `asset`, the currency that it settles in. A negative amount is owed. */
  readonly asset: string;
  readonly amount: number;
}

/**
 * Returns what a position pays whose instrument has expired at a known price. An option pays what it is in the money
 * there, and a future its distance from the entry price. The payment is fixed, so only the price of its currency still
 * moves. The result is null if the instrument has not expired, or if its price or the position's gain is not known. The
 * position is then checked like any other.
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

/** Returns the balances after these positions are settled. Existing balances keep their places, and new ones follow. */
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

/** The number of settled positions that a result names. It only counts any others. */
const settledTold = 3;

const amountDigits = 12;

/** Returns the notes on figures that count positions as settled. */
export function settledNotes(settled: readonly SettledPosition[]): MarginNote[] {
  const told = settled.slice(0, settledTold).map(({ instrumentId, quantity, settlementPrice, asset, amount }) => {
    const pays = `${quantity} at ${settlementPrice} pay ${Number(amount.toPrecision(amountDigits)) + 0} ${asset}`;
    return `${instrumentId} has expired: ${pays} until it is settled`;
  });
  const more = settled.length - told.length;
  const texts = more > 0 ? [...told, `${more} more positions have expired and count as settled`] : told;
  return texts.map((text) => ({ code: "counted_as_settled", text }));
}
