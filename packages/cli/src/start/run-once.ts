import { type ImportedQuotes, sampleAccounts, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import type { RunSummary } from "@plimsoll/schema";
import { type Moves, moveBatch } from "./market-motion.ts";
import type { Outputs } from "./outputs.ts";
import { summarise } from "./run-summary.ts";
import { Session } from "./session.ts";
import type { Emit, SweepReport } from "./session-events.ts";
import type { Stage } from "./stage-port.ts";

export interface AccountOptions {
  readonly accounts: number;
  readonly positions: number | null;
  readonly seed: number;
}

export interface OnceOptions extends AccountOptions {
  readonly market: ImportedQuotes;
  /** The shock to the prices, which comes after the accounts were sized at the market as it is. */
  readonly shock: Moves;
  readonly outputs: Outputs;
}

/** One sweep, as its summary and as its full report. */
export interface OnceResult {
  readonly summary: RunSummary;
  readonly report: SweepReport;
  /** The milliseconds from sending the first account event until the last one is in the ledger. */
  readonly loadMs: number;
}

/** Runs one market, its accounts and exactly one sweep. The same options give the same events. */
export async function runOnce(stage: Stage, options: OnceOptions, emit: Emit): Promise<OnceResult> {
  const { source, batch } = options.market;
  const session = new Session(stage, emit);
  const atMs = Date.parse(batch.observed_at);
  stage.setClock(() => atMs);
  const accounts = sampleAccounts(snapshotOfBatch(batch), defaultParameters, { ...options, count: options.accounts });
  await session.post(options.shock.size > 0 ? moveBatch(batch, options.shock, atMs) : batch, "market");
  const loadingSince = performance.now();
  await session.loadAccounts(accounts, atMs);
  const loadMs = performance.now() - loadingSince;
  const report = await session.sweep(atMs);
  const committed = await stage.loadCommittedCalls();
  const { outputs } = options;
  outputs.addResults(report.snapshotId, await stage.loadResults());
  outputs.writeEvents(committed);
  const { received } = session;
  const { name, scheduleSeconds } = stage;
  return { summary: summarise({ stage: name, source, scheduleSeconds, report, committed, received }), report, loadMs };
}
