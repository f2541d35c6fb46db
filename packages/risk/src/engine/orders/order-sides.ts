import { PAR } from "../../collateral/index.ts";
import { isMeasuredJointly } from "../../methods/margin-method.ts";
import {
  type Account,
  type CollateralBalance,
  type Position,
  settlementCurrency,
  traitsOf,
} from "../../model/index.ts";
import { netAmount } from "../book/net.ts";
import { isPegged, type Market } from "../market/market.ts";

/** What is left of an order that may fill at any time. */
export interface OpenOrder {
  readonly orderId: string;
  readonly instrumentId: string;
  /** Signed contracts: positive buys. */
  readonly quantity: number;
  /** Limit price, in the unit of the instrument's mark price. */
  readonly price: number;
}

/** Orders of one instrument that fill together, each in whole. */
export type Fills = readonly OpenOrder[];

/** The orders of one instrument. */
export interface OrderedInstrument {
  readonly instrumentId: string;
  /** All its buys, all its sells; at least one of the two. */
  readonly sides: readonly Fills[];
  /** Whether one of the sides would take the position beyond flat; else its orders only reduce. */
  readonly opens: boolean;
}

/** The orders of one instrument with the fills of them that are tried. */
export interface SearchedInstrument extends OrderedInstrument {
  readonly alternatives: readonly Fills[];
}

/** The orders by instrument, sorted by name. */
export function orderedInstruments(positions: readonly Position[], orders: readonly OpenOrder[]): OrderedInstrument[] {
  return [...Map.groupBy(orders, ({ instrumentId }) => instrumentId)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([instrumentId, own]) => {
      const held = positions.filter((position) => position.instrumentId === instrumentId);
      const net = netAmount(held.map(({ quantity }) => quantity));
      const sides = [1, -1]
        .map((side) => own.filter(({ quantity }) => side * quantity > 0))
        .filter((fills) => fills.length > 0);
      return { instrumentId, sides, opens: sides.some((fills) => isBeyondFlat(net, fills)) };
    })
    .filter(({ sides }) => sides.length > 0);
}

/** Whether the orders of one side would turn a position around or open one. */
function isBeyondFlat(held: number, fills: Fills): boolean {
  const filled = netAmount(fills.map(({ quantity }) => quantity));
  return filled > 0 ? filled > Math.max(0, -held) : -filled > Math.max(0, held);
}

/** Every choice of some of the orders of one instrument, the sides in whole first. */
export function everyFillsOf({ sides }: OrderedInstrument): Fills[] {
  const some: Fills[] = [[]];
  for (const order of sides.flat()) some.push(...some.map((fills) => [...fills, order]));
  return [...sides, ...some.filter((fills) => fills.length > 0 && !isSideOf(sides, fills))];
}

function isSideOf(sides: readonly Fills[], fills: Fills): boolean {
  return sides.some((side) => side.length === fills.length && side.every((order) => fills.includes(order)));
}

/**
 * The fills of one instrument of which one needs most, whatever part of its orders fills, where the requirement is convex in the
 * quantities. Between all sells and all buys the most
 * that fills can lose against the mark goes, by the net quantity, along straight lines: from all sells on the dearest buys come
 * first, then what loses nothing either way, and the sells that lose least go before those that lose most. What is convex is greatest where one of these lines ends. Without an order that loses these ends are the two sides themselves.
 */
export function worstFillsOf({ sides }: OrderedInstrument, lossOf: (order: OpenOrder) => number): Fills[] {
  const losing = sides
    .flat()
    .map((order) => ({ order, loss: lossOf(order) / Math.abs(order.quantity) }))
    .filter(({ loss }) => loss > 0);
  const buys = losing.filter(({ order }) => order.quantity > 0).sort((a, b) => b.loss - a.loss);
  const sells = losing.filter(({ order }) => order.quantity < 0).sort((a, b) => a.loss - b.loss);
  let fills = sides.flat().filter(({ quantity }) => quantity < 0);
  const between: Fills[] = [];
  for (const { order } of buys) {
    fills = [...fills, order];
    between.push(fills);
  }
  // What loses nothing: all such sells go, all such buys come.
  const isLosing = new Set(losing.map(({ order }) => order));
  fills = sides.flat().filter((order) => isLosing.has(order) || order.quantity > 0);
  for (const { order } of sells) {
    between.push(fills);
    fills = fills.filter((other) => other !== order);
  }
  return [...sides, ...between.filter((some) => !isSideOf(sides, some))];
}

/**
 * The instruments in groups whose fills do not change what is asked for those of another group, so that each group has its
 * worst subset by itself. Units are independent but for a coin that another unit settles in and for offsets between them; in
 * the pool of a coin every unit's profit moves against it. Under an additive method each instrument stands alone, unless all
 * of them change a balance that is charged: for the width of its price, or for being owed.
 */
export function independentGroups<Ordered extends OrderedInstrument>(
  market: Market,
  account: Account,
  instruments: readonly Ordered[],
  /** Whether the greatest loss of a unit bounds what all its instruments ask together, or each is taken by itself. */
  bounds: "by_loss" | "by_instrument",
): Ordered[][] {
  const groupNames = new Map<string, string>();
  const find = (name: string): string => {
    const parent = groupNames.get(name);
    return parent === undefined ? name : find(parent);
  };
  const join = (name: string, other: string) => {
    const [from, to] = [find(name), find(other)];
    if (from !== to) groupNames.set(from, to);
  };
  // A loss in a stablecoin off its par costs more once nothing is held of it: what settles in it meets in one ledger.
  const isOffPar = (currency: string) =>
    currency !== account.poolCurrency && isPegged(market, currency) && market.currencyPrices.get(currency) !== PAR;
  for (const { instrumentId } of [...account.positions, ...instruments]) {
    const { underlying, currency, coin } = coinsOf(market, instrumentId);
    if (coin !== null) join(underlying, coin);
    if (isOffPar(currency)) join(underlying, `settled in ${currency}`);
  }
  const method = market.methodOf(account.methodId);
  const isPerUnit = method.measuredTogether !== "all" && !isMeasuredJointly(method);
  for (const underlyings of method.measuredTogether === "all" ? [] : method.measuredTogether) {
    for (const underlying of underlyings) join(underlying, underlyings[0]!);
  }
  const poolIsCoin = market.underlyingIndexes.has(account.poolCurrency);
  const nameOf = ({ instrumentId }: OrderedInstrument): string => {
    if (!isPerUnit) return "";
    const { underlying, currency, coin, isPaidFor } = coinsOf(market, instrumentId);
    const isApart = !isOffPar(currency);
    const isGood = market.underlyings[market.underlyingIndexes.get(underlying)!]!.quality === "good";
    const isBound = method.isWithinLoss && bounds === "by_loss";
    if (isApart && isGood && !isBound && method.isAdditive) {
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
  return { underlying: instrument.underlying, currency, coin, isPaidFor: traitsOf(instrument).isPaidFor };
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
    if (!traitsOf(instrument).isPaidFor) continue;
    collateral.push({ asset: settlementCurrency(instrument), amount: 0 - quantity * instrument.contractSize * price });
  }
  return { ...account, positions, collateral };
}
