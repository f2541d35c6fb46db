import type { LedgerAccount } from "@plimsoll/ledger";
import {
  getMarginMethod,
  type MarginEngine,
  type MarketSnapshot,
  type MayGoOn,
  type MethodId,
  type OpenOrder,
  onlyReduces,
  type Pool,
  type Severity,
  severityRank,
} from "@plimsoll/risk";
import {
  type MarginRow,
  type OrderCheckRequest,
  type orderRules,
  stateProjection,
  subtractAmounts,
} from "@plimsoll/schema";
import { applyChanges, listingOf, type RejectedChange, type WhatIfChanges } from "./apply-changes.ts";
import { findLivePool, type NoPool, type QuestionPorts, storedPoolOf } from "./live-pool.ts";
import { nextState, type PoolState } from "./states.ts";

export type OrderRule = (typeof orderRules)[number];

/** Whether orders may be accepted, with the numbers that decided. Amounts are in the pool's currency. */
export interface OrderCheck {
  readonly kind: "checked";
  readonly accountId: string;
  readonly poolId: string;
  readonly methodId: MethodId;
  readonly methodVersion: string;
  readonly poolCurrency: string;
  readonly snapshot: MarketSnapshot;
  readonly parametersVersion: string;
  readonly accepted: boolean;
  readonly rule: OrderRule;
  readonly reason: string;
  readonly reducesRisk: boolean;
  readonly severity: Severity;
  readonly ledgerSequence: number;
  readonly initialMargin: string | null;
  readonly initialMarginBalance: string | null;
  readonly projectedInitialMargin: string | null;
  /** The initial margin balance less the projected initial margin. */
  readonly availableFunds: string | null;
  readonly worstOrderIds: readonly string[];
}

/**
 * Decides whether a pool may place orders beside those that are open. Orders that reduce risk
 * (raisesMargin) are always accepted. Others are accepted if prices, severity and figures allow new risk, and the initial margin balance
 * covers the initial margin with the worst subset of all orders filled.
 */
export async function checkOrders(
  request: OrderCheckRequest,
  ports: QuestionPorts,
): Promise<OrderCheck | NoPool | RejectedChange> {
  const { account_id: accountId, pool_id: poolId } = request;
  const found = await findLivePool(ports, accountId, poolId);
  if ("kind" in found) return found;
  const { account, row, prepared, context } = found;
  const changes = { transfers: [], fills: [], cancelled_order_ids: [], placed_orders: request.orders };
  const applied = applyChanges(account, poolId, changes, listingOf(prepared.snapshot));
  if (applied.kind === "rejected") return { ...applied, field: applied.field.replace("placed_orders", "orders") };
  const { pool, openOrders } = storedPoolOf(applied.account, poolId, row).contents!;
  const ids = new Set(request.orders.map(({ order_id }) => order_id));
  const own = openOrders.filter(({ orderId }) => ids.has(orderId));
  const onlyShrinks = onlyReduces(pool.positions, openOrders, own);
  const before = storedPoolOf(account, poolId, row).contents!.pool;
  const fill = (orders: PlacedOrders) => poolAfter(account, poolId, row, orders, prepared.snapshot);
  const reducesRisk = onlyShrinks && !raisesMargin(before, request.orders, fill, prepared.engine);
  const state = nextState(account, poolId, row, context, { wantsCallPrices: false, mayGoOn: () => false });
  const { projectMargin, projectReducing } = prepared.engine;
  const search = onlyShrinks && !reducesRisk ? projectReducing : projectMargin;
  const projection = project(pool, openOrders, search, ports.mayGoOn);
  const figures = figuresOf(state, projection);
  const blocked = blockedUnderlying(
    prepared.snapshot,
    own.map(({ instrumentId }) => instrumentId),
  );
  const decision = decide({ reducesRisk, state, projection, figures, blocked });
  return {
    kind: "checked",
    accountId,
    poolId,
    methodId: pool.methodId,
    methodVersion: getMarginMethod(prepared.parameters, pool.methodId).version,
    poolCurrency: pool.poolCurrency,
    snapshot: prepared.snapshot,
    parametersVersion: prepared.parameters.parametersVersion,
    ...decision,
    reducesRisk,
    severity: state.severity,
    ledgerSequence: account.ledgerSequence,
    ...figures,
    worstOrderIds: projection.worstOrderIds,
  };
}

type PlacedOrders = OrderCheckRequest["orders"];

/** The greatest number of orders of which every subset is filled to see whether one raises the margin. */
const EVERY_SUBSET_ORDER_LIMIT = 4;

/** Rounding of one margin computed from two books, relative to the margin. */
const roundingShare = 1e-9;

/**
 * Returns whether fills of orders that make positions smaller leave a pool that needs a higher initial margin, as those
 * of one leg of a hedge do. Every subset of a few orders is filled; of many, each order alone and all of them together.
 * A pool without figures has no margin to raise.
 */
function raisesMargin(
  before: Pool,
  orders: PlacedOrders,
  fill: (orders: PlacedOrders) => Pool | null,
  engine: MarginEngine,
): boolean {
  const margin = engine.marginChanges(before);
  const now = margin(before);
  if (now.status === "not_margined") return false;
  const most = now.initialMargin + roundingShare * (1 + now.initialMargin);
  return subsetsOf(orders).some((some) => {
    const filled = fill(some);
    const after = filled && margin(filled);
    return after?.status === "margined" && after.initialMargin > most;
  });
}

function subsetsOf(orders: PlacedOrders): PlacedOrders[] {
  if (orders.length > EVERY_SUBSET_ORDER_LIMIT) return [orders, ...orders.map((order) => [order])];
  const some: PlacedOrders[] = [[]];
  for (const order of orders) some.push(...some.map((chosen) => [...chosen, order]));
  return some.filter((chosen) => chosen.length > 0);
}

/** Returns a pool after trades at the marks, which change no equity, or at the orders' prices where a mark is none. */
function poolAfter(
  account: LedgerAccount,
  poolId: string,
  row: MarginRow,
  orders: PlacedOrders,
  snapshot: MarketSnapshot,
): Pool | null {
  const listing = listingOf(snapshot);
  const filled = (fills: WhatIfChanges["fills"]) =>
    applyChanges(account, poolId, { transfers: [], fills, cancelled_order_ids: [], placed_orders: [] }, listing);
  const atMarks = filled(orders.map(({ instrument_id, quantity }) => ({ instrument_id, quantity })));
  const applied =
    atMarks.kind === "applied"
      ? atMarks
      : filled(orders.map(({ instrument_id, quantity, price }) => ({ instrument_id, quantity, price })));
  return applied.kind === "applied" ? storedPoolOf(applied.account, poolId, row).contents!.pool : null;
}

/** The initial margin with the worst fills of all orders, or why there is none. */
interface Projection {
  readonly initialMargin: string | null;
  readonly reason: string | null;
  readonly worstOrderIds: readonly string[];
}

function project(
  pool: Pool,
  orders: readonly OpenOrder[],
  search: MarginEngine["projectMargin"],
  mayGoOn: MayGoOn,
): Projection {
  const failed = (reason: string): Projection => ({ initialMargin: null, reason, worstOrderIds: [] });
  const projected = search(pool, orders, mayGoOn);
  if (projected.status === "stopped") return failed("the search for their worst fills ran out of time");
  const { projectedInitialMargin, notProjected: fault } = stateProjection(projected, pool.poolCurrency);
  if (fault !== null) return failed(`${fault.field} is ${fault.value}; ${fault.remedy}`);
  const worstOrderIds = projected.status === "projected" ? projected.worstOrderIds : [];
  return { initialMargin: projectedInitialMargin, reason: null, worstOrderIds };
}

type Figures = Pick<OrderCheck, "initialMargin" | "initialMarginBalance" | "projectedInitialMargin" | "availableFunds">;

function figuresOf({ margin }: PoolState, { initialMargin: projectedInitialMargin }: Projection): Figures {
  if (margin === null) {
    return { initialMargin: null, initialMarginBalance: null, projectedInitialMargin: null, availableFunds: null };
  }
  const { initialMargin, initialMarginBalance } = margin;
  const availableFunds =
    projectedInitialMargin === null ? null : subtractAmounts(initialMarginBalance, projectedInitialMargin);
  return { initialMargin, initialMarginBalance, projectedInitialMargin, availableFunds };
}

function blockedUnderlying({ instruments, underlyings }: MarketSnapshot, ordered: readonly string[]): string | null {
  const names = new Set(ordered);
  const own = instruments.filter(({ instrument }) => names.has(instrument.instrumentId));
  const symbols = new Set(own.map(({ instrument }) => instrument.underlying));
  return (
    underlyings.find(({ underlying, quality }) => quality === "blocked" && symbols.has(underlying))?.underlying ?? null
  );
}

interface Facts {
  readonly reducesRisk: boolean;
  readonly state: PoolState;
  readonly projection: Projection;
  readonly figures: Figures;
  readonly blocked: string | null;
}

/** Asks the rules one after the other, and returns the first that decides. */
function decide({
  reducesRisk,
  state,
  projection,
  figures,
  blocked,
}: Facts): Pick<OrderCheck, "accepted" | "rule" | "reason"> {
  const refuse = (rule: OrderRule, reason: string) => ({ accepted: false, rule, reason });
  if (reducesRisk) {
    const reason =
      "The orders only make positions smaller and raise no initial margin; such orders are never refused for margin.";
    return { accepted: true, rule: "reduces_risk", reason };
  }
  if (state.margin === null) {
    const { field, value, remedy } = state.refusal ?? { field: "account_id", value: "", remedy: "" };
    return refuse("not_margined", `The pool has no margin: ${field} is ${value}; ${remedy}.`);
  }
  if (blocked !== null) {
    return refuse("prices_blocked", `The prices of ${blocked} are blocked, so that no new risk can be valued.`);
  }
  if (severityRank(state.severity) >= severityRank("REDUCE_ONLY")) {
    const reason = `The severity is ${state.severity}: only orders are accepted that make positions smaller and do not raise the initial margin.`;
    return refuse("severity_allows_reducing_only", reason);
  }
  const { projectedInitialMargin, initialMarginBalance, availableFunds } = figures;
  if (projectedInitialMargin === null || availableFunds === null) {
    return refuse("orders_not_projected", `The orders cannot be margined: ${projection.reason}.`);
  }
  const sums =
    `With the worst of all orders filled, the initial margin is ${projectedInitialMargin}, ` +
    `against an initial margin balance of ${initialMarginBalance}`;
  if (availableFunds.startsWith("-")) {
    return refuse("initial_margin_exceeded", `${sums}: ${availableFunds.slice(1)} is missing.`);
  }
  return { accepted: true, rule: "initial_margin_covered", reason: `${sums}: ${availableFunds} is left.` };
}
