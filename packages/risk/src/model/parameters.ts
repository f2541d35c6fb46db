import type { MethodId } from "./account.ts";
import type { Severity } from "./severity.ts";

/** How far one underlying is scanned, and what the scan cannot see. `underlying: "*"` serves any not listed. */
export interface ScanParameters {
  readonly underlying: string;
  /** Price scan range as a fraction of the price, 0.16 is 16 %. */
  readonly priceScanRange: number;
  /** Moves on each side of no move; the grid has 2 x this + 1 price moves. */
  readonly priceStepsPerSide: number;
  /** Relative volatility moves at 30 days to expiry: 0.5 multiplies by 1.5; down is given positive. */
  readonly volatilityUp: number;
  readonly volatilityDown: number;
  /** Volatility moves scale by (30 / days to expiry) ^ power, with one power below 30 days and one from there on. */
  readonly shortTermPower: number;
  readonly longTermPower: number;
  readonly minimumDaysToExpiry: number;
  /** A volatility moved up is at least this, absolute per year. */
  readonly minimumVolatilityUp: number;
  /** Far price moves, volatility up only; a loss counts with factor x range / |move|. */
  readonly extendedMoves: readonly number[];
  readonly extendedFactor: number;
  /** Pulls each extended cell towards zero by (|move| / range - 1) x this. */
  readonly extendedDampenerUsd: number;
  /** Calendar (roll) charge per unit of |delta| of an expiry: max(minimum, exp(annualised x years) - 1) of the index. */
  readonly calendarMinimumMove: number;
  readonly calendarAnnualisedMove: number;
  /** Share of the index charged per unit of delta hedged between different expiries (perpetual included). */
  readonly basisRate: number;
  /** Share of the index per unit of net short option, per strike and expiry: the short option minimum. */
  readonly shortOptionRate: number;
  /** Fixed fractions of notional of the method `static`. */
  readonly staticInitialRate: number;
  readonly staticMaintenanceRate: number;
}

/** One band of a tiered schedule: the haircut applies to the part of the value between the previous bound and this. */
export interface HaircutBand {
  /** Upper bound of the band in US dollars; null for the last. */
  readonly upToUsd: number | null;
  /** Share of the value that does not count, 0 to 1. */
  readonly haircut: number;
}

export interface CollateralParameters {
  readonly asset: string;
  readonly bands: readonly HaircutBand[];
  /** Whether balances of this asset move with its price in the scenarios (coin collateral hedges short calls). */
  readonly movesInScenarios: boolean;
}

/** One rung of the ladder: entered when used / balance >= enter, left when it is below leave for enough sweeps. */
export interface SeverityRung {
  readonly severity: Exclude<Severity, "NORMAL" | "BANKRUPT">;
  readonly requirement: "initial" | "maintenance";
  readonly enterRatio: number;
  readonly leaveRatio: number;
}

export interface SeverityParameters {
  /** From mild to grave. */
  readonly rungs: readonly SeverityRung[];
  /** Sweeps in a row that must be below the leave ratio before the severity comes down. */
  readonly cleanSweepsToLeave: number;
}

/** A complete, versioned parameter set; results name its version and recompute from it alone. */
export interface ParameterSet {
  readonly parametersVersion: string;
  /** Which requirement the scan gives directly, and the factor that gives the other: maintenance <= initial. */
  readonly scanGives: "initial" | "maintenance";
  readonly maintenanceToInitialRatio: number;
  readonly scan: readonly ScanParameters[];
  readonly collateral: readonly CollateralParameters[];
  readonly severity: SeverityParameters;
  readonly defaultMethodId: MethodId;
  /** Margin history is written when the margin ratio moved by more than this since it was last written. */
  readonly historyTolerance: number;
}
