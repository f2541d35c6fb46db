/** How an instrument pays: linear in its quote currency, inverse in the coin of its underlying. */
export type Settlement = "linear" | "inverse";

interface InstrumentBase {
  /** Unique name on the venue, for example `BTC-27MAR26-100000-C`. */
  readonly instrumentId: string;
  /** Symbol of the underlying, which is also the settlement currency of inverse instruments. */
  readonly underlying: string;
  readonly settlement: Settlement;
  /**
   * Currency that prices and strikes are quoted in; the settlement currency of linear instruments. US dollars or a stablecoin
   * pegged to them: a price in anything else that moves is margined by no method, see findQuoteFault.
   */
  readonly quoteCurrency: string;
  /** One contract: units of the underlying; for inverse futures and perpetuals units of the quote currency. */
  readonly contractSize: number;
}

interface DatedInstrument extends InstrumentBase {
  readonly expiryMs: number;
  /**
   * Length of the window before expiry over whose average index it settles (30 at Deribit and Derive); absent when it settles
   * on a single price. Within it the snapshot must carry the average so far.
   */
  readonly settlementWindowMinutes?: number;
}

/** European option on the forward of its expiry. */
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
 * Option that never expires: holders pay mark - payoff as funding over each funding period. No premium changes hands; a
 * position is worth its distance from the entry price. Coin-settled ones are quoted in coin, like options.
 */
export interface PerpetualOptionInstrument extends InstrumentBase {
  readonly kind: "perpetual_option";
  readonly optionType: "call" | "put";
  readonly strike: number;
  /** `continuous`: paid at every moment (Paradex); `discrete`: once a period (everlasting options). */
  readonly fundingStyle: "continuous" | "discrete";
  /** Days over which one full mark - payoff is paid. */
  readonly fundingPeriodDays: number;
}

/**
 * Perpetual on index ^ power, which pays mark - index ^ power once per funding period; squeeth has power 2. One contract is
 * `contractSize` units of index ^ power, quoted in the quote currency per unit when linear and in coin when inverse.
 */
export interface PowerPerpetualInstrument extends InstrumentBase {
  readonly kind: "power_perpetual";
  /** Above 0, at most 3. */
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
 * Currency of an instrument's forward and strike. A coin-settled contract that is said to be quoted in its own coin, as Deribit
 * says of its options, has its mark in that coin and its strike in US dollars.
 */
export function priceCurrency({ settlement, underlying, quoteCurrency }: Instrument): string {
  return settlement === "inverse" && quoteCurrency === underlying ? "USD" : quoteCurrency;
}

/** Currency in which an instrument's risk array and profit are expressed. */
export function settlementCurrency(instrument: Instrument): string {
  return instrument.settlement === "inverse" ? instrument.underlying : instrument.quoteCurrency;
}
