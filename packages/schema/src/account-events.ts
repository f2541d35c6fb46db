import { crossPoolId, methodIds } from "@plimsoll/risk";
import * as z from "zod";
import {
  accountId,
  decimal,
  instrumentId,
  limits,
  orderId,
  otherPoolId,
  poolId,
  positiveDecimal,
  positivePrice,
  priceDecimal,
  sequence,
  symbol,
  utcTime,
} from "./primitives.ts";

const eventBase = {
  schema_version: z.literal(1),
  account_id: accountId,
  /** The exchange's counter of this account's events. It has no gaps; by it repeated and late events are recognised. */
  ledger_sequence: sequence
    .min(1)
    .max(
      limits.ledgerSequence,
      `a sequence of at most ${limits.ledgerSequence}: send account_state with the account's own counter`,
    ),
  occurred_at: utcTime,
};

/** The part of an event's text that identifies the event, even if the rest of it is refused. */
export const eventClaim = z.object({ account_id: accountId, ledger_sequence: eventBase.ledger_sequence });
export type EventClaim = z.infer<typeof eventClaim>;

export const collateralBalance = z.strictObject({ asset: symbol, amount: decimal });

export const position = z.strictObject({
  instrument_id: instrumentId,
  quantity: decimal,
  entry_price: priceDecimal,
  /**
   * Cumulative funding of the instrument up to which the position has paid. It is absent if the venue books funding
   * itself.
   */
  funding_index: priceDecimal.exactOptional(),
});

export const methodId = z.enum(methodIds);

/** The unfilled rest of an order that may fill at any time. The price is in the unit of the instrument's mark. */
export const openOrder = z.strictObject({
  order_id: orderId,
  instrument_id: instrumentId,
  /** Signed number of contracts: positive buys. */
  quantity: decimal.refine((text) => Number(text) !== 0, "a quantity other than zero"),
  price: positivePrice,
});

export const poolKind = z.enum(["cross", "isolated"]);

/** The members that every collateral pool has: its currency, its method and its holdings. */
export const poolContents = {
  pool_currency: symbol,
  method_id: methodId,
  collateral: z.array(collateralBalance).max(limits.collateralAssets),
  positions: z.array(position).max(limits.positionsPerAccount),
  open_orders: z.array(openOrder).max(limits.openOrdersPerAccount).default([]),
};

/** A pool beside the cross pool. An isolated pool holds positions and orders of one instrument only. */
export const accountPool = z.strictObject({ pool_id: otherPoolId, pool_kind: poolKind, ...poolContents });

/**
 * The whole account as it is after a sequence. It replaces the stored account if its sequence is newer. The contents at
 * the top level are those of the cross pool.
 */
export const accountState = z.strictObject({
  kind: z.literal("account_state"),
  ...eventBase,
  ...poolContents,
  pools: z.array(accountPool).max(limits.poolsPerAccount).default([]),
});

const inPool = poolId.default(crossPoolId);

/**
 * A trade of this account, priced in the unit of the instrument's mark. It applies only directly after the sequence
 * before it.
 */
export const fill = z.strictObject({
  kind: z.literal("fill"),
  ...eventBase,
  instrument_id: instrumentId,
  /** Signed number of contracts: positive was bought. */
  quantity: decimal.refine((text) => Number(text) !== 0, "a quantity other than zero"),
  price: positivePrice,
  /** Cumulative funding at the time of the trade. It is required if the position held has a funding index. */
  funding_index: priceDecimal.exactOptional(),
  pool_id: inPool,
  /**
   * The order that the trade fills, whose rest shrinks by the quantity. It is null if the trade filled no resting
   * order.
   */
  order_id: orderId.nullable().default(null),
});

/**
 * Settles funding up to a cumulative value: the amount that the position has accrued since its own index is booked to
 * cash. It applies only directly after the sequence before it.
 */
export const funding = z.strictObject({
  kind: z.literal("funding"),
  ...eventBase,
  instrument_id: instrumentId,
  funding_index: priceDecimal,
  pool_id: inPool,
});

/**
 * Settles a position, as at the expiry of its instrument. The position closes at what the instrument pays at
 * `settlement_price`, and the cash is booked in its settlement currency. It has no effect on a pool without the
 * position. It applies only directly after the sequence before it.
 */
export const settlement = z.strictObject({
  kind: z.literal("settlement"),
  ...eventBase,
  instrument_id: instrumentId,
  /** In quote currency per unit of the underlying. An option pays its intrinsic value at this price. */
  settlement_price: positivePrice,
  /** Cumulative funding at the settlement. It is required if the position held has a funding index. */
  funding_index: priceDecimal.exactOptional(),
  pool_id: inPool,
});

/**
 * A deposit (positive), a withdrawal (negative), or interest earned or paid. A balance below 0 is borrowed. It applies
 * only directly after the sequence before it.
 */
export const transfer = z.strictObject({
  kind: z.literal("transfer"),
  ...eventBase,
  asset: symbol,
  amount: decimal.refine((text) => Number(text) !== 0, "an amount other than zero"),
  pool_id: inPool,
});

/**
 * Moves collateral from one pool of the account to another in one step. It applies only directly after the sequence
 * before it.
 */
const poolTransfer = z.strictObject({
  kind: z.literal("pool_transfer"),
  ...eventBase,
  asset: symbol,
  amount: positiveDecimal,
  from_pool_id: poolId,
  to_pool_id: poolId,
});

/** Opens an empty pool beside the cross pool. It applies only directly after the sequence before it. */
const poolOpened = z.strictObject({
  kind: z.literal("pool_opened"),
  ...eventBase,
  pool_id: otherPoolId,
  pool_kind: poolKind,
  pool_currency: symbol,
  method_id: methodId,
});

/**
 * Closes a pool that is empty. A call that is still open on it is cured. It applies only directly after the sequence
 * before it.
 */
const poolClosed = z.strictObject({ kind: z.literal("pool_closed"), ...eventBase, pool_id: otherPoolId });

/**
 * Changes orders of one pool. A placed order replaces the one with its id, a cancelled one is removed; cancelling an
 * order that is not held has no effect. It applies only directly after the sequence before it.
 */
export const orders = z.strictObject({
  kind: z.literal("orders"),
  ...eventBase,
  pool_id: inPool,
  placed: z.array(openOrder).max(limits.openOrdersPerAccount).default([]),
  cancelled_order_ids: z.array(orderId).max(limits.openOrdersPerAccount).default([]),
});

export const accountEvent = z.discriminatedUnion("kind", [
  accountState,
  fill,
  funding,
  settlement,
  transfer,
  poolTransfer,
  poolOpened,
  poolClosed,
  orders,
]);
export type AccountEvent = z.infer<typeof accountEvent>;
export type AccountStateEvent = z.infer<typeof accountState>;
