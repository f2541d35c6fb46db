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
  /** The exchange's own counter per account, gapless: repeats and late events are recognised by it. */
  ledger_sequence: sequence
    .min(1)
    .max(
      limits.ledgerSequence,
      `a sequence of at most ${limits.ledgerSequence}: send account_state with the account's own counter`,
    ),
  occurred_at: utcTime,
};

/** Which event a text is, whatever else it says. */
export const eventClaim = z.object({ account_id: accountId, ledger_sequence: eventBase.ledger_sequence });
export type EventClaim = z.infer<typeof eventClaim>;

export const collateralBalance = z.strictObject({ asset: symbol, amount: decimal });

export const position = z.strictObject({
  instrument_id: instrumentId,
  quantity: decimal,
  entry_price: priceDecimal,
  /** Cumulative funding of the instrument up to which the position has paid; absent when the venue books funding itself. */
  funding_index: priceDecimal.exactOptional(),
});

export const methodId = z.enum(methodIds);

/** What is left of an order that may fill at any time; price in the unit of the instrument's mark. */
export const openOrder = z.strictObject({
  order_id: orderId,
  instrument_id: instrumentId,
  /** Signed contracts: positive buys. */
  quantity: decimal.refine((text) => Number(text) !== 0, "a quantity other than zero"),
  price: positivePrice,
});

export const poolKind = z.enum(["cross", "isolated"]);

/** What a collateral pool is counted in, margined by and made of. */
export const poolContents = {
  pool_currency: symbol,
  method_id: methodId,
  collateral: z.array(collateralBalance).max(limits.collateralAssets),
  positions: z.array(position).max(limits.positionsPerAccount),
  open_orders: z.array(openOrder).max(limits.openOrdersPerAccount).default([]),
};

/** A pool beside the cross pool; an isolated one holds positions and orders of one instrument. */
export const accountPool = z.strictObject({ pool_id: otherPoolId, pool_kind: poolKind, ...poolContents });

/** The whole account as of a sequence: replaces what is stored when its sequence is newer. Its own contents are the cross pool's. */
export const accountState = z.strictObject({
  kind: z.literal("account_state"),
  ...eventBase,
  ...poolContents,
  pools: z.array(accountPool).max(limits.poolsPerAccount).default([]),
});

const inPool = poolId.default(crossPoolId);

/** A trade of this account; price in the unit of the instrument's mark. Applies only to the sequence just before it. */
export const fill = z.strictObject({
  kind: z.literal("fill"),
  ...eventBase,
  instrument_id: instrumentId,
  /** Signed contracts: positive bought. */
  quantity: decimal.refine((text) => Number(text) !== 0, "a quantity other than zero"),
  price: positivePrice,
  /** Cumulative funding at the trade; needed when the position held has one. */
  funding_index: priceDecimal.exactOptional(),
  pool_id: inPool,
  /** The order it fills, of which so much less is left; null where none rested. */
  order_id: orderId.nullable().default(null),
});

/**
 * Funding settled up to a cumulative value: what the position has accrued since its own is booked to cash. Applies only to the
 * sequence just before it.
 */
export const funding = z.strictObject({
  kind: z.literal("funding"),
  ...eventBase,
  instrument_id: instrumentId,
  funding_index: priceDecimal,
  pool_id: inPool,
});

/**
 * A position that is settled, as at the expiry of its instrument: it is closed at what the instrument pays at `settlement_price`,
 * and the cash is booked in its settlement currency. A pool without the position has nothing to settle. Applies only to the
 * sequence just before it.
 */
export const settlement = z.strictObject({
  kind: z.literal("settlement"),
  ...eventBase,
  instrument_id: instrumentId,
  /** Quote currency per unit of the underlying: an option pays what it is in the money there. */
  settlement_price: positivePrice,
  /** Cumulative funding at the settlement; needed when the position held has one. */
  funding_index: priceDecimal.exactOptional(),
  pool_id: inPool,
});

/** Deposit (positive) or withdrawal (negative), interest paid or earned. A balance below 0 is borrowed. Applies only to the sequence just before it. */
export const transfer = z.strictObject({
  kind: z.literal("transfer"),
  ...eventBase,
  asset: symbol,
  amount: decimal.refine((text) => Number(text) !== 0, "an amount other than zero"),
  pool_id: inPool,
});

/** Collateral moved from one pool of the account to another, at once. Applies only to the sequence just before it. */
const poolTransfer = z.strictObject({
  kind: z.literal("pool_transfer"),
  ...eventBase,
  asset: symbol,
  amount: positiveDecimal,
  from_pool_id: poolId,
  to_pool_id: poolId,
});

/** A pool beside the cross pool, empty at first. Applies only to the sequence just before it. */
const poolOpened = z.strictObject({
  kind: z.literal("pool_opened"),
  ...eventBase,
  pool_id: otherPoolId,
  pool_kind: poolKind,
  pool_currency: symbol,
  method_id: methodId,
});

/** A pool that is empty goes; a call still open on it is cured. Applies only to the sequence just before it. */
const poolClosed = z.strictObject({ kind: z.literal("pool_closed"), ...eventBase, pool_id: otherPoolId });

/**
 * Orders of one pool, each as it stands now: placed or replaced by its id, or gone. A cancelled order that is not held is
 * gone already. Applies only to the sequence just before it.
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
