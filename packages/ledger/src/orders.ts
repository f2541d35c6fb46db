import type { FillEvent, LedgerOrder, OrdersEvent } from "./account.ts";
import { Exact, ledgerText } from "./exact.ts";

export function sortOrders(orders: readonly LedgerOrder[]): LedgerOrder[] {
  return orders.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
}

/** The orders after some were placed, replaced by their id or cancelled. */
export function updateOrders(held: readonly LedgerOrder[], { placed, cancelledOrderIds }: OrdersEvent): LedgerOrder[] {
  const gone = new Set([...cancelledOrderIds, ...placed.map(({ orderId }) => orderId)]);
  return sortOrders([...held.filter(({ orderId }) => !gone.has(orderId)), ...placed]);
}

/** Why a fill cannot be one of an order; null when it can, or the order is not held. */
export function findOrderFault(held: readonly LedgerOrder[], fill: FillEvent): string | null {
  const order = held.find(({ orderId }) => orderId === fill.orderId);
  if (order === undefined) return null;
  if (order.instrumentId !== fill.instrumentId) return `a fill in ${order.instrumentId}, which the order is for`;
  const buys = new Exact(order.quantity).isPositive();
  if (buys === new Exact(fill.quantity).isPositive()) return null;
  return `a fill that ${buys ? "buys" : "sells"}, as the order does`;
}

/** The orders after a fill: what is left of the one it filled; nothing when it filled all of it, or more. */
export function fillOrder(held: readonly LedgerOrder[], fill: FillEvent): LedgerOrder[] {
  return held.flatMap((order) => {
    if (order.orderId !== fill.orderId) return [order];
    const before = new Exact(order.quantity);
    const left = before.minus(fill.quantity);
    const isFilled = left.isZero() || left.isPositive() !== before.isPositive();
    return isFilled ? [] : [{ ...order, quantity: ledgerText(left, "down") }];
  });
}
