/**
 * Computes the profit of a linear future, perpetual or spot position in quote currency: quantity x (exit - entry). A
 * gain is positive. `quantity` is in units of the underlying, negative when short. NaN gives NaN.
 */
export function linearPnl(quantity: number, entryPrice: number, exitPrice: number): number {
  return quantity * (exitPrice - entryPrice);
}

/**
 * Computes the present value in quote currency of a forward contract to buy `quantity` units of the underlying at
 * `deliveryPrice`. A negative quantity sells. The value is quantity x discountFactor x (forward - deliveryPrice). A
 * dated future settled daily has discountFactor 1.
 */
export function forwardValue(quantity: number, deliveryPrice: number, forward: number, discountFactor: number): number {
  return quantity * discountFactor * (forward - deliveryPrice);
}
