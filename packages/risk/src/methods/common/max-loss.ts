/** A quantity of one European option, with the terms that determine its payoff. */
export interface PayoffLeg {
  readonly optionType: "call" | "put";
  readonly strike: number;
  /** The quantity in units of the underlying, negative for sold options. */
  readonly quantity: number;
}

/** The greatest loss that the options of one expiry can cause at settlement. */
export interface MaximumLoss {
  /** The greatest loss at settlement prices of 0 and of every strike, at least 0, in quote currency. */
  readonly payoffLoss: number;
  /**
   * The calls sold beyond those bought, in units of the underlying. Above the highest strike the loss grows by this
   * amount per unit of price.
   */
  readonly unpairedCalls: number;
}

/**
 * Computes the worst payoff of linear options of one expiry (Derive SRM; docs/sources.md, Derive standard manager). The
 * payoff is linear between strikes. Its values at 0 and at the strikes, and its slope beyond the highest strike,
 * therefore determine the worst case.
 */
export function computeMaximumLoss(legs: readonly PayoffLeg[]): MaximumLoss {
  let worst = 0;
  for (const price of [0, ...legs.map(({ strike }) => strike)]) {
    let payoff = 0;
    for (const { optionType, strike, quantity } of legs) {
      payoff += quantity * Math.max(0, optionType === "call" ? price - strike : strike - price);
    }
    worst = Math.min(worst, payoff);
  }
  let netCalls = 0;
  for (const { optionType, quantity } of legs) if (optionType === "call") netCalls += quantity;
  return { payoffLoss: 0 - worst, unpairedCalls: Math.max(0, -netCalls) };
}

/**
 * Computes the maximum loss of coin-settled options, in coin. A call with strike K pays like K puts with strike 1/K on
 * the inverse price, and a put like K calls, so the linear function serves. `unpairedCalls` is here the
 * strike-weighted number of puts sold beyond those bought. Below the lowest strike the loss in coin grows by it
 * per unit of the inverse price.
 */
export function computeInverseMaximumLoss(legs: readonly PayoffLeg[]): MaximumLoss {
  return computeMaximumLoss(
    legs.map(({ optionType, strike, quantity }) => ({
      optionType: optionType === "call" ? "put" : "call",
      strike: 1 / strike,
      quantity: quantity * strike,
    })),
  );
}
