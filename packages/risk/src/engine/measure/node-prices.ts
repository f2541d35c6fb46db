import { createRiskArrays, type RiskArrays, releaseRiskArrays, reserveRiskArray } from "../../arrays/index.ts";
import { countJointNumbers, releaseJointArrays } from "../joint/joint-losses.ts";
import {
  FIRST_ROWS,
  type Market,
  moveMarket,
  moveView,
  pricedLength,
  priceInto,
  releaseView,
  type UnderlyingView,
} from "../market/market.ts";

/** Neighbouring multiples of a price that are priced together, as a search that comes to one mostly comes to all. */
export type Stretch = readonly number[];

/** The instruments of an underlying at the multiples of a stretch. Each is priced when it is first asked for. */
export interface PricedStretch {
  readonly arrays: RiskArrays;
  /** Returns the start of an instrument's prices in the arrays, which are laid out as priceInto does. */
  readonly offsetOf: (instrumentIndex: number) => number;
}

interface UnderlyingNodes {
  readonly stretches: Map<Stretch, PricedStretch>;
  readonly markets: Map<number, Market>;
}

/** The prices at the nodes of call prices for all books, by index of the underlying. */
export type NodePrices = Map<number, UnderlyingNodes>;

function nodesOf(nodePrices: NodePrices, underlyingIndex: number): UnderlyingNodes {
  let nodes = nodePrices.get(underlyingIndex);
  if (nodes === undefined) {
    nodes = { stretches: new Map(), markets: new Map() };
    nodePrices.set(underlyingIndex, nodes);
  }
  return nodes;
}

export function pricedStretch(
  nodePrices: NodePrices,
  market: Market,
  underlyingIndex: number,
  stretch: Stretch,
): PricedStretch {
  const { stretches } = nodesOf(nodePrices, underlyingIndex);
  let priced = stretches.get(stretch);
  if (priced === undefined) {
    priced = createPricedStretch(market, underlyingIndex, stretch);
    stretches.set(stretch, priced);
  }
  return priced;
}

function createPricedStretch(market: Market, underlyingIndex: number, stretch: Stretch): PricedStretch {
  const view = market.views[underlyingIndex]!;
  const length = pricedLength(view, stretch.length);
  const arrays = createRiskArrays(FIRST_ROWS * length);
  const offsets = new Int32Array(market.snapshot.instruments.length).fill(-1);
  return {
    arrays,
    offsetOf: (instrumentIndex) => {
      if (offsets[instrumentIndex]! >= 0) return offsets[instrumentIndex]!;
      const offset = reserveRiskArray(arrays, length);
      priceInto(arrays.buffer, offset, market, view, instrumentIndex, stretch);
      offsets[instrumentIndex] = offset;
      return offset;
    },
  };
}

/**
 * Returns the market with an underlying at one multiple of its price. Its risk arrays and rows fill as they are asked
 * for.
 */
export function marketAt(nodePrices: NodePrices, market: Market, underlyingIndex: number, multiple: number): Market {
  const { markets } = nodesOf(nodePrices, underlyingIndex);
  let moved = markets.get(multiple);
  if (moved === undefined) {
    moved = moveMarket(market, moveView(market.views[underlyingIndex]!, multiple));
    markets.set(multiple, moved);
  }
  return moved;
}

/** Drops all prices and frees their memory. */
export function releaseNodePrices(nodePrices: NodePrices): void {
  for (const [underlyingIndex, { stretches, markets }] of nodePrices) {
    for (const { arrays } of stretches.values()) releaseRiskArrays(arrays);
    for (const market of markets.values()) releaseArrays(market.views[underlyingIndex]!);
  }
  nodePrices.clear();
}

/**
 * The greatest count of numbers in the risk arrays of all nodes before the arrays are dropped. A number takes 8 bytes,
 * and as much again for growth.
 */
const NODE_ARRAY_LIMIT = 4_000_000;

/**
 * Returns whether the risk arrays of both kinds, of scans and of joint scenarios, hold more numbers than
 * NODE_ARRAY_LIMIT.
 */
export function isOverfull(nodePrices: NodePrices): boolean {
  let count = 0;
  for (const [underlyingIndex, { stretches, markets }] of nodePrices) {
    for (const { arrays } of stretches.values()) count += arrays.used;
    for (const market of markets.values()) {
      const view = market.views[underlyingIndex]!;
      count += view.arrays.used + countJointNumbers(view);
    }
  }
  return count > NODE_ARRAY_LIMIT;
}

/** Frees the memory of the risk arrays of a moved view. Its prices stay. */
export function releaseArrays(view: UnderlyingView): void {
  releaseView(view);
  releaseJointArrays(view);
}
