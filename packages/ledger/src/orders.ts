import type { FillEvent, LedgerOrder, OrdersEvent } from "./account.ts";
import { Exact, ledgerText } from "./exact.ts";

export function sortOrders(orders: readonly LedgerOrder[]): LedgerOrder[] {
  return orders.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
}

/** Returns the orders after some were placed, replaced or cancelled. */
export function updateOrders(held: readonly LedgerOrder[], { placed, cancelledOrderIds }: OrdersEvent): LedgerOrder[] {
  const gone = new Set([...cancelledOrderIds, ...placed.map(({ orderId }) => orderId)]);
  return sortOrders([...held.filter(({ orderId }) => !gone.has(orderId)), ...placed]);
}

/**
 * Says why a fill cannot belong to the order that it names. The result is null if it can, or if the order is not held.
 */
export function findOrderFault(held: readonly LedgerOrder[], fill: FillEvent): string | null {
  const order = held.find(({ orderId }) => orderId === fill.orderId);
  if (order === undefined) return null;
  if (order.instrumentId !== fill.instrumentId) return `a fill in ${order.instrumentId}, which the order is for`;
  const buys = new Exact(order.quantity).isPositive();
  if (buys === new Exact(fill.quantity).isPositive()) return null;
  return `a fill that ${buys ? "buys" : "sells"}, as the order does`;
}

/**
 * Returns the orders after a fill. The order that it filled keeps its rest, or is removed if it is filled completely.
 */
export function fillOrder(held: readonly LedgerOrder[], fill: FillEvent): LedgerOrder[] {
  return held.flatMap((order) => {
    if (order.orderId !== fill.orderId) return [order];
    const before = new Exact(order.quantity);
    const left = before.minus(fill.quantity);
    const isFilled = left.isZero() || left.isPositive() !== before.isPositive();
    return isFilled ? [] : [{ ...order, quantity: ledgerText(left, "down") }];
  });
}
