import {
  type CandidateResult,
  checkOrders,
  type PoolState,
  type StateDifference,
  simulate,
  simulateBatch,
} from "@plimsoll/app";
import { answerMarginOf, toWire, type WhatIfDifference, type WhatIfSide } from "@plimsoll/schema";
import { simulateBatch as batchRoute, checkOrders as checkOrdersRoute, simulateMargin } from "../contract/routes.ts";
import { ApiProblem, notFound } from "../serve/api-problem.ts";
import { answering } from "../serve/serve.ts";
import { informative, noResultYet } from "./questions.ts";
import type { AnswerPorts } from "./stage-ports.ts";

/** Answers what a change would make of a pool. */
export const answerSimulation = answering(simulateMargin, async ({ body }, ports: AnswerPorts) => {
  const simulated = await simulate(body, ports);
  if (simulated.kind !== "simulated") throw problemOf(simulated);
  const { accountId, poolId, methodId, methodVersion, poolCurrency, snapshot, parametersVersion, difference } =
    simulated;
  return {
    account_id: accountId,
    pool_id: poolId,
    method_id: methodId,
    method_version: methodVersion,
    pool_currency: poolCurrency,
    ...informative(snapshot, parametersVersion, ports.nowMs()),
    before: sideOf(simulated.before),
    after: sideOf(simulated.after),
    ...(difference && { difference: differenceAnswerOf(difference) }),
  };
});

/** Answers what each of many candidate changes would make of a pool. */
export const answerBatch = answering(batchRoute, async ({ body }, ports: AnswerPorts) => {
  const batch = await simulateBatch(body, ports);
  if (batch.kind !== "batch") throw problemOf(batch);
  const { accountId, poolId, methodId, methodVersion, poolCurrency, snapshot, parametersVersion, before, results } =
    batch;
  const answered = resultsThatFit(results.map(batchResultOf));
  return {
    account_id: accountId,
    pool_id: poolId,
    method_id: methodId,
    method_version: methodVersion,
    pool_currency: poolCurrency,
    ...informative(snapshot, parametersVersion, ports.nowMs()),
    before: sideOf(before),
    results: answered,
    next_index: answered.length < body.candidates.length ? answered.length : null,
  };
});

/** A function returns at most 6 MB, in which the answer is a string of JSON. This leaves room for what stands around. */
export const batchAnswerBytes = 5_000_000;

/** Returns as many results as fit into one answer, and one at least. */
export function resultsThatFit<Result>(results: Iterable<Result>, most = batchAnswerBytes): Result[] {
  const fitting: Result[] = [];
  let bytes = 0;
  for (const result of results) {
    // Stringified again as the text of a body, quotes and backslashes take one byte more.
    bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(result)));
    if (bytes > most && fitting.length > 0) break;
    fitting.push(result);
  }
  return fitting;
}

function batchResultOf(result: CandidateResult, index: number) {
  if (result.kind === "rejected") {
    const { field, value, remedy } = result;
    return { index, rejected: { field, value, remedy } };
  }
  const { after, difference } = result;
  return { index, after: sideOf(after), ...(difference && { difference: differenceAnswerOf(difference) }) };
}

/** Answers whether orders may be accepted. */
export const answerOrderCheck = answering(checkOrdersRoute, async ({ body }, ports: AnswerPorts) => {
  const checked = await checkOrders(body, ports);
  if (checked.kind !== "checked") throw problemOf(checked);
  const { kind: _, snapshot, parametersVersion, worstOrderIds, ...rest } = checked;
  return {
    ...toWire(rest),
    ...informative(snapshot, parametersVersion, ports.nowMs()),
    worst_order_ids: [...worstOrderIds],
  };
});

type Unanswered =
  | Exclude<Awaited<ReturnType<typeof simulate>>, { readonly kind: "simulated" }>
  | Exclude<Awaited<ReturnType<typeof simulateBatch>>, { readonly kind: "batch" }>;

function problemOf(unanswered: Unanswered): ApiProblem {
  switch (unanswered.kind) {
    case "unknown":
      return notFound();
    case "no_result":
      return noResultYet();
    case "unknown_parameters": {
      const errors = [
        { field: "parameters_version", value: unanswered.version, remedy: "a version of GET /v1/parameters" },
      ];
      return new ApiProblem("invalid_request", "There are no such parameters.", { errors });
    }
    case "rejected": {
      const { field, value, remedy } = unanswered;
      return new ApiProblem("invalid_request", `${field}: ${remedy}`, { errors: [{ field, value, remedy }] });
    }
  }
}

function sideOf({ severity, settlesAt, margin, refusal, callPrices }: PoolState): WhatIfSide {
  return {
    status: margin === null ? "not_margined" : "margined",
    severity,
    ...(settlesAt && { settles_at: settlesAt }),
    ...(margin && { margin: answerMarginOf(margin) }),
    ...(refusal && { refusal }),
    ...(callPrices && { call_prices: callPrices.map((rung) => toWire({ ...rung })) }),
  };
}

function differenceAnswerOf(difference: StateDifference): WhatIfDifference {
  const { components, ...figures } = difference;
  return { ...toWire(figures), components: components.map((component) => ({ ...component })) };
}
