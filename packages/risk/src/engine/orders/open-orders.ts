import type { MarginedPool, NotMarginedPool, Pool, PoolResult } from "../../model/index.ts";
import { expiredOrderRemedy, expiredRemedy } from "../../names/instrument-names.ts";
import { inversePnl, linearPnl } from "../../pricing/index.ts";
import type { Book } from "../book/book.ts";
import { createBook } from "../book/create-book.ts";
import { refuse } from "../book/pool-faults.ts";
import { getRow, type Market } from "../market/market.ts";
import type { UnitScenarioLosses } from "../measure/evaluate.ts";
import { checkpoint, type MayGoOn } from "../work.ts";
import {
  countSubsets,
  type Need,
  needOf,
  type OrderPricing,
  searchByScenario,
  type TriesLeft,
  tryEverySubset,
  type WorstFills,
} from "./order-search.ts";
import {
  applyFills,
  everyFillsOf,
  type Fills,
  independentGroups,
  type OpenOrder,
  type OrderedInstrument,
  orderedInstruments,
  type SearchedInstrument,
  worstFillsOf,
} from "./order-sides.ts";

/**
 * How a projection was found, and so what it guarantees; see findProjectedMargin. For several groups of orders it is
 * the last of these values that holds for one of them.
 * - `every_subset`: every subset of the orders was tried, so none needs more.
 * - `by_side`: the orders on one side of an instrument were tried in whole (see worstFillsOf). No subset needs more
 *   where the requirement is convex in the quantities, as a scan is.
 * - `each_apart`: each instrument was taken by itself, and nothing bounds what they need together. No subset needs
 *   more, and the dearest may need less.
 * - `by_scenario`: there were too many subsets to try. No subset has a greater scan risk. The charges beside it are
 *   those of the dearest subset that was found.
 * - `search_stopped`: as `by_scenario`, but the search had no tries left before it was done. Another subset may need
 *   more.
 */
export const projectionSearches = ["every_subset", "by_side", "each_apart", "by_scenario", "search_stopped"] as const;
export type ProjectionSearch = (typeof projectionSearches)[number];

/** The initial margin with open orders beside the one without. Maintenance margin does not depend on orders. */
export interface ProjectedMargin {
  readonly status: "projected";
  readonly initialMargin: number;
  /** The initial margin with the worst subset of the orders, in pool currency, at least `initialMargin`. */
  readonly projectedInitialMargin: number;
  /** The ids of the orders in the worst subset, sorted. The list is empty if no order raises the margin. */
  readonly worstOrderIds: readonly string[];
  readonly search: ProjectionSearch;
  /** How many books were margined for the answer. */
  readonly tries: number;
  /** The orders that cannot be margined and that the answer is without. The member is absent if there are none. */
  readonly leftOut?: readonly LeftOutOrder[];
}

/** An order that cannot be margined. `field` names its place among the orders. */
export type LeftOutOrder = Pick<NotMarginedPool, "code" | "field" | "value" | "remedy">;

/**
 * The greatest number of orders in a group of which every subset is tried, which takes up to 2 to this power of books.
 * In a larger group each side fills in whole.
 */
const EVERY_SUBSET_ORDER_LIMIT = 4;

/**
 * The greatest number of subsets of one group's sides that are all tried. It is 3 to the power of 6: six instruments
 * with orders on both sides.
 */
export const ORDER_SUBSET_LIMIT = 729;

/** The same limit where a search by scenario can take over. From here on that search is cheaper. */
const SCANNED_SUBSET_LIMIT = 81;

/**
 * The greatest number of books that searches by scenario margin for one answer. What they have found by then stands.
 */
export const ORDER_SEARCH_LIMIT = 2_000;

/** The rounding by which sums in another order differ, relative to what they add up to. */
const roundingShare = 1e-9;

/** The same rounding of one balance before and after fills. */
const balanceRoundingShare = 1e-12;

/** The functions of the engine that margin pools. */
export interface OrderEngine {
  readonly margin: (pool: Pool) => PoolResult;
  /**
   * Margins a pool without the bound by what it can lose. The initial margin is never less than that of `margin`.
   */
  readonly marginUnbounded: (pool: Pool) => PoolResult;
  readonly scenarioLosses: (pool: Pool) => readonly UnitScenarioLosses[];
  /** Tells before each book whether the search may go on. */
  readonly mayGoOn: MayGoOn;
}

/**
 * Finds the projected initial margin. A pool that has it now has its initial margin after any part of its orders
 * fills at the limits. It is the greatest sum, over the subsets of the orders, of two amounts. One is the initial
 * margin after the fills. The other is what the fills take from the balance that it is held against: the distance
 * between limit and mark, and haircuts on what the fills pay or gain. Gains do not count. So at unchanged prices the
 * available funds after any fills are no less than the present balance less the projection. Orders that reduce are
 * among the subsets, as the position that they leave may need more margin. If all orders reduce, the projection is the
 * initial margin as it is, so that reducing alone never raises it. Whether orders reduce is decided for every side of
 * every instrument, by the position and not by any model. With `countsReducing` the fills of such orders are searched
 * like those of all others, since what they leave, such as one leg of a hedge, may need more.
 *
 * With few orders every subset is tried; with more, the two sides of each instrument (worstFillsOf). A partial fill
 * lies between these, and needs no more where the requirement is convex in the quantities, as a scan is. Groups of
 * instruments that do not affect each other are searched one by one, so that the work grows in proportion to their
 * number. A group with too many subsets is searched by scenario if the method allows it. If the method is additive and
 * only the bound by loss joins the instruments, each is taken by itself without that bound. The answer is then no less
 * than any subset needs. Under other methods the group is refused rather than guessed, before any book is margined for
 * it.
 */
export function findProjectedMargin(
  market: Market,
  pool: Pool,
  orders: readonly OpenOrder[],
  engine: OrderEngine,
  countsReducing = false,
): ProjectedMargin | NotMarginedPool {
  checkpoint(engine.mayGoOn);
  const isCounted = ({ opens }: OrderedInstrument): boolean => opens || countsReducing;
  const actual = engine.margin(pool);
  if (actual.status === "not_margined") return actual;
  const ordered = orderedInstruments(pool.positions, orders);
  if (!ordered.some(isCounted)) return asItIs(actual);
  const leftOut: LeftOutOrder[] = [];
  const marginable = ordered.filter(({ sides }) => {
    const faults = sides.flatMap((fills) => findOrderFault(market, pool, fills, orders, engine.mayGoOn) ?? []);
    leftOut.push(...faults);
    return faults.length === 0;
  });
  const [first] = leftOut;
  if (!marginable.some(isCounted)) return refuse(market, pool, first!);
  // Holdings that are set aside or count as settled stay so, whatever fills.
  const isWhole = pool.positions.every(({ instrumentId }) => market.instrumentIndexes.has(instrumentId));
  const book = actual.incomplete === undefined && isWhole ? null : createBook(market, pool);
  const known = book === null || "status" in book ? pool : book.pool;
  const projected = projectInstruments(market, pool, known, actual, marginable, engine);
  return projected.status === "projected" && first !== undefined ? { ...projected, leftOut } : projected;
}

/** Returns the projection of orders that only reduce. */
function asItIs({ initialMargin }: MarginedPool): ProjectedMargin {
  return {
    status: "projected",
    initialMargin,
    projectedInitialMargin: initialMargin,
    worstOrderIds: [],
    search: "every_subset",
    tries: 1,
  };
}

/**
 * Returns the projection over orders that can all be margined. `known` is the pool without its set-aside holdings.
 */
function projectInstruments(
  market: Market,
  pool: Pool,
  known: Pool,
  actual: MarginedPool,
  instruments: readonly OrderedInstrument[],
  engine: OrderEngine,
): ProjectedMargin | NotMarginedPool {
  const tooLargeOf = (groups: readonly SearchedInstrument[][]) =>
    groups.find((group) => !isSearchable(market, pool, group));
  const groupsBy = (bounds: "by_loss" | "by_instrument") =>
    independentGroups(market, known, instruments, bounds).map((group) => alternativesOf(market, pool, group));
  const groups = groupsBy("by_loss");
  const tooLarge = tooLargeOf(groups);
  if (tooLarge === undefined) return projectGroups(market, pool, actual, groups, engine);
  // Groups that only the bound by loss has joined come apart without it.
  const apart = groupsBy("by_instrument");
  const joined = tooLargeOf(apart);
  if (joined !== undefined) return refuseGroup(actual, pool, joined);
  const margin = engine.marginUnbounded;
  const unbounded = margin(pool);
  if (unbounded.status === "not_margined") return unbounded;
  const projected = projectGroups(market, pool, unbounded, apart, { ...engine, margin });
  if (projected.status === "not_margined") return projected;
  return { ...projected, initialMargin: actual.initialMargin, search: "each_apart" };
}

/** Returns the projection over groups of orders that are taken to be independent. */
function projectGroups(
  market: Market,
  pool: Pool,
  actual: MarginedPool,
  groups: readonly (readonly SearchedInstrument[])[],
  { margin, scenarioLosses, mayGoOn }: OrderEngine,
): ProjectedMargin | NotMarginedPool {
  const { initialMargin } = actual;
  let tries = 1;
  const gains = new Map<OpenOrder, number>();
  for (const order of groups.flat().flatMap(({ sides }) => sides.flat())) {
    gains.set(order, gainOf(market, pool, order));
  }
  const sumGains = (fills: Fills, sign: 1 | -1) =>
    fills.reduce((sum, order) => sum + Math.max(0, sign * gains.get(order)!), 0);
  const pricing: OrderPricing = {
    before: { initialMargin, lost: 0 },
    needAfter: (fills) => {
      checkpoint(mayGoOn);
      tries += 1;
      const after = margin(applyFills(market, pool, fills));
      if (after.status === "not_margined") return after;
      return { initialMargin: after.initialMargin, lost: lostBy(actual, after, sumGains(fills, 1)) };
    },
    lossesOf: (fills) => {
      checkpoint(mayGoOn);
      const losses = joinLosses(market, scenarioLosses(alone(market, pool, fills)));
      const atOnce = beyondDampener * sumGains(fills, -1);
      return losses.map((loss) => loss + atOnce);
    },
  };
  const left: TriesLeft = { tries: ORDER_SEARCH_LIMIT };
  const apart = searchGroups(market, pool, groups, actual, pricing, left);
  // If something joins the groups after all, they are searched as one.
  const joined = () => [alternativesOf(market, pool, groups.flat())];
  const worst = apart === "joined" ? searchGroups(market, pool, joined(), actual, pricing, left) : apart;
  if (worst === "joined") throw new Error(`${pool.accountId}: one group of orders is not worth itself`);
  if ("status" in worst) return worst;
  return {
    status: "projected",
    initialMargin,
    projectedInitialMargin: Math.max(initialMargin, needOf(worst)),
    worstOrderIds: worst.fills.map(({ orderId }) => orderId).sort(),
    search: worst.search,
    tries,
  };
}

/** Returns the gain from the fill of an order at the present marks, in pool currency. */
function gainOf(market: Market, pool: Pool, { instrumentId, quantity, price }: OpenOrder): number {
  const index = market.instrumentIndexes.get(instrumentId)!;
  const { underlyingIndex, settlementCurrency } = market.facts[index]!;
  const { isInverse, contractSize, markPrice } = getRow(market, market.views[underlyingIndex]!, index);
  const { currencyPrices } = market;
  const rate = currencyPrices.get(settlementCurrency)! / currencyPrices.get(pool.poolCurrency)!;
  // The price of an option is in its settlement currency, whichever that is.
  return rate * (isInverse ? inversePnl : linearPnl)(quantity * contractSize, price, markPrice);
}

/**
 * Returns by how much fills have reduced the initial margin balance, apart from what they have gained. It is at least
 * 0.
 */
function lostBy(before: MarginedPool, after: MarginedPool, gained: number): number {
  const [had, has] = [before.initialMarginBalance, after.initialMarginBalance];
  const lost = had - (has - gained);
  return lost > balanceRoundingShare * (Math.abs(had) + Math.abs(has) + gained) ? lost : 0;
}

/**
 * Returns the fault of the first fill of a side that cannot be margined, or null if all can. Whether a fill can be
 * margined depends on the fill alone. So the fills are checked without the pool, which is no more work than there
 * are orders.
 */
function findOrderFault(
  market: Market,
  pool: Pool,
  fills: Fills,
  orders: readonly OpenOrder[],
  mayGoOn: MayGoOn,
): LeftOutOrder | null {
  const book = createBook(market, applyFills(market, { ...pool, positions: [], collateral: [] }, fills));
  const fault = "status" in book ? book : (book.setAside?.holdings[0]?.reason ?? findExpiredFault(book));
  if (fault === undefined) return null;
  // The search for the nearest known ids takes a while.
  checkpoint(mayGoOn);
  const { code, value, remedy } = fault;
  const field = fault.field.replace(/^(?:positions|collateral)\[(\d+)\]/, (_, index: string) => {
    return `open_orders[${orders.indexOf(fills[Number(index)] ?? fills[0]!)}]`;
  });
  return { code, field, value, remedy: remedy.replace(expiredRemedy, expiredOrderRemedy) };
}

/** Returns the fault of an order in an instrument that has expired at a known price. No order in it fills any more. */
function findExpiredFault({ settled: [expired] }: Book): LeftOutOrder | undefined {
  if (expired === undefined) return undefined;
  const { index, instrumentId: value } = expired;
  return { code: "instrument_expired", field: `positions[${index}].instrument_id`, value, remedy: expiredRemedy };
}

/**
 * Returns whether the requirement is the greatest over the scenarios that searchByScenario looks at, with charges
 * beside it.
 */
function isScanned(market: Market, { methodId }: Pool): boolean {
  return market.methodOf(methodId).orderSearch === "by_scenario";
}

/** Returns a group with the fills that are tried of each of its instruments. */
function alternativesOf(market: Market, pool: Pool, group: readonly OrderedInstrument[]): SearchedInstrument[] {
  const lossOf = (order: OpenOrder) => Math.max(0, -gainOf(market, pool, order));
  const fillsOf = isSmall(group) ? everyFillsOf : (own: OrderedInstrument) => worstFillsOf(own, lossOf);
  return group.map((own) => ({ ...own, alternatives: fillsOf(own) }));
}

function isSmall(group: readonly OrderedInstrument[]): boolean {
  return group.reduce((count, { sides }) => count + sides.flat().length, 0) <= EVERY_SUBSET_ORDER_LIMIT;
}

/** Returns whether the worst subset of a group can be found at all. */
function isSearchable(market: Market, pool: Pool, group: readonly SearchedInstrument[]): boolean {
  return isTriable(market, pool, group) || isScanned(market, pool);
}

/** Returns whether every subset of a group is tried. */
function isTriable(market: Market, pool: Pool, group: readonly SearchedInstrument[]): boolean {
  return countSubsets(group) <= (isScanned(market, pool) ? SCANNED_SUBSET_LIMIT : ORDER_SUBSET_LIMIT);
}

/** Returns the worst fills of all groups, or `joined` if the groups need something else together than apart. */
function searchGroups(
  market: Market,
  pool: Pool,
  groups: readonly (readonly SearchedInstrument[])[],
  actual: MarginedPool,
  pricing: OrderPricing,
  left: TriesLeft,
): (WorstFills & Pick<ProjectedMargin, "search">) | NotMarginedPool | "joined" {
  const fills: OpenOrder[] = [];
  const searches: ProjectionSearch[] = [];
  const sum = { initialMargin: actual.initialMargin, lost: 0 };
  for (const group of groups) {
    if (!isSearchable(market, pool, group)) return refuseGroup(actual, pool, group);
    const worst = isTriable(market, pool, group)
      ? tryEverySubset(group, pricing)
      : searchByScenario(group, pricing, left);
    if ("status" in worst) return worst;
    if ("isStopped" in worst) searches.push(worst.isStopped ? "search_stopped" : "by_scenario");
    else searches.push(isSmall(group) || group.every(hasOneOrder) ? "every_subset" : "by_side");
    fills.push(...worst.fills);
    sum.initialMargin += worst.initialMargin - actual.initialMargin;
    sum.lost += worst.lost;
  }
  const all = pricing.needAfter(fills);
  if ("status" in all) return all;
  if (isJoined(all, sum)) return "joined";
  // A loss in one group may be gained back in another, but the other need not fill.
  const search = projectionSearches.findLast((kind) => searches.includes(kind)) ?? "every_subset";
  return { initialMargin: all.initialMargin, lost: Math.max(all.lost, sum.lost), fills, search };
}

function hasOneOrder({ sides }: OrderedInstrument): boolean {
  return sides.flat().length === 1;
}

/** Returns whether groups need another margin together than apart, or together take more of the balance. */
function isJoined(all: Need, apart: Need): boolean {
  const tolerance = roundingShare * (1 + needOf(apart));
  return Math.abs(all.initialMargin - apart.initialMargin) > tolerance || all.lost > apart.lost + tolerance;
}

/**
 * Fills are multiplied by this number, so that no far loss disappears in the dampener. A power of two changes only the
 * exponent of a number.
 */
const beyondDampener = 2 ** 20;

/** Returns the pool with nothing in it but these fills, multiplied by beyondDampener. */
function alone(market: Market, pool: Pool, fills: readonly OpenOrder[]): Pool {
  const many = fills.map((order) => ({ ...order, quantity: order.quantity * beyondDampener }));
  return applyFills(market, { ...pool, positions: [], collateral: [] }, many);
}

/**
 * Returns the losses of all underlyings of a market, one underlying after the other. An underlying without losses has
 * 0.
 */
function joinLosses(market: Market, units: readonly UnitScenarioLosses[]): Float64Array {
  const own = new Map(units.map(({ underlying, losses }) => [underlying, losses]));
  const counts = market.views.map((view) => view?.set.scenarioCount ?? 0);
  const joined = new Float64Array(counts.reduce((total, count) => total + count, 0));
  let start = 0;
  for (const [index, { underlying }] of market.underlyings.entries()) {
    const losses = own.get(underlying);
    if (losses !== undefined) joined.set(losses, start);
    start += counts[index]!;
  }
  return joined;
}

function refuseGroup(
  { accountId, snapshotId, parametersVersion }: PoolResult,
  { methodId }: Pool,
  group: readonly SearchedInstrument[],
): NotMarginedPool {
  return {
    status: "not_margined",
    accountId,
    snapshotId,
    parametersVersion,
    code: "limit_exceeded",
    field: "open_orders",
    value: `${group.length} instruments, from ${group[0]!.instrumentId} on`,
    remedy: `under ${methodId} keep the orders of one underlying to so few instruments that at most ${ORDER_SUBSET_LIMIT} subsets of them are to be tried`,
  };
}
