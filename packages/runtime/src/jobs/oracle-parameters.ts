import { defaultOracleParameters, type OracleParameters } from "@plimsoll/oracle";
import { limits } from "@plimsoll/schema";

/** How long a stage knows what has expired or is no longer quoted. */
export const { lapsedKeptMs } = defaultOracleParameters;

/** When a price of this stage is believed: the same for the sweep and for what asks for one. */
export function oracleParameters(quoteMaxAgeMs: number): OracleParameters {
  return {
    ...defaultOracleParameters,
    quoteMaxAgeMs,
    instrumentsPerSnapshot: limits.instrumentsPerSnapshot,
    lapsedPerSnapshot: limits.lapsedInstruments,
  };
}
