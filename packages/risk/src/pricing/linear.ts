/**
 * Profit of a linear future, perpetual or spot position in quote currency: quantity x (exit - entry). `quantity` is in units
 * of the underlying, negative when short; gain-positive. NaN gives NaN.
 */
export function linearPnl(quantity: number, entryPrice: number, exitPrice: number): number {
  return quantity * (exitPrice - entryPrice);
}

/**
 * Present value in quote currency of a forward contract to buy `quantity` (negative: sell) units of the underlying at
 * `deliveryPrice`: quantity x discountFactor x (forward - deliveryPrice). A dated future settled daily has discountFactor 1.
 */
export function forwardValue(quantity: number, deliveryPrice: number, forward: number, discountFactor: number): number {
  return quantity * discountFactor * (forward - deliveryPrice);
}
