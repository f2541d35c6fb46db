import {
  type Account,
  type AccountResult,
  type CollateralBalance,
  type NotMarginedAccount,
  type Position,
  settlementCurrency,
} from "../model/index.ts";
import type { Market } from "./market.ts";
import { netAmount } from "./net.ts";

/** What is left of an order that may fill at any time. */
export interface OpenOrder {
  readonly orderId: string;
  readonly instrumentId: string;
  /** Signed contracts: positive buys. */
  readonly quantity: number;
  /** Limit price, in the unit of the instrument's mark price. */
  readonly price: number;
}

/** Initial margin with open orders beside the one without; maintenance margin knows no orders. */
export interface ProjectedMargin {
  readonly status: "projected";
  readonly initialMargin: number;
  /** At least initialMargin, pool currency. */
  readonly projectedInitialMargin: number;
  /** Orders of the worst subset, sorted; none when no order raises the margin. */
  readonly worstOrderIds: readonly string[];
}

/** Instruments with orders that open something: up to 3 to this power of books are margined for one answer. */
export const ORDER_INSTRUMENT_LIMIT = 6;

/**
 * Projected initial margin: the greatest over the subsets of the orders, each filled at its limit. A side of an instrument
 * whose orders together only reduce the position is left out, by the position and not by any model, so that reducing never
 * raises the margin. Any other side fills in whole or not at all: a requirement that is convex in the quantities, as a scan is,
 * is greatest there. Orders on more than ORDER_INSTRUMENT_LIMIT instruments are refused rather than guessed.
 */
export function projectMargin(
  market: Market,
  account: Account,
  orders: readonly OpenOrder[],
  margin: (account: Account) => AccountResult,
): ProjectedMargin | NotMarginedAccount {
  const actual = margin(account);
  if (actual.status === "not_margined") return actual;
  const instruments = [...Map.groupBy(orders, ({ instrumentId }) => instrumentId)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([instrumentId, own]) => openingSides(own, heldQuantity(account.positions, instrumentId)))
    .filter((sides) => sides.length > 0);
  if (instruments.length > ORDER_INSTRUMENT_LIMIT) {
    const { accountId, snapshotId, parametersVersion } = actual;
    const remedy = `keep orders that open positions on at most ${ORDER_INSTRUMENT_LIMIT} instruments`;
    const value = `${instruments.length} instruments`;
    const named = { accountId, snapshotId, parametersVersion, field: "open_orders", value, remedy };
    return { status: "not_margined", code: "limit_exceeded", ...named };
  }
  let projectedInitialMargin = actual.initialMargin;
  let worst: readonly OpenOrder[] = [];
  for (const fills of subsets(instruments)) {
    const result = margin(applyFills(market, account, fills));
    if (result.status === "not_margined") return result;
    if (result.initialMargin > projectedInitialMargin) {
      projectedInitialMargin = result.initialMargin;
      worst = fills;
    }
  }
  const worstOrderIds = worst.map(({ orderId }) => orderId).sort();
  return { status: "projected", initialMargin: actual.initialMargin, projectedInitialMargin, worstOrderIds };
}

function heldQuantity(positions: readonly Position[], instrumentId: string): number {
  return netAmount(positions.filter((held) => held.instrumentId === instrumentId).map(({ quantity }) => quantity));
}

/** The sides of one instrument's orders that would take the position beyond flat; each fills in whole, what it closes included. */
function openingSides(orders: readonly OpenOrder[], held: number): (readonly OpenOrder[])[] {
  return [1, -1].flatMap((side) => {
    const fills = orders.filter(({ quantity }) => side * quantity > 0);
    const filled = side * netAmount(fills.map(({ quantity }) => quantity));
    return fills.length > 0 && filled > Math.max(0, -side * held) ? [fills] : [];
  });
}

/** Every choice of one side or none for each instrument, but the choice of none at all. */
function* subsets(instruments: readonly (readonly (readonly OpenOrder[])[])[]): Generator<readonly OpenOrder[]> {
  const [first, ...rest] = instruments;
  if (first === undefined) return;
  yield* subsets(rest);
  for (const fills of first) {
    yield fills;
    for (const others of subsets(rest)) yield [...fills, ...others];
  }
}

/** The account after these fills: options are paid for at once, futures are entered at the limit. */
function applyFills(market: Market, account: Account, fills: readonly OpenOrder[]): Account {
  const positions: Position[] = [...account.positions];
  const collateral: CollateralBalance[] = [...account.collateral];
  for (const { instrumentId, quantity, price } of fills) {
    const index = market.instrumentIndexes.get(instrumentId);
    positions.push({ instrumentId, quantity, entryPrice: price });
    if (index === undefined) continue;
    const { instrument } = market.snapshot.instruments[index]!;
    if (instrument.kind !== "option") continue;
    collateral.push({ asset: settlementCurrency(instrument), amount: 0 - quantity * instrument.contractSize * price });
  }
  return { ...account, positions, collateral };
}
