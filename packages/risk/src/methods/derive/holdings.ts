/** One option position of a Derive account; the same strike and type may be held in several lots. */
export interface DeriveOption {
  readonly strike: number;
  readonly optionType: "call" | "put";
  /** Signed units of the underlying: positive long, negative short. */
  readonly amount: number;
  /** Implied volatility per year at this strike, 0.5 is 50 %. */
  readonly markVolatility: number;
}

/** Feeds and option positions of one expiry. Confidences are shares of full trust, 0 to 1. */
export interface DeriveExpiry {
  /** Seconds left; 0 or less once expired, when options are worth their intrinsic value. */
  readonly secondsToExpiry: number;
  /** Part of the forward that is already settled and no longer moves: 0 until the last 30 minutes (`settlementForward`). */
  readonly forwardFixedPortion: number;
  /** Part of the forward that still moves; the forward is the sum of both. */
  readonly forwardVariablePortion: number;
  readonly forwardConfidence: number;
  /** Interest rate per year, continuously compounded; negative rates count as 0. */
  readonly rate: number;
  readonly rateConfidence: number;
  /** Lowest confidence of the volatility feed over the strikes held. */
  readonly volatilityConfidence: number;
  readonly options: readonly DeriveOption[];
}

/** The perpetual position of one underlying. */
export interface DerivePerpetual {
  /** Signed units of the underlying. */
  readonly amount: number;
  readonly markPrice: number;
  /** Confidence of the perpetual's price; it counts only while a position is open. */
  readonly confidence: number;
  /** Unrealised profit and funding not yet settled to cash, gain-positive. */
  readonly unrealisedCash: number;
}

/** An account of one portfolio manager: one underlying, one stablecoin for cash. */
export interface DerivePortfolio {
  /** Stablecoins; negative is borrowed. */
  readonly cash: number;
  /** US dollars per stablecoin. */
  readonly stablePrice: number;
  /** US dollars per unit of the underlying. */
  readonly spotPrice: number;
  readonly spotConfidence: number;
  readonly perpetual: DerivePerpetual | null;
  readonly expiries: readonly DeriveExpiry[];
}

/** A named part of both requirements, in stablecoins, requirement-positive. */
export interface DeriveComponent {
  readonly name:
    | "scan_loss"
    | "perpetual_contingency"
    | "option_contingency"
    | "base_contingency"
    | "collateral_haircut"
    | "depeg_charge"
    | "confidence_charge";
  readonly initial: number;
  readonly maintenance: number;
}

/** Margin of one account under a Derive portfolio manager, in stablecoins. */
export interface DeriveScanResult {
  /** Cash + unrealised profit + option value + collateral at full value: Derive's mark to market. */
  readonly equity: number;
  /** Requirement-positive. */
  readonly initialRequirement: number;
  readonly maintenanceRequirement: number;
  /** Equity - requirement, which Derive calls the margin: below 0 the account falls short. */
  readonly initialSurplus: number;
  readonly maintenanceSurplus: number;
  /** The greatest of the basis loss and all scenario losses; never below 0. */
  readonly worstLoss: number;
  /** Index of the worst scenario, the lowest on a tie; the number of scenarios when the basis loss is at least as great. */
  readonly worstScenarioIndex: number;
  /** Loss (positive) in each scenario, dampened. */
  readonly scenarioLosses: Float64Array;
  /** Loss (positive) of the basis charge, which competes with the scenarios instead of being added. */
  readonly basisLoss: number;
  readonly components: readonly DeriveComponent[];
}
