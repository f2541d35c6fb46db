/**
 * Imports the real handlers. Call it after the stage is linked. The handlers read their links when they are first
 * called.
 */
export async function importFunctions() {
  const [ingestPrices, ingestAccounts, requestStates, startSweep, computeShard, publishCalls, republishCalls] =
    await Promise.all([
      import("../../functions/ingest-prices.ts"),
      import("../../functions/ingest-accounts.ts"),
      import("../../functions/request-account-states.ts"),
      import("../../functions/start-sweep.ts"),
      import("../../functions/compute-shard.ts"),
      import("../../functions/publish-calls.ts"),
      import("../../functions/republish-calls.ts"),
    ]);
  return {
    ingestPrices: ingestPrices.handler,
    ingestAccounts: ingestAccounts.handler,
    onGap: requestStates.onGap,
    onGapSchedule: requestStates.onSchedule,
    onSchedule: startSweep.onSchedule,
    onRequest: startSweep.onRequest,
    computeShard: computeShard.handler,
    publishCalls: publishCalls.handler,
    republishCalls: republishCalls.handler,
  };
}

export type Functions = Awaited<ReturnType<typeof importFunctions>>;
