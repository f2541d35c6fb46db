import {
  type CollateralBalance,
  gainsByReciprocal,
  type Pool,
  type Position,
  type QuotedInstrument,
  settlementCurrency,
  traitsOf,
} from "../model/index.ts";
import { inversePnl, linearPnl } from "../pricing/index.ts";

/**
 * Returns the pool after a `share` (0 to 1) of its position in an instrument was closed at the mark, without fees.
 * Every fill shrinks in proportion. The profit since entry, the premium and the share of unpaid funding become a
 * balance of the settlement currency. Equity at these marks does not change.
 */
export function closeShare(pool: Pool, quoted: QuotedInstrument, share: number): Pool {
  const { instrument } = quoted;
  let cash = 0;
  const positions: Position[] = [];
  for (const position of pool.positions) {
    if (position.instrumentId !== instrument.instrumentId) {
      positions.push(position);
      continue;
    }
    const closed = position.quantity * share;
    cash += closingCash(position, closed, quoted);
    if (share < 1) positions.push({ ...position, quantity: position.quantity - closed });
  }
  return { ...pool, positions, collateral: addBalance(pool.collateral, settlementCurrency(instrument), cash) };
}

/**
 * Computes the cash from closing `closed` contracts of a fill, in the settlement currency, positive in favour of the
 * pool.
 */
function closingCash(position: Position, closed: number, { instrument, markPrice, funding }: QuotedInstrument): number {
  const size = closed * instrument.contractSize;
  if (traitsOf(instrument).isPaidFor) return size * markPrice;
  const profit = gainsByReciprocal(instrument)
    ? inversePnl(size, position.entryPrice, markPrice)
    : linearPnl(size, position.entryPrice, markPrice);
  const { fundingIndex } = position;
  const cumulative = funding?.cumulative ?? null;
  return fundingIndex === undefined || cumulative === null ? profit : profit - closed * (cumulative - fundingIndex);
}

/** Returns the balances with `amount` added to an asset. */
export function addBalance(
  balances: readonly CollateralBalance[],
  asset: string,
  amount: number,
): readonly CollateralBalance[] {
  if (amount === 0) return balances;
  const index = balances.findIndex((balance) => balance.asset === asset);
  if (index < 0) return [...balances, { asset, amount }];
  return balances.with(index, { asset, amount: balances[index]!.amount + amount });
}
