/**
 * How far one underlying is scanned, and the charges for risks that the scan cannot see. The underlying `"*"` serves
 * every underlying that is not listed.
 */
export interface ScanParameters {
  readonly underlying: string;
  /** The price scan range as a fraction of the price, where 0.16 is 16 %. */
  readonly priceScanRange: number;
  /** The number of price moves on each side of no move. The grid has 2 x this + 1 price moves. */
  readonly priceStepsPerSide: number;
  /**
   * The relative volatility moves at 30 days to expiry, where 0.5 up multiplies by 1.5. The move down is given as a
   * positive number.
   */
  readonly volatilityUp: number;
  readonly volatilityDown: number;
  /**
   * Volatility moves scale by (30 / days to expiry) ^ power. The short-term power serves up to 30 days, the long-term
   * power beyond.
   */
  readonly shortTermPower: number;
  readonly longTermPower: number;
  readonly minimumDaysToExpiry: number;
  /** The least value of a volatility that was moved up, absolute and per year. */
  readonly minimumVolatilityUp: number;
  /**
   * The price moves beyond the scan range, which are combined with volatility up only. Their losses count with factor x
   * range / |move|.
   */
  readonly extendedMoves: readonly number[];
  readonly extendedFactor: number;
  /**
   * The US dollars by which each extended loss or gain of a unit is pulled towards zero, times (|move| / range - 1).
   */
  readonly extendedDampenerUsd: number;
  /**
   * The calendar (roll) charge per unit of |delta| of an expiry, as a share of the index. It is max(minimum,
   * exp(annualised x years) - 1). A perpetual is charged the minimum, on the part of its delta that dated expiries
   * hedge.
   */
  readonly calendarMinimumMove: number;
  readonly calendarAnnualisedMove: number;
  /**
   * The share of the index charged per unit of delta that is hedged between different expiries, the perpetual included.
   */
  readonly basisRate: number;
  /**
   * The share of the index charged per unit of net short option of each strike and expiry: the short option minimum.
   */
  readonly shortOptionRate: number;
  /** The fixed fractions of the notional that the method `static` asks for. */
  readonly staticInitialRate: number;
  readonly staticMaintenanceRate: number;
}

/** The parameters of a scan on which a volatility move depends. */
export type VolatilityMoveParameters = Pick<
  ScanParameters,
  "volatilityUp" | "volatilityDown" | "shortTermPower" | "longTermPower" | "minimumDaysToExpiry" | "minimumVolatilityUp"
>;
