import { findMarginMethod } from "../methods/registry/index.ts";
import type { Account, AccountResult, MarginedAccount, NotMarginedAccount } from "../model/index.ts";
import { findPositionFault, refuse } from "./account-faults.ts";
import { createBook } from "./book.ts";
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
  readonly scenarioLosses: (account: Account) => readonly UnitScenarioLosses[];
}

/**
 * Projected initial margin: the greatest over the subsets of the orders, each filled at its limit. A side of an instrument
 * whose orders together only reduce the position is left out, by the position and not by any model, so that reducing never
 * raises the margin. Any other side fills in whole or not at all: a requirement that is convex in the quantities, as a scan is,
 * is greatest there. Groups of instruments that do not touch each other are searched one by one, so that the work grows with
 * their number and not with its power. A group of more instruments than can be tried is searched by scenario under
 * `portfolio`; under other methods it is refused rather than guessed.
 */
export function projectMargin(
  market: Market,
  account: Account,
  orders: readonly OpenOrder[],
  { margin, scenarioLosses }: OrderEngine,
): ProjectedMargin | NotMarginedAccount {
  const actual = margin(account);
  if (actual.status === "not_margined") return actual;
  const { initialMargin } = actual;
  // What is set aside stays so, whatever fills.
  const book = createBook(market, account);
  const known = "status" in book ? account : book.account;
  let tries = 1;
  const pricing: OrderPricing = {
    marginAfter: (fills) => {
      tries += 1;
      return margin(applyFills(market, account, fills));
    },
    lossesOf: (fills) => joinLosses(market, scenarioLosses(alone(market, account, fills))),
  };
  const opening = openingInstruments(account.positions, orders);
  const leftOut: LeftOutOrder[] = [];
  const instruments = opening.filter(({ sides }) => {
    const faults = sides.flatMap((fills) => {
      const fault = findOrderFault(market, account, fills) ?? findFillFault(actual, fills, pricing);
      if (fault === null) return [];
      const { code, field, value, remedy } = fault;
      return [{ code, field: `open_orders[${orders.indexOf(fault.order)}].${field}`, value, remedy }];
    });
    leftOut.push(...faults);
    return faults.length === 0;
  });
  const [first] = leftOut;
  if (first !== undefined && instruments.length === 0) return refuse(market, account, first);
  const groups = independentGroups(market, known, instruments);
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
    ...(leftOut.length > 0 && { leftOut }),
  };
}

type OrderFault = LeftOutOrder & { readonly order: OpenOrder };

/** Why an order of one side cannot be margined; null when all can. */
function findOrderFault(market: Market, account: Account, fills: OrderSide): OrderFault | null {
  const method = findMarginMethod(market.parameters, account.methodId);
  for (const order of fills) {
    const { instrumentId, quantity, price: entryPrice } = order;
    const fault = findPositionFault(market, account, method, { instrumentId, quantity, entryPrice });
    if (fault !== null) return { ...fault, field: fault.member, order };
  }
  return null;
}

/** Why the account with one side filled cannot be margined as far as without it, for example for the currency that it pays in. */
function findFillFault(
  { incomplete = [] }: MarginedAccount,
  fills: OrderSide,
  { marginAfter }: OrderPricing,
): OrderFault | null {
  const [order] = fills as [OpenOrder];
  const memberOf = (field: string) => field.replace(/^\w+\[\d+\]\./, "");
  const result = marginAfter(fills);
  if (result.status === "not_margined") return { ...result, field: memberOf(result.field), order };
  const known = new Set(incomplete.map(({ field }) => field));
  const added = result.incomplete?.find(({ field }) => !known.has(field));
  return added === undefined ? null : { ...added, field: memberOf(added.field), order };
}

/** Whether the requirement is the greatest over the scenarios that searchByScenario looks at, and charges beside it. */
function isScanned({ parameters }: Market, account: Account): boolean {
  return account.methodId === "portfolio" && !isJoint(parameters, { account });
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
    const isTriable = group.length <= exhaustiveLimit(market, account);
    if (!isTriable && !isScanned(market, account)) return refuseGroup(actual, account, group);
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
