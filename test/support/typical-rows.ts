import { importMarketFile, sampleAccounts, snapshotOfBatch } from "@plimsoll/markets";
import { createMarginEngine, crossPoolId, defaultParameters } from "@plimsoll/risk";
import { type MarginRow, stateMargin } from "@plimsoll/schema";
import { fixturePath } from "./fixtures.ts";

/** Results of sample accounts of 20 positions on the recorded chain of 5 February 2026, sorted by account id. */
export function typicalRows(count: number): MarginRow[] {
  const { batch } = importMarketFile(fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz"));
  const snapshot = snapshotOfBatch(batch);
  const engine = createMarginEngine(snapshot, defaultParameters);
  const severity = { severity: "NORMAL", cleanSweeps: 0, sequence: 0, call: null, historyRatio: null } as const;
  return sampleAccounts(snapshot, defaultParameters, { count, positions: 20, seed: 1 }).map((account) => {
    const result = engine.margin(account);
    if (result.status !== "margined") throw new Error(`${account.accountId}: ${result.code}`);
    return {
      status: "margined",
      accountId: account.accountId,
      poolId: crossPoolId,
      ...severity,
      margin: stateMargin(result, 1),
    };
  });
}
