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
  /** Volatility moves scale by (30 / days to expiry) ^ power, with one power up to 30 days and one beyond. */
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
  /**
   * Calendar (roll) charge per unit of |delta| of an expiry: max(minimum, exp(annualised x years) - 1) of the index; of
   * perpetuals the minimum, on what dated expiries hedge.
   */
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

/** What of a scan a volatility move depends on. */
export type VolatilityMoveParameters = Pick<
  ScanParameters,
  "volatilityUp" | "volatilityDown" | "shortTermPower" | "longTermPower" | "minimumDaysToExpiry" | "minimumVolatilityUp"
>;
