import {
  curesOf,
  engineVersion,
  explainPool,
  findCompletedSweep,
  findLivePool,
  type LivePool,
  storedPoolOf,
} from "@plimsoll/app";
import {
  getMarginMethod,
  type MarginedPool,
  type MarginState,
  type MarketSnapshot,
  methodIds,
  type Pool,
  poolKeyOf,
  severityOfResult,
} from "@plimsoll/risk";
import {
  marginAnswerOf,
  requirementText,
  snapshotTimeMs,
  stateIncomplete,
  stateLadder,
  toWire,
} from "@plimsoll/schema";
import { findSnapshot, findState } from "@plimsoll/store";
import { explainMargin, getCures, getLadder, getScenarios, listMethods } from "../contract/routes.ts";
import { ApiProblem, notFound } from "../serve/api-problem.ts";
import { answering } from "../serve/serve.ts";
import type { AnswerPorts } from "./stage-ports.ts";

/** A margined pool that a question is about. */
export interface Asked extends LivePool {
  readonly pool: Pool;
  readonly result: MarginedPool;
  readonly state: MarginState;
}

/** Loads the pool that is asked about and margins it. Throws an ApiProblem if that cannot be done. */
export async function findAsked(ports: AnswerPorts, accountId: string, poolId: string): Promise<Asked> {
  const live = await getLivePool(ports, accountId, poolId);
  const { pool } = storedPoolOf(live.account, poolId, live.row).contents!;
  const { engine, snapshot, parameters } = live.prepared;
  const result = engine.margin(pool);
  if (result.status === "not_margined") {
    const { field, value, remedy } = result;
    throw new ApiProblem("not_margined", "The pool has no figures.", { errors: [{ field, value, remedy }] });
  }
  return { ...live, pool, result, state: { snapshot, parameters, pool } };
}

/** Loads the pool that is asked about. Throws an ApiProblem if there is none, or none with a result. */
export async function getLivePool(ports: AnswerPorts, accountId: string, poolId: string): Promise<LivePool> {
  const live = await findLivePool(ports, accountId, poolId);
  if (!("kind" in live)) return live;
  throw live.kind === "unknown" ? notFound() : noResultYet();
}

export function noResultYet(): ApiProblem {
  return new ApiProblem("no_results_yet", "No sweep has margined this yet.", { retryAfterSeconds: 5 });
}

/** States what informative figures rest on. */
export function informative(snapshot: MarketSnapshot, parametersVersion: string, nowMs: number) {
  const { snapshotId } = snapshot;
  return {
    standing: "informative" as const,
    snapshot_id: snapshotId,
    as_of: new Date(snapshotTimeMs(snapshotId)).toISOString(),
    result_age_ms: Math.max(0, nowMs - snapshotTimeMs(snapshotId)),
    parameters_version: parametersVersion,
    engine_version: engineVersion,
  };
}

/** States of which pool an answer is, and what its figures rest on. */
export function headOf({ account, pool, prepared }: Asked, poolId: string, { nowMs }: AnswerPorts) {
  return {
    account_id: account.accountId,
    pool_id: poolId,
    method_id: pool.methodId,
    method_version: getMarginMethod(prepared.parameters, pool.methodId).version,
    pool_currency: pool.poolCurrency,
    ...informative(prepared.snapshot, prepared.parameters.parametersVersion, nowMs()),
  };
}

/** States what of a pool could not be margined in full, or nothing. */
function incompleteOf({ result, pool }: Asked) {
  if (result.incomplete === undefined) return {};
  const { reasons, ...counts } = stateIncomplete(result.incomplete, pool.poolCurrency);
  return { incomplete: { ...toWire(counts), reasons: reasons.map((reason) => ({ ...reason })) } };
}

/** Answers the loss of a pool in every scenario. */
export const answerScenarios = answering(getScenarios, async ({ params, query }, ports: AnswerPorts) => {
  const asked = await findAsked(ports, params.id, query.pool_id);
  const { pool, prepared } = asked;
  return {
    ...headOf(asked, query.pool_id, ports),
    units: prepared.engine.scenarioLosses(pool).map(({ underlying, set, losses }) => ({
      underlying,
      scenarios: [...losses].map((loss, index) => ({
        scenario_id: set.ids[index]!,
        label: set.labels[index]!,
        loss: requirementText(loss, pool.poolCurrency),
      })),
    })),
  };
});

/** Answers at which prices the next severities begin. */
export const answerLadder = answering(getLadder, async ({ params, query }, ports: AnswerPorts) => {
  const asked = await findAsked(ports, params.id, query.pool_id);
  const { pool, prepared, result } = asked;
  const prices = prepared.engine.callPrices(pool, ports.mayGoOn);
  if ("status" in prices) {
    throw new ApiProblem("unavailable", "The time did not suffice for the call prices.", { retryAfterSeconds: 60 });
  }
  return {
    ...headOf(asked, query.pool_id, ports),
    severity: severityOfResult(result, prepared.parameters.severity),
    ...incompleteOf(asked),
    ladder: stateLadder(prices).map((rung) => toWire({ ...rung })),
  };
});

/** Answers what would restore a severity. */
export const answerCures = answering(getCures, async ({ params, query }, ports: AnswerPorts) => {
  const asked = await findAsked(ports, params.id, query.pool_id);
  const { result, state, prepared } = asked;
  const { engine, parameters } = prepared;
  return {
    ...headOf(asked, query.pool_id, ports),
    severity: severityOfResult(result, parameters.severity),
    ...incompleteOf(asked),
    cures: curesOf({ state, result, engine, restores: query.restore }),
  };
});

/** Answers why a pool has its severity, and what changed since an earlier snapshot. */
export const answerExplanation = answering(explainMargin, async ({ params, query }, ports: AnswerPorts) => {
  const { pool_id, against, restore } = query;
  const asked = await findAsked(ports, params.id, pool_id);
  const { result, state, prepared } = asked;
  const earlier = await findEarlier(ports, asked, pool_id, against);
  const { engine } = prepared;
  const { margin, change, ...explained } = explainPool({
    poolId: pool_id,
    state,
    result,
    engine,
    restores: restore,
    earlier: earlier && { ...state, snapshot: earlier },
  });
  return {
    ...headOf(asked, pool_id, ports),
    ...explained,
    margin: marginAnswerOf(margin),
    ...(change && { change }),
  };
});

/** Finds the snapshot to compare with: the one that is named, or else that of the pool's last call event. */
async function findEarlier(
  { market, margin }: AnswerPorts,
  { account, prepared }: Asked,
  poolId: string,
  against: string | undefined,
): Promise<MarketSnapshot | null> {
  const state = against === undefined ? await findState(margin, poolKeyOf(account.accountId, poolId)) : undefined;
  const snapshotId = against ?? state?.snapshotId;
  if (snapshotId === undefined || snapshotId === prepared.snapshot.snapshotId) return null;
  const found = await findSnapshot(market, snapshotId);
  if (found === undefined && against !== undefined) {
    const remedy = "the id of a stored snapshot, such as that of a call event or a point of the history";
    throw new ApiProblem("invalid_request", `against: ${remedy}`, {
      errors: [{ field: "against", value: against, remedy }],
    });
  }
  return found?.snapshot ?? null;
}

/** Answers which methods there are, and their versions by the parameters of the newest sweep. */
export const answerMethods = answering(listMethods, async (_, { markets, market, margin }: AnswerPorts) => {
  const sweep = await findCompletedSweep(margin);
  const prepared = sweep && (await markets.prepareSnapshot(market, sweep.snapshotId));
  if (prepared === undefined) throw noResultYet();
  const { parameters } = prepared;
  return {
    parameters_version: parameters.parametersVersion,
    methods: methodIds.map((method_id) => ({
      method_id,
      method_version: getMarginMethod(parameters, method_id).version,
    })),
  };
});
