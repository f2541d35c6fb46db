import type { Account, AccountResult, MarginedAccount, NotMarginedAccount } from "../model/index.ts";
import { expiredOrderRemedy, expiredRemedy } from "../names/index.ts";
import { refuse } from "./account-faults.ts";
import { type Book, createBook } from "./book.ts";
import { isJoint } from "./joint/charge-jointly.ts";
import type { Market } from "./market.ts";
import { type OrderPricing, searchByScenario, tryEverySubset, type WorstFills } from "./order-search.ts";
import {
  applyFills,
  independentGroups,
  type OpenOrder,
  type OrderedInstrument,
  type OrderSide,
  openingInstruments,
} from "./order-sides.ts";
import type { UnitScenarioLosses } from "./scenario-losses.ts";
import { checkpoint, type MayGoOn } from "./work.ts";

/** Initial margin with open orders beside the one without; maintenance margin knows no orders. */
export interface ProjectedMargin {
  readonly status: "projected";
  readonly initialMargin: number;
  /** At least initialMargin, pool currency. */
  readonly projectedInitialMargin: number;
  /** Orders of the worst subset, sorted; none when no order raises the margin. */
  readonly worstOrderIds: readonly string[];
  /** Whether every subset was tried; else the worst subset of each scenario was, see searchByScenario. */
  readonly isExhaustive: boolean;
  /** Books margined for the answer. */
  readonly tries: number;
  /** Orders that cannot be margined, and that the answer is without; absent when there is none. */
  readonly leftOut?: readonly LeftOutOrder[];
}

/** An order that cannot be margined, by its place among them. */
export type LeftOutOrder = Pick<NotMarginedAccount, "code" | "field" | "value" | "remedy">;

/** Instruments of one group whose subsets are all tried: up to 3 to this power of books are margined for it. */
export const ORDER_INSTRUMENT_LIMIT = 6;

/** The same where a search by scenario can take over, which is the cheaper from here on. */
const SCANNED_INSTRUMENT_LIMIT = 4;

/** Sums in another order differ by their rounding, relative to what they add up to. */
const roundingShare = 1e-9;

/** What of the engine margins accounts. */
export interface OrderEngine {
  readonly margin: (account: Account) => AccountResult;
  /** The same, not bounded by what the account can lose: never less. */
  readonly marginUnbounded: (account: Account) => AccountResult;
  readonly scenarioLosses: (account: Account) => readonly UnitScenarioLosses[];
  /** Asked before each book. */
  readonly mayGoOn: MayGoOn;
}

/**
 * Projected initial margin: the greatest over the subsets of the orders, each filled at its limit. A side of an instrument
 * whose orders together only reduce the position is left out, by the position and not by any model, so that reducing never
 * raises the margin. Any other side fills in whole or not at all: a requirement that is convex in the quantities, as a scan is,
 * is greatest there. Groups of instruments that do not touch each other are searched one by one, so that the work grows with
 * their number and not with its power. A group of more instruments than can be tried is searched by scenario under
 * `portfolio`; under `static` each instrument is then taken by itself and nothing bounds what they ask, so that the answer is
 * no less than any subset asks; under other methods it is refused rather than guessed. What is refused is refused before any
 * book is margined for it.
 */
export function findProjectedMargin(
  market: Market,
  account: Account,
  orders: readonly OpenOrder[],
  engine: OrderEngine,
): ProjectedMargin | NotMarginedAccount {
  checkpoint(engine.mayGoOn);
  const actual = engine.margin(account);
  if (actual.status === "not_margined") return actual;
  // What is set aside or counts as settled stays so, whatever fills.
  const isWhole = account.positions.every(({ instrumentId }) => market.instrumentIndexes.has(instrumentId));
  const book = actual.incomplete === undefined && isWhole ? null : createBook(market, account);
  const known = book === null || "status" in book ? account : book.account;
  const leftOut: LeftOutOrder[] = [];
  const instruments = openingInstruments(account.positions, orders).filter(({ sides }) => {
    const faults = sides.flatMap((fills) => findOrderFault(market, account, fills, orders, engine.mayGoOn) ?? []);
    leftOut.push(...faults);
    return faults.length === 0;
  });
  const [first] = leftOut;
  if (first !== undefined && instruments.length === 0) return refuse(market, account, first);
  const projected = projectInstruments(market, account, known, actual, instruments, engine);
  return projected.status === "projected" && first !== undefined ? { ...projected, leftOut } : projected;
}

/** The projection over orders that can all be margined; `known` is the account without what is set aside of it. */
function projectInstruments(
  market: Market,
  account: Account,
  known: Account,
  actual: MarginedAccount,
  instruments: readonly OrderedInstrument[],
  engine: OrderEngine,
): ProjectedMargin | NotMarginedAccount {
  const tooLargeOf = (groups: readonly OrderedInstrument[][]) =>
    groups.find((group) => !isSearchable(market, account, group));
  const groups = independentGroups(market, known, instruments, "by_loss");
  const tooLarge = tooLargeOf(groups);
  if (tooLarge === undefined) return projectGroups(market, account, actual, groups, engine);
  if (account.methodId !== "static") return refuseGroup(actual, account, tooLarge);
  const apart = independentGroups(market, known, instruments, "by_instrument");
  const joined = tooLargeOf(apart);
  if (joined !== undefined) return refuseGroup(actual, account, joined);
  const margin = engine.marginUnbounded;
  const unbounded = margin(account);
  if (unbounded.status === "not_margined") return unbounded;
  const projected = projectGroups(market, account, unbounded, apart, { ...engine, margin });
  if (projected.status === "not_margined") return projected;
  return { ...projected, initialMargin: actual.initialMargin, isExhaustive: false };
}

/** The projection over groups of orders that are taken to be apart. */
function projectGroups(
  market: Market,
  account: Account,
  actual: MarginedAccount,
  groups: readonly (readonly OrderedInstrument[])[],
  { margin, scenarioLosses, mayGoOn }: OrderEngine,
): ProjectedMargin | NotMarginedAccount {
  const { initialMargin } = actual;
  const instruments = groups.flat();
  let tries = 1;
  const pricing: OrderPricing = {
    marginAfter: (fills) => {
      checkpoint(mayGoOn);
      tries += 1;
      return margin(applyFills(market, account, fills));
    },
    lossesOf: (fills) => {
      checkpoint(mayGoOn);
      return joinLosses(market, scenarioLosses(alone(market, account, fills)));
    },
  };
  const apart = searchGroups(market, account, groups, actual, pricing);
  // Should something join what was taken to be apart, the groups are searched as one.
  const worst = apart === "joined" ? searchGroups(market, account, [instruments], actual, pricing) : apart;
  if (worst === "joined") throw new Error(`${account.accountId}: one group of orders is not worth itself`);
  if ("status" in worst) return worst;
  const { projectedInitialMargin, fills } = worst;
  const worstOrderIds = fills.map(({ orderId }) => orderId).sort();
  const limit = exhaustiveLimit(market, account);
  const isExhaustive = (apart === "joined" ? [instruments] : groups).every((group) => group.length <= limit);
  return {
    status: "projected",
    initialMargin,
    projectedInitialMargin,
    worstOrderIds,
    isExhaustive,
    tries,
  };
}

/**
 * Why the fills of a side cannot be margined, by the first of them at fault; null when all can. What stops a book is a matter of
 * each thing in it by itself, so that they are looked at alone, which is no more work than there are orders.
 */
function findOrderFault(
  market: Market,
  account: Account,
  fills: OrderSide,
  orders: readonly OpenOrder[],
  mayGoOn: MayGoOn,
): LeftOutOrder | null {
  const book = createBook(market, applyFills(market, { ...account, positions: [], collateral: [] }, fills));
  const fault = "status" in book ? book : (book.setAside?.holdings[0]?.reason ?? findExpiredFault(book));
  if (fault === undefined) return null;
  // To look for the nearest names of one that is not known takes a while.
  checkpoint(mayGoOn);
  const { code, value, remedy } = fault;
  const field = fault.field.replace(/^(?:positions|collateral)\[(\d+)\]/, (_, index: string) => {
    return `open_orders[${orders.indexOf(fills[Number(index)] ?? fills[0]!)}]`;
  });
  return { code, field, value, remedy: remedy.replace(expiredRemedy, expiredOrderRemedy) };
}

/** What has expired at a known price is worth that, but no order in it fills any more. */
function findExpiredFault({ settled: [expired] }: Book): LeftOutOrder | undefined {
  if (expired === undefined) return undefined;
  const { index, instrumentId: value } = expired;
  return { code: "instrument_expired", field: `positions[${index}].instrument_id`, value, remedy: expiredRemedy };
}

/** Whether the requirement is the greatest over the scenarios that searchByScenario looks at, and charges beside it. */
function isScanned({ parameters }: Market, account: Account): boolean {
  return account.methodId === "portfolio" && !isJoint(parameters, { account });
}

/** Whether the worst subset of a group can be found at all. */
function isSearchable(market: Market, account: Account, group: readonly OrderedInstrument[]): boolean {
  return group.length <= exhaustiveLimit(market, account) || isScanned(market, account);
}

function exhaustiveLimit(market: Market, account: Account): number {
  return isScanned(market, account) ? SCANNED_INSTRUMENT_LIMIT : ORDER_INSTRUMENT_LIMIT;
}

/** The worst fills of all groups; `joined` when together they ask for something else than apart. */
function searchGroups(
  market: Market,
  account: Account,
  groups: readonly (readonly OrderedInstrument[])[],
  actual: MarginedAccount,
  pricing: OrderPricing,
): WorstFills | NotMarginedAccount | "joined" {
  const fills: OpenOrder[] = [];
  let expected = actual.initialMargin;
  for (const group of groups) {
    if (!isSearchable(market, account, group)) return refuseGroup(actual, account, group);
    const isTriable = group.length <= exhaustiveLimit(market, account);
    const worst = (isTriable ? tryEverySubset : searchByScenario)(group, actual, pricing);
    if ("status" in worst) return worst;
    fills.push(...worst.fills);
    expected += worst.projectedInitialMargin - actual.initialMargin;
  }
  const all = pricing.marginAfter(fills);
  if (all.status === "not_margined") return all;
  const { initialMargin } = all;
  if (Math.abs(initialMargin - expected) > roundingShare * (1 + expected)) return "joined";
  return { projectedInitialMargin: Math.max(actual.initialMargin, initialMargin), fills };
}

/** Fills are taken this many times so that no far loss disappears in the dampener; a power of two changes no other bit. */
const beyondDampener = 2 ** 20;

/** A pool of the account's with nothing in it but these fills, many times. */
function alone(market: Market, account: Account, fills: readonly OpenOrder[]): Account {
  const many = fills.map((order) => ({ ...order, quantity: order.quantity * beyondDampener }));
  return applyFills(market, { ...account, positions: [], collateral: [] }, many);
}

/** The losses of all underlyings of a market one after the other, 0 where there are none. */
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
  { accountId, snapshotId, parametersVersion }: AccountResult,
  { methodId }: Account,
  group: readonly OrderedInstrument[],
): NotMarginedAccount {
  return {
    status: "not_margined",
    accountId,
    snapshotId,
    parametersVersion,
    code: "limit_exceeded",
    field: "open_orders",
    value: `${group.length} instruments, from ${group[0]!.instrumentId} on`,
    remedy: `under ${methodId} keep orders that open positions on at most ${ORDER_INSTRUMENT_LIMIT} instruments of one underlying`,
  };
}
