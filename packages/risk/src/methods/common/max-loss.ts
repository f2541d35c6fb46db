/** European options of one expiry, as their payoff sees them. */
export interface PayoffLeg {
  readonly optionType: "call" | "put";
  readonly strike: number;
  /** Signed units of the underlying. */
  readonly quantity: number;
}

/** The worst that options of one expiry can pay at settlement. */
export interface MaximumLoss {
  /** Greatest loss over settlement at 0 and at every strike, at least 0, quote currency. */
  readonly payoffLoss: number;
  /** Calls sold beyond those bought: beyond the highest strike the loss grows by this per unit of price. */
  readonly unpairedCalls: number;
}

/**
 * Worst payoff of linear options of one expiry: it is linear between strikes, so that 0, the strikes and the slope
 * beyond the highest one say everything (Derive SRM; docs/sources.md, Derive standard manager).
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
 * The same for coin-settled options, in coin: a call on the price with strike K pays like K puts on the inverse price with
 * strike 1/K, and the other way round, so the linear function serves. `unpairedCalls` is then the loss in coin per unit of the
 * inverse price below the lowest strike, from puts sold beyond those bought (weighted by strike).
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
