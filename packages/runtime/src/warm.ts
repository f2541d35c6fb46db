import { KnownInstruments, PreparedMarkets } from "@plimsoll/app";

/**
 * What a process keeps between invocations, only to be faster: no result depends on it. The use cases receive it with
 * their ports.
 */
export const warm = {
  markets: new PreparedMarkets(),
  instruments: new KnownInstruments(),
  /** The time at which each underlying was last noted as quoted. */
  noted: new Map<string, number>(),
};

/** Clears what the process keeps, as if it had just started. This is for tests that simulate many processes in one. */
export function startCold(): void {
  warm.markets.clear();
  warm.instruments = new KnownInstruments();
  warm.noted.clear();
}
