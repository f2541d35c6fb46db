/** The currency an instrument pays in: its quote currency when linear, the coin of its underlying when inverse. */
export type Settlement = "linear" | "inverse";

interface InstrumentBase {
  /** The unique name on the venue, for example `BTC-27MAR26-100000-C`. */
  readonly instrumentId: string;
  /** The symbol of the underlying, which is also the settlement currency of inverse instruments. */
  readonly underlying: string;
  readonly settlement: Settlement;
  /**
   * The currency that prices and strikes are quoted in, which is also the settlement currency of linear instruments. It
   * is US dollars or a stablecoin pegged to them. No method margins a price quoted in any other currency; see
   * findQuoteFault.
   */
  readonly quoteCurrency: string;
  /**
   * The size of one contract in units of the underlying, or in units of the quote currency for inverse futures and
   * perpetuals.
   */
  readonly contractSize: number;
}

interface DatedInstrument extends InstrumentBase {
  readonly expiryMs: number;
  /**
   * The length, in minutes, of the window before expiry over whose average index the instrument settles. It is 30 at
   * Deribit and Derive, and absent when the instrument settles on a single price. Within the window the snapshot must
   * carry the average so far.
   */
  readonly settlementWindowMinutes?: number;
}

/** A European option on the forward of its expiry. */
export interface OptionInstrument extends DatedInstrument {
  readonly kind: "option";
  readonly optionType: "call" | "put";
  readonly strike: number;
}

export interface FutureInstrument extends DatedInstrument {
  readonly kind: "future";
}

export interface PerpetualInstrument extends InstrumentBase {
  readonly kind: "perpetual";
}

/**
 * An option that never expires. Its holders pay mark - payoff as funding over each funding period. No premium changes
 * hands, so a position is worth its distance from the entry price. Coin-settled ones are quoted in coin, like options.
 */
export interface PerpetualOptionInstrument extends InstrumentBase {
  readonly kind: "perpetual_option";
  readonly optionType: "call" | "put";
  readonly strike: number;
  /** `continuous` funding is paid at every moment (Paradex), `discrete` funding once a period (everlasting options). */
  readonly fundingStyle: "continuous" | "discrete";
  /** The days over which one full mark - payoff is paid. */
  readonly fundingPeriodDays: number;
}

/**
 * A perpetual on index ^ power, which pays mark - index ^ power once per funding period. Squeeth has power 2. One
 * contract is `contractSize` units of index ^ power. Its quote is in the quote currency per unit when linear, and in
 * coin when inverse.
 */
export interface PowerPerpetualInstrument extends InstrumentBase {
  readonly kind: "power_perpetual";
  /** The exponent of the index, above 0 and at most 3. */
  readonly power: number;
  readonly fundingPeriodDays: number;
}

export type Instrument =
  | OptionInstrument
  | FutureInstrument
  | PerpetualInstrument
  | PerpetualOptionInstrument
  | PowerPerpetualInstrument;

/**
 * Returns the currency of an instrument's forward and strike. Deribit calls the coin the quote currency of its
 * coin-settled options. Such a contract has its mark in that coin and its strike in US dollars.
 */
export function priceCurrency({ settlement, underlying, quoteCurrency }: Instrument): string {
  return settlement === "inverse" && quoteCurrency === underlying ? "USD" : quoteCurrency;
}

/** Returns the currency in which an instrument's risk array and profit are expressed. */
export function settlementCurrency(instrument: Instrument): string {
  return instrument.settlement === "inverse" ? instrument.underlying : instrument.quoteCurrency;
}
