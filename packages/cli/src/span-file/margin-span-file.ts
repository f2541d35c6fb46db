import { computeSpanRequirement, nearestWords, type SpanResult } from "@plimsoll/risk";
import { type SpanFile, SpanFileError } from "./span-file.ts";

/**
 * SPAN requirement of positions (signed contracts by contract id) on the arrays and parameters of a file. A contract that the
 * file does not have is a SpanFileError, never a requirement of 0.
 */
export function marginOnSpanFile(file: SpanFile, positions: ReadonlyMap<string, number>): SpanResult {
  const held = [...positions].map(([contractId, quantity]) => {
    const contract = file.contracts.get(contractId);
    if (contract === undefined) {
      throw new SpanFileError(
        `The file of ${file.businessDate} has no contract ${contractId}; ids are exchange:product:type:period[:C|P:strike], or our own${nearestWords(contractId, file.contracts.keys())}`,
      );
    }
    return { contract, quantity };
  });
  return computeSpanRequirement(held, file);
}
