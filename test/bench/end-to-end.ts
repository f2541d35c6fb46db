import { importMarketFile, sampleAccounts, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import { costAssumptions, costOf, scaleUsage } from "../../packages/cli/src/cost/cost-of.ts";
import { priceList } from "../../packages/cli/src/cost/price-list.ts";
import { openLocalStage } from "../../packages/cli/src/start/local-stage.ts";
import { moveBatch } from "../../packages/cli/src/start/market-motion.ts";
import { Session } from "../../packages/cli/src/start/session.ts";
import type { SweepReport } from "../../packages/cli/src/start/session-events.ts";
import { rounded } from "./rounded.ts";

const peakRssTargetMb = 512;

/** Between two sweeps of the schedule, and how far prices move meanwhile: less than asks for a sweep at once. */
const minuteMs = 60_000;
const steadyMove = 1.001;

export interface EndToEndOptions {
  readonly chain: string;
  readonly accounts: number;
  readonly positions: number;
}

/**
 * Two sweeps of all accounts on the local stage, its emulators and all: the first, which reads the state of every account
 * because no block knows them yet, and the next one a minute later at moved prices, as all others will be.
 */
export async function benchEndToEnd({ chain, accounts, positions }: EndToEndOptions, note: (text: string) => void) {
  note(`margining ${accounts} accounts of ${positions} positions on ${chain}`);
  const stage = await openLocalStage({
    dataDirectory: null,
    port: 0,
    emit: (event) => {
      if (event.kind === "done" || event.kind === "note") note(event.text);
    },
  });
  try {
    const session = new Session(stage, (event) => {
      if (event.kind === "note") note(event.text);
    });
    const { batch } = importMarketFile(chain);
    const atMs = Date.parse(batch.observed_at);
    const options = { count: accounts, positions, seed: 1 };
    await session.post(batch, "market");
    const loadingSince = performance.now();
    await session.loadAccounts(sampleAccounts(snapshotOfBatch(batch), defaultParameters, options), atMs);
    const loadMs = performance.now() - loadingSince;
    const first = await session.sweep(atMs);
    const firstEvents = (await stage.loadCommittedCalls()).length;
    const moves = new Map(first.underlyings.map(({ underlying }) => [underlying, steadyMove]));
    await session.post(moveBatch(batch, moves, atMs + minuteMs), "walk");
    // What the prices cost counts for no sweep, as for the first one.
    await stage.takeWorkDone();
    const steady = await session.sweep(atMs + minuteMs);
    const events = (await stage.loadCommittedCalls()).length;
    const peakRssMb = steady.peakRssBytes / 1_048_576;
    return {
      accounts,
      positions_per_account: positions,
      market: { as_of: new Date(atMs).toISOString(), instruments: first.instruments },
      accounts_loaded_in_ms: rounded(loadMs),
      first_sweep: { ...describeSweep(first), call_events: firstEvents },
      steady_sweep: { ...describeSweep(steady), call_events: events - firstEvents },
      published: new Set(session.received.map(({ event_id }) => event_id)).size,
      compute_shard_peak_rss_mb: rounded(peakRssMb),
      compute_shard_peak_rss_target_mb: peakRssTargetMb,
      meets_target: peakRssMb < peakRssTargetMb,
      price_list: { region: priceList.region, date: priceList.date },
      assumptions: costAssumptions,
    };
  } finally {
    await stage.stop();
  }
}

function describeSweep({ accounts, margined, durationMs, timings, usage }: SweepReport) {
  const phases = Object.entries(timings).map(([name, ms]) => [name.replace(/_ms$/, ""), ms] as const);
  const total = phases.reduce((sum, [, ms]) => sum + ms, 0);
  const perMillion = scaleUsage(usage, 1_000_000 / accounts);
  const cost = costOf(perMillion);
  return {
    margined,
    not_margined: accounts - margined,
    sweep_ms: durationMs,
    accounts_per_second: rounded(accounts / (durationMs / 1_000)),
    phases_ms: Object.fromEntries(phases.map(([name, ms]) => [name, rounded(ms)])),
    share_of_time: Object.fromEntries(phases.map(([name, ms]) => [name, rounded(ms / total)])),
    per_million_account_recomputes: {
      read_units: rounded(perMillion.readUnits),
      write_units: rounded(perMillion.writeUnits),
      lambda_gb_seconds: rounded(perMillion.lambdaGbSeconds),
      sqs_requests: rounded(perMillion.sqsRequests),
      sns_publishes: rounded(perMillion.snsPublishes),
      log_bytes: rounded(perMillion.logBytes),
      aws_list_usd: rounded(cost.totalUsd),
      aws_list_usd_by_service: Object.fromEntries(Object.entries(cost.usd).map(([name, usd]) => [name, rounded(usd)])),
    },
  };
}
