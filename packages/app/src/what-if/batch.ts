import { getMarginMethod } from "@plimsoll/risk";
import type { BatchRequest } from "@plimsoll/schema";
import { applyChanges, listingOf, type RejectedChange } from "./apply-changes.ts";
import { contextOf, findLivePool, type NoPool, type QuestionPorts, storedPoolOf } from "./live-pool.ts";
import type { Simulated } from "./simulate.ts";
import { decidedState, differenceOf, type PoolState, type StateDifference } from "./states.ts";

/** What one candidate would make of the pool. */
export type CandidateResult =
  | { readonly kind: "margined"; readonly after: PoolState; readonly difference: StateDifference | null }
  | RejectedChange;

/** The answers to a batch, in the order of its candidates. */
export interface Batch
  extends Pick<Simulated, "poolId" | "methodId" | "methodVersion" | "poolCurrency" | "snapshot" | "before"> {
  readonly kind: "batch";
  readonly accountId: string;
  readonly parametersVersion: string;
  /** There are fewer than candidates if the time ran out. */
  readonly results: readonly CandidateResult[];
}

/**
 * Margins many candidate changes of one pool. Each answer is to the bit what `simulate` says of the same changes,
 * without call prices. The pool is read and prepared once for all.
 */
export async function simulateBatch(request: BatchRequest, ports: QuestionPorts): Promise<Batch | NoPool> {
  const { account_id: accountId, pool_id: poolId, candidates } = request;
  const found = await findLivePool(ports, accountId, poolId);
  if ("kind" in found) return found;
  const { account, row, prepared } = found;
  const context = contextOf(ports, prepared);
  const listing = listingOf(prepared.snapshot);
  const pool = storedPoolOf(account, poolId, row);
  const extras = { wantsCallPrices: false, mayGoOn: ports.mayGoOn };
  const before = decidedState(pool, row, context, extras);
  const margin = prepared.engine.marginChanges(pool.contents!.pool);
  const atOnce = { ...context, market: { ...prepared, engine: { ...prepared.engine, margin } } };
  const resultOf = (changes: BatchRequest["candidates"][number]): CandidateResult => {
    const applied = applyChanges(account, poolId, changes, listing);
    if (applied.kind === "rejected") return applied;
    const after = decidedState(storedPoolOf(applied.account, poolId, row), row, atOnce, extras);
    return {
      kind: "margined",
      after,
      difference: before.margin && after.margin && differenceOf(before.margin, after.margin),
    };
  };
  const results: CandidateResult[] = [];
  for (const changes of candidates) {
    if (results.length > 0 && !ports.mayGoOn()) break;
    results.push(resultOf(changes));
  }
  const { methodId, poolCurrency } = pool.contents!.pool;
  return {
    kind: "batch",
    accountId,
    poolId,
    methodId,
    methodVersion: getMarginMethod(prepared.parameters, methodId).version,
    poolCurrency,
    snapshot: prepared.snapshot,
    parametersVersion: prepared.parameters.parametersVersion,
    before,
    results,
  };
}
