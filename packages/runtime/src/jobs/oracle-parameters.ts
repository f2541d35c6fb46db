import { defaultOracleParameters, type OracleParameters } from "@plimsoll/oracle";
import { limits } from "@plimsoll/schema";

/** When a price of this stage is believed: the same for the sweep and for what asks for one. */
export function oracleParameters(quoteMaxAgeMs: number): OracleParameters {
  return {
    ...defaultOracleParameters,
    quoteMaxAgeMs,
    instrumentsPerSnapshot: limits.instrumentsPerSnapshot,
    lapsedPerSnapshot: limits.lapsedInstruments,
  };
}
