/** How an instrument pays: linear in its quote currency, inverse in the coin of its underlying. */
export type Settlement = "linear" | "inverse";

interface InstrumentBase {
  /** Unique name on the venue, for example `BTC-27MAR26-100000-C`. */
  readonly instrumentId: string;
  /** Symbol of the underlying, which is also the settlement currency of inverse instruments. */
  readonly underlying: string;
  readonly settlement: Settlement;
  /** Currency that prices and strikes are quoted in; the settlement currency of linear instruments. */
  readonly quoteCurrency: string;
  /** One contract: units of the underlying; for inverse futures and perpetuals units of the quote currency. */
  readonly contractSize: number;
}

/** European option on the forward of its expiry. */
export interface OptionInstrument extends InstrumentBase {
  readonly kind: "option";
  readonly optionType: "call" | "put";
  readonly strike: number;
  readonly expiryMs: number;
}

export interface FutureInstrument extends InstrumentBase {
  readonly kind: "future";
  readonly expiryMs: number;
}

export interface PerpetualInstrument extends InstrumentBase {
  readonly kind: "perpetual";
}

export type Instrument = OptionInstrument | FutureInstrument | PerpetualInstrument;

/** Currency in which an instrument's risk array and profit are expressed. */
export function settlementCurrency(instrument: Instrument): string {
  return instrument.settlement === "inverse" ? instrument.underlying : instrument.quoteCurrency;
}
