import {
  MS_PER_DAY,
  MS_PER_MINUTE,
  type QuotedInstrument,
  type SettlementAverage,
  type TokenState,
} from "@plimsoll/risk";

/** One source's last price of an underlying or collateral currency. */
export interface IndexQuote {
  readonly source: string;
  readonly observedAtMs: number;
  /** US dollars per unit. */
  readonly indexPrice: number;
  /** The stablecoin taken at par in it; see UnderlyingState. */
  readonly atPar?: string;
}

/** One source's marks of all its instruments on an underlying, and the index they were observed at. */
export interface SourceMarks {
  readonly source: string;
  readonly observedAtMs: number;
  /** US dollars per unit. */
  readonly indexPrice: number;
  readonly instruments: readonly QuotedInstrument[];
  /**
   * Of the expiries inside their settlement window, over the part that had passed when they were observed; of those that had
   * expired by then the prices that they settle at.
   */
  readonly settlementAverages?: readonly SettlementAverage[];
}

/** What one source read of a token of a protocol. */
export interface SourceToken {
  readonly source: string;
  readonly observedAtMs: number;
  readonly state: TokenState;
}

/** Everything quoted on one underlying. */
export interface UnderlyingQuotes {
  readonly underlying: string;
  readonly index: readonly IndexQuote[];
  readonly marks: readonly SourceMarks[];
  /** Where the underlying is a token of a protocol. */
  readonly tokens?: readonly SourceToken[];
}

/** When a price is believed, and how far. */
export interface OracleParameters {
  /** A quote older than this does not count. */
  readonly quoteMaxAgeMs: number;
  /** A source silent for longer than this is no longer missed. */
  readonly sourceForgottenAfterMs: number;
  /** Marks older than this still price positions, on prices that may warn but not escalate. */
  readonly marksMaxAgeMs: number;
  /** A source farther from the median than this many median absolute deviations is left out. */
  readonly outlierDeviations: number;
  /** Least deviation used for that, relative: sources that agree to a basis point are no reason to drop a third. */
  readonly smallestDeviation: number;
  /** Relative half-width of the sources' disagreement from which quality is `widened`, and `degraded`. */
  readonly widenedFrom: number;
  readonly degradedFrom: number;
  /** Relative move since the previous snapshot that one source alone is not believed. */
  readonly unconfirmedJump: number;
  /** The state of a token older than this is not known any more. */
  readonly tokensMaxAgeMs: number;
  /** Most tokens of one snapshot; those beyond are not known. */
  readonly tokensPerSnapshot: number;
  /** Days of which the first redemption rate is kept; an odd number has a median that fewer than half of them cannot move. */
  readonly tokenRateDays: number;
  /** Most instruments of one snapshot. */
  readonly instrumentsPerSnapshot: number;
  /** What has expired or is no longer quoted stays known for this long after its last mark, and after its expiry. */
  readonly lapsedKeptMs: number;
  /** Most of these in one snapshot; the newest stay. */
  readonly lapsedPerSnapshot: number;
}

/**
 * Our own choices after public forms (docs/sources.md, Oracle quality): a median with outliers beyond k MAD left out,
 * Drift's limits of 2 % for confidence and 120 slots for age. The age of quotes and the limit come from outside.
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
