import { KnownInstruments, PreparedMarkets } from "@plimsoll/app";

/**
 * What this process keeps from one invocation to the next, for speed alone: none of it is needed for a right result. It is given
 * to the use cases with their ports.
 */
export const warm = {
  markets: new PreparedMarkets(),
  instruments: new KnownInstruments(),
  /** The underlyings that were noted as quoted, and when. */
  noted: new Map<string, number>(),
};

/** Makes this process as one that has just started, for a test that lives the lives of many processes in one. */
export function startCold(): void {
  warm.markets.clear();
  warm.instruments = new KnownInstruments();
  warm.noted.clear();
}
