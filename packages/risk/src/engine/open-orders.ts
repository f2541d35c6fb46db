import type { Account, AccountResult, MarginedAccount, NotMarginedAccount } from "../model/index.ts";
import type { Market } from "./market.ts";
import {
  applyFills,
  independentGroups,
  type OpenOrder,
  type OrderedInstrument,
  openingInstruments,
} from "./order-sides.ts";

/** Initial margin with open orders beside the one without; maintenance margin knows no orders. */
export interface ProjectedMargin {
  readonly status: "projected";
  readonly initialMargin: number;
  /** At least initialMargin, pool currency. */
  readonly projectedInitialMargin: number;
  /** Orders of the worst subset, sorted; none when no order raises the margin. */
  readonly worstOrderIds: readonly string[];
}

/** Instruments of one group whose subsets are all tried: up to 3 to this power of books are margined for one answer. */
export const ORDER_INSTRUMENT_LIMIT = 6;

/** Sums in another order differ by their rounding, relative to what they add up to. */
const roundingShare = 1e-9;

type Margin = (account: Account) => AccountResult;

/**
 * Projected initial margin: the greatest over the subsets of the orders, each filled at its limit. A side of an instrument
 * whose orders together only reduce the position is left out, by the position and not by any model, so that reducing never
 * raises the margin. Any other side fills in whole or not at all: a requirement that is convex in the quantities, as a scan is,
 * is greatest there. Groups of instruments that do not touch each other are searched one by one, so that the work grows with
 * their number and not with its power. More instruments in one group than can be tried are refused rather than guessed.
 */
export function projectMargin(
  market: Market,
  account: Account,
  orders: readonly OpenOrder[],
  margin: Margin,
): ProjectedMargin | NotMarginedAccount {
  const actual = margin(account);
  if (actual.status === "not_margined") return actual;
  const { initialMargin } = actual;
  const instruments = openingInstruments(account.positions, orders);
  const refusal = findOrderFault(market, account, instruments, orders, margin);
  if (refusal !== null) return refusal;
  const groups = independentGroups(market, account, instruments);
  const apart = searchGroups(market, account, groups, actual, margin);
  // Should something join what was taken to be apart, the groups are searched as one.
  const worst = apart === "joined" ? searchGroups(market, account, [instruments], actual, margin) : apart;
  if (worst === "joined") throw new Error(`${account.accountId}: one group of orders is not worth itself`);
  if ("status" in worst) return worst;
  const { projectedInitialMargin, fills } = worst;
  const worstOrderIds = fills.map(({ orderId }) => orderId).sort();
  return { status: "projected", initialMargin, projectedInitialMargin, worstOrderIds };
}

interface WorstFills {
  readonly projectedInitialMargin: number;
  readonly fills: readonly OpenOrder[];
}

/** The worst fills of all groups; `joined` when together they ask for something else than apart. */
function searchGroups(
  market: Market,
  account: Account,
  groups: readonly (readonly OrderedInstrument[])[],
  actual: MarginedAccount,
  margin: Margin,
): WorstFills | NotMarginedAccount | "joined" {
  const fills: OpenOrder[] = [];
  let expected = actual.initialMargin;
  for (const group of groups) {
    if (group.length > ORDER_INSTRUMENT_LIMIT) return refuseGroup(actual, account, group);
    const worst = worstFills(market, account, group, actual.initialMargin, margin);
    if ("status" in worst) return worst;
    fills.push(...worst.fills);
    expected += worst.projectedInitialMargin - actual.initialMargin;
  }
  const all = margin(applyFills(market, account, fills));
  if (all.status === "not_margined") return all;
  const { initialMargin } = all;
  if (Math.abs(initialMargin - expected) > roundingShare * (1 + expected)) return "joined";
  return { projectedInitialMargin: Math.max(actual.initialMargin, initialMargin), fills };
}

/** What of the orders cannot be margined, named by its place among them; null when all can. */
function findOrderFault(
  market: Market,
  account: Account,
  instruments: readonly OrderedInstrument[],
  orders: readonly OpenOrder[],
  margin: Margin,
): NotMarginedAccount | null {
  for (const fills of instruments.flatMap(({ sides }) => sides)) {
    const result = margin(applyFills(market, account, fills));
    if (result.status !== "not_margined") continue;
    const place = orders.indexOf(fills[0]!);
    return { ...result, field: result.field.replace(/^(positions|collateral)\[\d+\]/, `open_orders[${place}]`) };
  }
  return null;
}

/** The fills of one group that raise the margin most; none when none do. */
function worstFills(
  market: Market,
  account: Account,
  group: readonly OrderedInstrument[],
  initialMargin: number,
  margin: Margin,
): WorstFills | NotMarginedAccount {
  let worst: WorstFills = { projectedInitialMargin: initialMargin, fills: [] };
  for (const fills of subsets(group)) {
    const result = margin(applyFills(market, account, fills));
    if (result.status === "not_margined") return result;
    if (result.initialMargin <= worst.projectedInitialMargin) continue;
    worst = { projectedInitialMargin: result.initialMargin, fills };
  }
  return worst;
}

/** Every choice of one side or none for each instrument, but the choice of none at all. */
function* subsets(instruments: readonly OrderedInstrument[]): Generator<readonly OpenOrder[]> {
  const [first, ...rest] = instruments;
  if (first === undefined) return;
  yield* subsets(rest);
  for (const fills of first.sides) {
    yield fills;
    for (const others of subsets(rest)) yield [...fills, ...others];
  }
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
