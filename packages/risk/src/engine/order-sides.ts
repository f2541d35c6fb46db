import { findAccountRule } from "../methods/registry/index.ts";
import {
  type Account,
  type CollateralBalance,
  type MethodId,
  type ParameterSet,
  type Position,
  settlementCurrency,
} from "../model/index.ts";
import { isJoint } from "./joint/charge-jointly.ts";
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

/** All buy or all sell orders of one instrument: they fill in whole or not at all. */
export type OrderSide = readonly OpenOrder[];

/** The sides of one instrument that would take its position beyond flat, at least one and at most two. */
export interface OrderedInstrument {
  readonly instrumentId: string;
  readonly sides: readonly OrderSide[];
}

/** The instruments whose orders open something, by name. Those that together only reduce a position are not among them. */
export function openingInstruments(positions: readonly Position[], orders: readonly OpenOrder[]): OrderedInstrument[] {
  return [...Map.groupBy(orders, ({ instrumentId }) => instrumentId)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([instrumentId, own]) => {
      const held = positions.filter((position) => position.instrumentId === instrumentId);
      return { instrumentId, sides: openingSides(own, netAmount(held.map(({ quantity }) => quantity))) };
    })
    .filter(({ sides }) => sides.length > 0);
}

/** The sides of one instrument's orders that would take the position beyond flat; each fills in whole, what it closes included. */
function openingSides(orders: readonly OpenOrder[], held: number): OrderSide[] {
  return [1, -1].flatMap((side) => {
    const fills = orders.filter(({ quantity }) => side * quantity > 0);
    const filled = side * netAmount(fills.map(({ quantity }) => quantity));
    return fills.length > 0 && filled > Math.max(0, -side * held) ? [fills] : [];
  });
}

/** Whether a method asks of a unit the sum of what it asks of each instrument in it, whatever else is held. */
function isAdditive(methodId: MethodId, { methods }: ParameterSet): boolean {
  switch (methodId) {
    case "static":
    case "isolated":
      return methods[methodId].size.length === 0;
    case "standard":
      return methods.standard.size.length === 0 && methods.standard.spreadRelief === "none";
    default:
      return false;
  }
}

/**
 * The instruments in groups whose fills do not change what is asked for those of another group, so that each group has its
 * worst subset by itself. Units are independent but for a coin that another unit settles in and for offsets between them; in
 * the pool of a coin every unit's profit moves against it. Under an additive method each instrument stands alone, unless all
 * of them change a balance that is charged: for the width of its price, or for being owed.
 */
export function independentGroups(
  market: Market,
  account: Account,
  instruments: readonly OrderedInstrument[],
  /** Whether the greatest loss of a unit bounds what all its instruments ask together, or each is taken by itself. */
  bounds: "by_loss" | "by_instrument",
): OrderedInstrument[][] {
  const groupNames = new Map<string, string>();
  const find = (name: string): string => {
    const parent = groupNames.get(name);
    return parent === undefined ? name : find(parent);
  };
  const join = (name: string, other: string) => {
    const [from, to] = [find(name), find(other)];
    if (from !== to) groupNames.set(from, to);
  };
  for (const { instrumentId } of [...account.positions, ...instruments]) {
    const { underlying, coin } = coinsOf(market, instrumentId);
    if (coin !== null) join(underlying, coin);
  }
  for (const { underlyings } of account.methodId === "portfolio" ? market.parameters.methods.portfolio.offsets : []) {
    for (const underlying of underlyings) join(underlying, underlyings[0]!);
  }
  const poolIsCoin = market.underlyingIndexes.has(account.poolCurrency);
  const isPerUnit =
    !isJoint(market.parameters, { account }) &&
    (account.methodId === "portfolio" || findAccountRule(market.parameters, account.methodId) === null);
  const nameOf = ({ instrumentId }: OrderedInstrument): string => {
    if (!isPerUnit) return "";
    const { underlying, currency, coin, isPaidFor } = coinsOf(market, instrumentId);
    const isGood = market.underlyings[market.underlyingIndexes.get(underlying)!]!.quality === "good";
    const isBound = account.methodId === "static" && bounds === "by_loss";
    if (isGood && !isBound && isAdditive(account.methodId, market.parameters)) {
      return isPaidFor && (coin !== null || poolIsCoin) ? `paid in ${currency}` : instrumentId;
    }
    return poolIsCoin ? "" : find(underlying);
  };
  return [...Map.groupBy(instruments, nameOf).values()];
}

/** Of a known instrument the underlying and what it settles in, as a coin where that has a price of its own that moves. */
function coinsOf(market: Market, instrumentId: string) {
  const { instrument } = market.snapshot.instruments[market.instrumentIndexes.get(instrumentId)!]!;
  const currency = settlementCurrency(instrument);
  const coin = market.underlyingIndexes.has(currency) ? currency : null;
  return { underlying: instrument.underlying, currency, coin, isPaidFor: instrument.kind === "option" };
}

/** The account after these fills: what is paid for is paid for at once, everything else is entered at the limit. */
export function applyFills(market: Market, account: Account, fills: readonly OpenOrder[]): Account {
  const positions: Position[] = [...account.positions];
  const collateral: CollateralBalance[] = [...account.collateral];
  for (const { instrumentId, quantity, price } of fills) {
    positions.push({ instrumentId, quantity, entryPrice: price });
    const index = market.instrumentIndexes.get(instrumentId);
    if (index === undefined) continue;
    const { instrument } = market.snapshot.instruments[index]!;
    if (instrument.kind !== "option") continue;
    collateral.push({ asset: settlementCurrency(instrument), amount: 0 - quantity * instrument.contractSize * price });
  }
  return { ...account, positions, collateral };
}
