/** One option position of a Derive account. The same strike and type may be held in several lots. */
export interface DeriveOption {
  readonly strike: number;
  readonly optionType: "call" | "put";
  /** The amount in units of the underlying, positive for long and negative for short. */
  readonly amount: number;
  /** The implied volatility per year at this strike: 0.5 is 50 %. */
  readonly markVolatility: number;
}

/** The feeds and option positions of one expiry. A confidence is a share of full trust, 0 to 1. */
export interface DeriveExpiry {
  /** The seconds until expiry. From 0 downwards the options have expired and are worth their intrinsic value. */
  readonly secondsToExpiry: number;
  /**
   * The part of the forward that is already settled and no longer moves. It is 0 until the last 30 minutes
   * (`settlementForward`).
   */
  readonly forwardFixedPortion: number;
  /** The part of the forward that still moves. The forward is the sum of both parts. */
  readonly forwardVariablePortion: number;
  readonly forwardConfidence: number;
  /** The interest rate per year, continuously compounded. A negative rate counts as 0. */
  readonly rate: number;
  readonly rateConfidence: number;
  /** The lowest confidence of the volatility feed among the strikes held. */
  readonly volatilityConfidence: number;
  readonly options: readonly DeriveOption[];
}

/** The perpetual position of one underlying. */
export interface DerivePerpetual {
  /** The amount in units of the underlying, negative for short. */
  readonly amount: number;
  readonly markPrice: number;
  /** The confidence of the perpetual's price. It counts only while a position is open. */
  readonly confidence: number;
  /** The unrealised profit and funding that are not yet settled to cash. A gain is positive. */
  readonly unrealisedCash: number;
}

/** An account of one portfolio manager, with one underlying and one stablecoin for cash. */
export interface DerivePortfolio {
  /** The cash in stablecoins. A negative amount is borrowed. */
  readonly cash: number;
  /** The price of one stablecoin in US dollars. */
  readonly stablePrice: number;
  /** The price of one unit of the underlying in US dollars. */
  readonly spotPrice: number;
  readonly spotConfidence: number;
  readonly perpetual: DerivePerpetual | null;
  readonly expiries: readonly DeriveExpiry[];
}

/**
 * A named part of the initial and the maintenance requirement, in stablecoins. A positive amount adds
 * to the requirement.
 */
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

/** The margin of one account under a Derive portfolio manager, in stablecoins. */
export interface DeriveScanResult {
  /** Derive's mark to market: cash + unrealised profit + option value + collateral at full value. */
  readonly equity: number;
  /** The initial requirement, counted as positive. */
  readonly initialRequirement: number;
  /** The maintenance requirement, counted as positive. */
  readonly maintenanceRequirement: number;
  /** The equity - the initial requirement, which Derive calls the margin. Below 0 the account has a shortfall. */
  readonly initialSurplus: number;
  /** The equity - the maintenance requirement. */
  readonly maintenanceSurplus: number;
  /** The greatest of the basis loss and all scenario losses, at least 0. */
  readonly worstLoss: number;
  /**
   * The index of the worst scenario, the lowest one on a tie. It is the number of scenarios when the basis loss
   * is at least as great.
   */
  readonly worstScenarioIndex: number;
  /** The dampened loss in each scenario, positive for a loss. */
  readonly scenarioLosses: Float64Array;
  /** The loss of the basis charge, positive. It competes with the scenario losses and is not added to them. */
  readonly basisLoss: number;
  readonly components: readonly DeriveComponent[];
}
