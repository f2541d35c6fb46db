import { defaultOracleParameters, type OracleParameters } from "@plimsoll/oracle";
import { MS_PER_DAY } from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";

/** How long a stage knows what has expired or is no longer quoted. */
export const { lapsedKeptMs } = defaultOracleParameters;
export const lapsedKeptDays = lapsedKeptMs / MS_PER_DAY;

/** When a price of this stage is believed: the same for the sweep and for what asks for one. */
export function oracleParameters(quoteMaxAgeMs: number): OracleParameters {
  return {
    ...defaultOracleParameters,
    quoteMaxAgeMs,
    instrumentsPerSnapshot: limits.instrumentsPerSnapshot,
    lapsedPerSnapshot: limits.lapsedInstruments,
  };
}
