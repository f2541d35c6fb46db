import { InputError } from "@plimsoll/files/input-error";
import { sampleAccounts, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import { runSummary, utcTime } from "@plimsoll/schema";
import * as z from "zod";
import type { Outputs } from "./outputs.ts";
import { advance, initialState } from "./progress-state.ts";
import { planReplay } from "./replay-plan.ts";
import type { AccountOptions } from "./run-once.ts";
import { summarise } from "./run-summary.ts";
import { Session } from "./session.ts";
import type { Emit, SweepReport } from "./session-events.ts";
import type { Stage } from "./stage-port.ts";

const count = z.int().min(0);

/**
 * The JSON object that `plimsoll start --replay … --json` prints: every snapshot that was played, and the whole as the
 * summary of one sweep.
 */
export const replaySummary = z.strictObject({
  schema_version: z.literal(1),
  snapshots: z.array(
    z.strictObject({
      as_of: utcTime,
      market: runSummary.shape.market.shape.underlyings,
      sweep: runSummary.shape.sweep,
      severities: runSummary.shape.severities,
    }),
  ),
  changes: z.strictObject({ opened: count, escalated: count, eased: count, cured: count }),
  /** The summary of the last sweep, with the events of all sweeps. */
  total: runSummary,
});
export type ReplaySummary = z.infer<typeof replaySummary>;

export interface ReplayOptions extends AccountOptions {
  readonly directory: string;
  /** How many seconds of recorded time pass per second of real time. Null waits for nothing. */
  readonly speed: number | null;
  readonly outputs: Outputs;
  readonly signal: AbortSignal;
}

/**
 * Plays recorded chains in the order of their time, on their own clock. For each one, what has expired is settled, the
 * chain is posted and the schedule ticks. The next chain comes when everything is through. The same options give the
 * same bytes.
 */
export async function runReplay(stage: Stage, options: ReplayOptions, emit: Emit): Promise<ReplaySummary> {
  const { markets, leftOut } = planReplay(options.directory);
  for (const { file, why } of leftOut) emit({ kind: "note", text: `not played: ${file}, ${why}` });
  let state = initialState;
  const session = new Session(stage, (event) => {
    state = advance(state, event);
    emit(event);
  });
  const { outputs } = options;
  const reports: SweepReport[] = [];
  for (const [index, { batch }] of markets.entries()) {
    const atMs = Date.parse(batch.observed_at);
    if (reports.length > 0) await pause(atMs - reports.at(-1)!.asOfMs, options);
    if (options.signal.aborted) break;
    stage.setClock(() => atMs);
    emit({ kind: "done", text: `recording ${index + 1} of ${markets.length}, ${batch.observed_at}` });
    await session.settle(batch);
    await session.post(batch, "market");
    if (reports.length === 0) {
      const accounts = sampleAccounts(snapshotOfBatch(batch), defaultParameters, {
        ...options,
        count: options.accounts,
      });
      await session.loadAccounts(accounts, atMs);
    }
    await session.rest();
    const report = await session.sweep(atMs);
    reports.push(report);
    outputs.addResults(report.snapshotId, await stage.loadResults());
  }
  const committed = await stage.loadCommittedCalls();
  outputs.writeEvents(committed);
  const last = reports.at(-1);
  if (!last) throw new InputError("the replay was stopped before its first snapshot");
  const total = (report: SweepReport) =>
    summarise({
      stage: stage.name,
      source: options.directory,
      scheduleSeconds: stage.scheduleSeconds,
      report,
      committed,
      received: session.received,
    });
  return replaySummary.parse({
    schema_version: 1,
    snapshots: reports.map(total).map(({ market, sweep, severities }) => ({
      as_of: market.as_of,
      market: market.underlyings,
      sweep,
      severities,
    })),
    changes: state.calls,
    total: total(last),
  });
}

async function pause(recordedMs: number, { speed, signal }: ReplayOptions): Promise<void> {
  if (speed === null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, recordedMs / speed);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
