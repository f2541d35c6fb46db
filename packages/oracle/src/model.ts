import {
  MS_PER_DAY,
  MS_PER_MINUTE,
  type QuotedInstrument,
  type SettlementAverage,
  type TokenState,
} from "@plimsoll/risk";

/** The last price that one source gave for an underlying or a collateral currency. */
export interface IndexQuote {
  readonly source: string;
  readonly observedAtMs: number;
  /** US dollars per unit. */
  readonly indexPrice: number;
  /** The stablecoin that this price takes at par; see UnderlyingState. */
  readonly atPar?: string;
}

/** The marks that one source gave for all its instruments on an underlying, and the index price at that time. */
export interface SourceMarks {
  readonly source: string;
  readonly observedAtMs: number;
  /** US dollars per unit. */
  readonly indexPrice: number;
  readonly instruments: readonly QuotedInstrument[];
  /**
   * Average prices so far of the expiries inside their settlement window at the time of observation, and settlement
   * prices of those that had expired by then.
   */
  readonly settlementAverages?: readonly SettlementAverage[];
}

/** The state of one protocol token as one source read it. */
export interface SourceToken {
  readonly source: string;
  readonly observedAtMs: number;
  readonly state: TokenState;
}

/** All quotes of one underlying. */
export interface UnderlyingQuotes {
  readonly underlying: string;
  readonly index: readonly IndexQuote[];
  readonly marks: readonly SourceMarks[];
  /** Present if the underlying is a token of a protocol. */
  readonly tokens?: readonly SourceToken[];
}

/** The limits that decide whether a price is believed, and how far. */
export interface OracleParameters {
  /** A quote older than this does not count. */
  readonly quoteMaxAgeMs: number;
  /** The silence of a source keeps the width of the confidence up until this time has passed since its last quote. */
  readonly sourceForgottenAfterMs: number;
  /** Marks older than this are still used, but the price quality becomes `degraded`: it may warn but not escalate. */
  readonly marksMaxAgeMs: number;
  /** A source that is farther from the median than this many median absolute deviations is left out. */
  readonly outlierDeviations: number;
  /**
   * Smallest deviation used in that test, as a fraction of the median. Otherwise two sources that agree closely would
   * exclude a third.
   */
  readonly smallestDeviation: number;
  /**
   * The confidence width, as a fraction of the price, from which the quality is `widened`, and from which it is
   * `degraded`.
   */
  readonly widenedFrom: number;
  readonly degradedFrom: number;
  /** A relative move since the previous snapshot beyond this is not believed from one source alone. */
  readonly unconfirmedJump: number;
  /** A token's state older than this counts as unknown. */
  readonly tokensMaxAgeMs: number;
  /** Most tokens in one snapshot. Further ones are left out and count as unknown. */
  readonly tokensPerSnapshot: number;
  /**
   * Number of days whose first redemption rates are kept. With an odd number, fewer than half of them cannot move the
   * median.
   */
  readonly tokenRateDays: number;
  /** Most instruments in one snapshot. */
  readonly instrumentsPerSnapshot: number;
  /**
   * An instrument that expired or is no longer quoted is kept for this long after its last mark and after its expiry.
   */
  readonly lapsedKeptMs: number;
  /** Most lapsed instruments in one snapshot. Those with the newest marks are kept. */
  readonly lapsedPerSnapshot: number;
}

/**
 * Default limits. They are our own choices after published forms (docs/sources.md, Oracle quality): a median without
 * outliers beyond k median absolute deviations, and Drift's limits of 2 % for confidence and 120 slots for age. The
 * caller sets the age of quotes and the number of instruments.
 */
export const defaultOracleParameters: Omit<OracleParameters, "quoteMaxAgeMs" | "instrumentsPerSnapshot"> = {
  sourceForgottenAfterMs: MS_PER_DAY,
  marksMaxAgeMs: 15 * MS_PER_MINUTE,
  tokensMaxAgeMs: 15 * MS_PER_MINUTE,
  tokensPerSnapshot: 256,
  tokenRateDays: 7,
  lapsedKeptMs: 7 * MS_PER_DAY,
  lapsedPerSnapshot: 2_000,
  outlierDeviations: 5,
  smallestDeviation: 0.0005,
  widenedFrom: 0.001,
  degradedFrom: 0.02,
  unconfirmedJump: 0.25,
};
