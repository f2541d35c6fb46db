import { type Instrument, settlementCurrency, traitsOf } from "@plimsoll/risk";
import type {
  FillEvent,
  FundingEvent,
  LedgerAccount,
  LedgerEvent,
  LedgerPool,
  LedgerPosition,
  LedgerRefusal,
  OrdersEvent,
  PoolOpenedEvent,
  PoolTransferEvent,
  SettlementEvent,
  TransferEvent,
} from "./account.ts";
import { Exact, LedgerRangeError, ledgerText } from "./exact.ts";
import { creditBalance, type FillEffect, fillEffect, fundingGain, settlementEffect, sortPositions } from "./fill.ts";
import { findExcess, findRunaway, type LedgerLimits } from "./limits.ts";
import { fillOrder, findOrderFault, updateOrders } from "./orders.ts";
import { findPool, isEmpty, sortPools, withHoldings } from "./pools.ts";
import { applyState } from "./state.ts";

/** The result of applying an event to an account. */
export type LedgerOutcome =
  | { readonly kind: "applied"; readonly account: LedgerAccount }
  /** The event is already part of the account: it is repeated or late. */
  | { readonly kind: "duplicate" }
  /** Events before this one are missing. It can be tried again once they have arrived. */
  | { readonly kind: "gap"; readonly expectedSequence: number }
  | LedgerRefusal;

type FindInstrument = (instrumentId: string) => Instrument | undefined;

/**
 * Applies one event to an account in exact arithmetic. A state replaces whatever is older. Any other event applies only
 * directly after the sequence held, so that none is lost, applied twice or out of order.
 */
export function applyEvent(
  account: LedgerAccount | null,
  event: LedgerEvent,
  findInstrument: FindInstrument,
  limits: LedgerLimits,
): LedgerOutcome {
  const held = account?.ledgerSequence ?? 0;
  if (event.ledgerSequence <= held) return { kind: "duplicate" };
  const runaway = findRunaway(event, held, limits);
  if (runaway !== null) return runaway;
  if (event.kind !== "account_state" && (account === null || event.ledgerSequence !== held + 1)) {
    return { kind: "gap", expectedSequence: held + 1 };
  }
  try {
    const outcome = changeAccount(account, event, findInstrument);
    if ("kind" in outcome) return outcome;
    const changed = { ...outcome, ledgerSequence: event.ledgerSequence };
    return findExcess(changed, limits) ?? { kind: "applied", account: changed };
  } catch (error) {
    if (!(error instanceof LedgerRangeError)) throw error;
    return { kind: "refused", field: "quantity", value: event.kind, problem: error.message };
  }
}

/** Computes the account after an event that is known to be the next one. */
function changeAccount(
  account: LedgerAccount | null,
  event: LedgerEvent,
  findInstrument: FindInstrument,
): LedgerAccount | LedgerRefusal {
  if (event.kind === "account_state") return applyState(event);
  if (account === null) throw new Error(`${event.kind} of an account that is not there`);
  switch (event.kind) {
    case "pool_transfer":
      return movePools(account, event);
    case "pool_opened":
      return openPool(account, event);
    case "fill":
    case "funding":
    case "settlement":
    case "transfer":
    case "orders":
    case "pool_closed": {
      const pool = findPool(account, event.poolId);
      return pool === undefined
        ? unknownPool("pool_id", event.poolId)
        : changePool(account, pool, event, findInstrument);
    }
  }
}

function changePool(
  account: LedgerAccount,
  pool: LedgerPool,
  event: Extract<LedgerEvent, { readonly poolId: string }>,
  findInstrument: FindInstrument,
): LedgerAccount | LedgerRefusal {
  switch (event.kind) {
    case "fill":
      return applyFill(account, pool, event, findInstrument);
    case "funding":
      return settleFunding(account, pool, event, findInstrument);
    case "settlement":
      return settlePosition(account, pool, event, findInstrument);
    case "transfer":
      return credit(account, pool, event);
    case "orders":
      return changeOrders(account, pool, event);
    case "pool_opened":
      return openPool(account, event);
    case "pool_closed":
      if (!isEmpty(pool)) return refuse("pool_id", pool.poolId, "a pool without collateral, positions and orders");
      return { ...account, pools: account.pools.filter((other) => other !== pool) };
  }
}

function applyFill(
  account: LedgerAccount,
  pool: LedgerPool,
  event: FillEvent,
  findInstrument: FindInstrument,
): LedgerAccount | LedgerRefusal {
  const instrument = findInstrument(event.instrumentId);
  if (instrument === undefined) return unknownInstrument(event.instrumentId, "the trade");
  const orderFault = findOrderFault(pool.openOrders, event);
  if (orderFault !== null) return refuse("order_id", String(event.orderId), orderFault);
  const held = pool.positions.find((position) => position.instrumentId === event.instrumentId) ?? null;
  if (held?.fundingIndex !== undefined && event.fundingIndex === undefined) {
    return refuse("funding_index", "none", "the cumulative funding at the trade: the position held has one");
  }
  return withHoldings(account, pool.poolId, {
    ...afterTrade(pool, held, fillEffect(held, event, instrument)),
    openOrders: fillOrder(pool.openOrders, event),
  });
}

/** Computes the holdings of a pool after a trade with this effect on the position held before it. */
function afterTrade(pool: LedgerPool, held: LedgerPosition | null, { position, asset, cash }: FillEffect) {
  const others = pool.positions.filter((other) => other !== held);
  return {
    collateral: creditBalance(pool.collateral, asset, cash),
    positions: sortPositions(position === null ? others : [...others, position]),
  };
}

/**
 * Settles a position. If none is held, it was settled or closed before, and the event only uses up its sequence number.
 */
function settlePosition(
  account: LedgerAccount,
  pool: LedgerPool,
  event: SettlementEvent,
  findInstrument: FindInstrument,
): LedgerAccount | LedgerRefusal {
  const { instrumentId } = event;
  const held = pool.positions.find((position) => position.instrumentId === instrumentId);
  if (held === undefined) return account;
  const instrument = findInstrument(instrumentId);
  if (instrument === undefined) return unknownInstrument(instrumentId, "the settlement");
  const { isSettledByPrice, name } = traitsOf(instrument);
  if (!isSettledByPrice) {
    const problem = `an option, a future or a perpetual: close a ${name} by a fill at what it is worth`;
    return refuse("instrument_id", instrumentId, problem);
  }
  if (held.fundingIndex !== undefined && event.fundingIndex === undefined) {
    return refuse("funding_index", "none", "the cumulative funding at the settlement: the position held has one");
  }
  return withHoldings(account, pool.poolId, afterTrade(pool, held, settlementEffect(held, event, instrument)));
}

/** Moves the accrued funding of a position to cash and sets its index to the event's cumulative funding. */
function settleFunding(
  account: LedgerAccount,
  pool: LedgerPool,
  { instrumentId, fundingIndex }: FundingEvent,
  findInstrument: FindInstrument,
): LedgerAccount | LedgerRefusal {
  const held = pool.positions.find((position) => position.instrumentId === instrumentId);
  if (held === undefined) return refuse("instrument_id", instrumentId, "an instrument that the pool has a position in");
  const instrument = findInstrument(instrumentId);
  if (instrument === undefined) return unknownInstrument(instrumentId, "the funding");
  const cash = ledgerText(fundingGain(held, fundingIndex), "down");
  const others = pool.positions.filter((position) => position !== held);
  return withHoldings(account, pool.poolId, {
    collateral: creditBalance(pool.collateral, settlementCurrency(instrument), cash),
    positions: sortPositions([...others, { ...held, fundingIndex }]),
  });
}

function credit(
  account: LedgerAccount,
  { poolId, collateral }: LedgerPool,
  { asset, amount }: Pick<TransferEvent, "asset" | "amount">,
): LedgerAccount {
  return withHoldings(account, poolId, { collateral: creditBalance(collateral, asset, amount) });
}

/** Moves an amount between two pools. Both change by exactly the same amount. */
function movePools(account: LedgerAccount, event: PoolTransferEvent): LedgerAccount | LedgerRefusal {
  const { asset, amount, fromPoolId, toPoolId } = event;
  if (fromPoolId === toPoolId) return refuse("to_pool_id", toPoolId, "another pool than from_pool_id");
  const from = findPool(account, fromPoolId);
  const to = findPool(account, toPoolId);
  if (from === undefined) return unknownPool("from_pool_id", fromPoolId);
  if (to === undefined) return unknownPool("to_pool_id", toPoolId);
  const taken = credit(account, from, { asset, amount: new Exact(amount).negated().toFixed() });
  return credit(taken, to, { asset, amount });
}

function openPool(account: LedgerAccount, event: PoolOpenedEvent): LedgerAccount | LedgerRefusal {
  const { poolId, poolKind, poolCurrency, methodId } = event;
  if (findPool(account, poolId) !== undefined) return refuse("pool_id", poolId, "a pool that is not open yet");
  const opened = { poolId, poolKind, poolCurrency, methodId, collateral: [], positions: [], openOrders: [] };
  return { ...account, pools: sortPools([...account.pools, opened]) };
}

function changeOrders(account: LedgerAccount, pool: LedgerPool, event: OrdersEvent): LedgerAccount | LedgerRefusal {
  const named = new Set(event.cancelledOrderIds);
  for (const [index, { orderId }] of event.placed.entries()) {
    if (named.has(orderId)) return refuse(`placed[${index}].order_id`, orderId, "each order once, placed or cancelled");
    named.add(orderId);
  }
  return withHoldings(account, pool.poolId, { openOrders: updateOrders(pool.openOrders, event) });
}

function unknownPool(field: string, poolId: string): LedgerRefusal {
  return refuse(field, poolId, "a pool of the account: send pool_opened first");
}

function unknownInstrument(instrumentId: string, what: string): LedgerRefusal {
  const problem = `an instrument that the latest snapshot has or still knows, or an account_state that includes ${what}`;
  return refuse("instrument_id", instrumentId, problem);
}

function refuse(field: string, value: string, problem: string): LedgerRefusal {
  return { kind: "refused", field, value, problem };
}
