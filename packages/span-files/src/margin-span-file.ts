import { computeSpanRequirement, nearestWords, type SpanResult } from "@plimsoll/risk";
import { type ReadSpanFile, type SpanFileContract, SpanFileError } from "./span-file.ts";

/**
 * Computes the SPAN requirement of positions (signed contracts by contract id) on the arrays and parameters of a file.
 * Throws a SpanFileError, and never returns a requirement of 0, in two cases. The first is a contract that the file
 * lacks, or has without a risk array. The second is a row that cannot be used and that concerns commodities which are
 * held. Other rows do not matter.
 */
export function marginOnSpanFile(file: ReadSpanFile, positions: ReadonlyMap<string, number>): SpanResult {
  const held = [...positions].map(([contractId, quantity]) => ({ contract: contractOf(file, contractId), quantity }));
  const names = new Set(held.map(({ contract }) => contract.combinedCommodity));
  const isHeld = ({ combinedCommodity }: { readonly combinedCommodity: string }) => names.has(combinedCommodity);
  const fault = file.faults.find(({ combinedCommodities }) => combinedCommodities.every((name) => names.has(name)));
  if (fault !== undefined) throw fault.error;
  return computeSpanRequirement(held, {
    grid: file.grid,
    commodities: file.commodities.filter(isHeld),
    interSpreads: file.interSpreads.filter(({ legs }) => legs.every(isHeld)),
  });
}

function contractOf(file: ReadSpanFile, contractId: string): SpanFileContract {
  const contract = file.contracts.get(contractId);
  if (contract !== undefined) return contract;
  if (file.withoutArray.includes(contractId)) {
    throw new SpanFileError(`${contractId} has no risk array <ra> in the file: no margin can be said for it`);
  }
  const fault =
    file.contractFaults.get(contractId) ??
    [...file.contractFaults].find(([beginning]) => beginning.endsWith(":") && contractId.startsWith(beginning))?.[1];
  if (fault !== undefined) throw fault;
  const known = [...file.contracts.keys(), ...file.otherContractIds];
  throw new SpanFileError(
    `The file of ${file.businessDate} has no contract ${contractId}; ids are exchange:product:type:period[:C|P:strike], or our own${nearestWords(contractId, known)}`,
  );
}
