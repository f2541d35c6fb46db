import { defaultOracleParameters, type OracleParameters } from "@plimsoll/oracle";
import { MS_PER_DAY } from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";

/** Time that a stage keeps instruments that expired or are no longer quoted, in milliseconds. */
export const { lapsedKeptMs } = defaultOracleParameters;
export const lapsedKeptDays = lapsedKeptMs / MS_PER_DAY;

/** Returns the oracle parameters of this stage. Sweeps and the price trigger use the same. */
export function oracleParameters(quoteMaxAgeMs: number): OracleParameters {
  return {
    ...defaultOracleParameters,
    quoteMaxAgeMs,
    instrumentsPerSnapshot: limits.instrumentsPerSnapshot,
    lapsedPerSnapshot: limits.lapsedInstruments,
  };
}
