import { PAR } from "../../collateral/index.ts";
import { isMeasuredJointly } from "../../methods/margin-method.ts";
import { type CollateralBalance, type Pool, type Position, settlementCurrency, traitsOf } from "../../model/index.ts";
import { netAmount } from "../book/net.ts";
import { isPegged, type Market } from "../market/market.ts";

/** The unfilled part of an order, which may fill at any time. */
export interface OpenOrder {
  readonly orderId: string;
  readonly instrumentId: string;
  /** The signed number of contracts. A positive number buys. */
  readonly quantity: number;
  /** The limit price, in the unit of the instrument's mark. */
  readonly price: number;
}

/** Orders of one instrument that fill together, each in whole. */
export type Fills = readonly OpenOrder[];

/** All open orders of one instrument, by side. */
export interface OrderedInstrument {
  readonly instrumentId: string;
  /** All its buys, then all its sells. A side without orders is left out. */
  readonly sides: readonly Fills[];
  /** Whether one of the sides would take the position beyond flat. Otherwise its orders only reduce. */
  readonly opens: boolean;
}

/** The orders of one instrument, with the fills of them that are tried. */
export interface SearchedInstrument extends OrderedInstrument {
  readonly alternatives: readonly Fills[];
}

/** Groups the orders by instrument, sorted by instrument id. */
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

/**
 * Returns whether some of the orders can only make positions smaller, whichever of all orders fill beside them. An order
 * that would turn a position around does more than that.
 */
export function onlyReduces(
  positions: readonly Position[],
  orders: readonly OpenOrder[],
  some: readonly OpenOrder[],
): boolean {
  const names = new Set(some.map(({ instrumentId }) => instrumentId));
  const own = orders.filter(({ instrumentId }) => names.has(instrumentId));
  return orderedInstruments(positions, own).every(({ instrumentId, sides }) => {
    const net = netAmount(
      positions.filter((held) => held.instrumentId === instrumentId).map(({ quantity }) => quantity),
    );
    return sides.every((side) => !side.some((order) => some.includes(order)) || !isBeyondFlat(net, side));
  });
}

/** Returns whether the orders of one side would open a position or turn it around. */
function isBeyondFlat(held: number, fills: Fills): boolean {
  const filled = netAmount(fills.map(({ quantity }) => quantity));
  return filled > 0 ? filled > Math.max(0, -held) : -filled > Math.max(0, held);
}

/** Returns every choice of one or more orders of one instrument. Whole sides come first. */
export function everyFillsOf({ sides }: OrderedInstrument): Fills[] {
  const some: Fills[] = [[]];
  for (const order of sides.flat()) some.push(...some.map((fills) => [...fills, order]));
  return [...sides, ...some.filter((fills) => fills.length > 0 && !isSideOf(sides, fills))];
}

function isSideOf(sides: readonly Fills[], fills: Fills): boolean {
  return sides.some((side) => side.length === fills.length && side.every((order) => fills.includes(order)));
}

/**
 * Returns fills of one instrument of which one needs most, whatever part of its orders fills. The requirement must be
 * convex in the quantities. By net quantity, the most that fills can lose against the mark goes along straight lines
 * from all sells to all buys. On the way the buys that lose most come first. Next, of the orders that lose nothing, the
 * sells go and the buys come. Last, sells go, those that lose least first. A convex function is greatest at the end of
 * one of these lines. If no order loses, the ends are the two sides themselves.
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
  // Of the orders that lose nothing, all sells go and all buys come.
  const isLosing = new Set(losing.map(({ order }) => order));
  fills = sides.flat().filter((order) => isLosing.has(order) || order.quantity > 0);
  for (const { order } of sells) {
    between.push(fills);
    fills = fills.filter((other) => other !== order);
  }
  return [...sides, ...between.filter((some) => !isSideOf(sides, some))];
}

/**
 * Splits the instruments into groups whose fills do not change what another group needs, so that each group has its own
 * worst subset. Units are independent, except for a coin that another unit settles in and for offsets between them. In
 * the pool of a coin, every unit's profit moves against the coin. Under an additive method each instrument stands
 * alone, unless all of them change a balance that is charged. A balance is charged for the width of its price, or for
 * being owed.
 */
export function independentGroups<Ordered extends OrderedInstrument>(
  market: Market,
  pool: Pool,
  instruments: readonly Ordered[],
  /** Whether the greatest loss of a unit bounds what its instruments need together, or each is taken by itself. */
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
  // A loss in a stablecoin off its par costs more once none of it is held. So all that settles in it shares one ledger.
  const isOffPar = (currency: string) =>
    currency !== pool.poolCurrency && isPegged(market, currency) && market.currencyPrices.get(currency) !== PAR;
  for (const { instrumentId } of [...pool.positions, ...instruments]) {
    const { underlying, currency, coin } = coinsOf(market, instrumentId);
    if (coin !== null) join(underlying, coin);
    if (isOffPar(currency)) join(underlying, `settled in ${currency}`);
  }
  const method = market.methodOf(pool.methodId);
  const isPerUnit = method.measuredTogether !== "all" && !isMeasuredJointly(method);
  for (const underlyings of method.measuredTogether === "all" ? [] : method.measuredTogether) {
    for (const underlying of underlyings) join(underlying, underlyings[0]!);
  }
  const poolIsCoin = market.underlyingIndexes.has(pool.poolCurrency);
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

/**
 * Returns the underlying and settlement currency of a known instrument. `coin` is that currency if it is an underlying,
 * or else null.
 */
function coinsOf(market: Market, instrumentId: string) {
  const { instrument } = market.snapshot.instruments[market.instrumentIndexes.get(instrumentId)!]!;
  const currency = settlementCurrency(instrument);
  const coin = market.underlyingIndexes.has(currency) ? currency : null;
  return { underlying: instrument.underlying, currency, coin, isPaidFor: traitsOf(instrument).isPaidFor };
}

/**
 * Returns the pool after these fills. Instruments that are paid for are paid at once, and all others are entered at
 * the limit.
 */
export function applyFills(market: Market, pool: Pool, fills: readonly OpenOrder[]): Pool {
  const positions: Position[] = [...pool.positions];
  const collateral: CollateralBalance[] = [...pool.collateral];
  for (const { instrumentId, quantity, price } of fills) {
    positions.push({ instrumentId, quantity, entryPrice: price });
    const index = market.instrumentIndexes.get(instrumentId);
    if (index === undefined) continue;
    const { instrument } = market.snapshot.instruments[index]!;
    if (!traitsOf(instrument).isPaidFor) continue;
    collateral.push({ asset: settlementCurrency(instrument), amount: 0 - quantity * instrument.contractSize * price });
  }
  return { ...pool, positions, collateral };
}
