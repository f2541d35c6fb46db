import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { costAssumptions, costOf, scaleUsage } from "../../packages/cli/src/cost/cost-of.ts";
import { priceList } from "../../packages/cli/src/cost/price-list.ts";
import { importMarket, importMarketFile } from "../../packages/cli/src/import/market-file.ts";
import { snapshotOfBatch } from "../../packages/cli/src/margin/snapshot-of-batch.ts";
import { openLocalStage } from "../../packages/cli/src/start/local-stage.ts";
import { runOnce } from "../../packages/cli/src/start/run-once.ts";
import { benchMethods } from "./methods.ts";
import { benchPortfolio } from "./portfolio.ts";
import { benchPricing } from "./pricing.ts";

/** Largest share of the baseline's time that each comparison may take, by name and scenarios. */
const ratioTargets: Readonly<Record<string, number>> = {
  "price in a grid": 0.33,
  "position x scenario, 41": 0.3,
  "position x scenario, 1000": 0.6,
  "sweep of 10,000 accounts, 41": 0.25,
  "sweep of 10,000 accounts, 1000": 0.085,
};
const peakRssTargetMb = 512;
/** Most that a method may take, in times of the plain `portfolio` scan of the same accounts. */
const methodRatioTarget = 10;

const recordedChain = fileURLToPath(
  new URL("../../../shared/data/options/deribit_chain_20260205T155132Z.csv.gz", import.meta.url),
);

const { values: options } = parseArgs({
  options: {
    "end-to-end": { type: "boolean" },
    "no-end-to-end": { type: "boolean" },
    chain: { type: "string", default: recordedChain },
    accounts: { type: "string", default: "10000" },
    positions: { type: "string", default: "20" },
  },
});

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function comparisons() {
  note("comparing the kernels with their baselines");
  const pricing = benchPricing();
  const compared = [
    {
      key: "price in a grid",
      unit: "price",
      baselineNs: pricing.baselineNs,
      oursNs: pricing.oursNs,
      ratio: pricing.ratio,
    },
    ...benchPortfolio().map((bench) => ({ ...bench, key: `${keyOf(bench.name)}, ${bench.scenarios}` })),
  ];
  return compared.map(({ key, unit, baselineNs, oursNs, ratio }) => ({
    name: key,
    per: unit,
    baseline_ns: rounded(baselineNs),
    ours_ns: rounded(oursNs),
    ratio: rounded(ratio),
    target_ratio: ratioTargets[key] ?? null,
    meets_target: ratioTargets[key] === undefined ? null : ratio <= ratioTargets[key],
  }));
}

function keyOf(name: string): string {
  return name === "position x scenario" ? name : "sweep of 10,000 accounts";
}

async function methods() {
  note(`margining accounts by every method on ${options.chain}`);
  const { batch } = await importMarket(options.chain);
  return benchMethods(snapshotOfBatch(batch)).map(({ methodId, positions, perAccountUs, ratio }) => ({
    method_id: methodId,
    positions,
    per_account_us: rounded(perAccountUs),
    ratio_to_portfolio: rounded(ratio),
    target_ratio: methodRatioTarget,
    meets_target: ratio <= methodRatioTarget,
  }));
}

async function endToEnd() {
  const accounts = Number(options.accounts);
  const positions = Number(options.positions);
  note(`margining ${accounts} accounts of ${positions} positions on ${options.chain}`);
  const stage = await openLocalStage({
    dataDirectory: null,
    port: 0,
    emit: (event) => {
      if (event.kind === "done" || event.kind === "note") note(event.text);
    },
  });
  try {
    const { summary, report, loadMs } = await runOnce(
      stage,
      { market: importMarketFile(options.chain), accounts, positions, seed: 1, shock: new Map(), out: undefined },
      (event) => {
        if (event.kind === "note") note(event.text);
      },
    );
    const phases = Object.entries(summary.timings).map(([name, ms]) => [name.replace(/_ms$/, ""), ms] as const);
    const total = phases.reduce((sum, [, ms]) => sum + ms, 0);
    const perMillion = scaleUsage(report.usage, 1_000_000 / accounts);
    const cost = costOf(perMillion);
    const peakRssMb = report.peakRssBytes / 1_048_576;
    return {
      accounts,
      positions_per_account: positions,
      market: { as_of: summary.market.as_of, instruments: summary.market.instruments },
      margined: summary.sweep.margined,
      not_margined: summary.sweep.not_margined,
      accounts_loaded_in_ms: rounded(loadMs),
      sweep_ms: summary.sweep.duration_ms,
      accounts_per_second: rounded(accounts / (summary.sweep.duration_ms / 1_000)),
      phases_ms: Object.fromEntries(phases.map(([name, ms]) => [name, rounded(ms)])),
      share_of_time: Object.fromEntries(phases.map(([name, ms]) => [name, rounded(ms / total)])),
      compute_shard_peak_rss_mb: rounded(peakRssMb),
      compute_shard_peak_rss_target_mb: peakRssTargetMb,
      meets_target: peakRssMb < peakRssTargetMb,
      call_events: summary.calls.events,
      published: summary.calls.published,
      per_million_account_recomputes: {
        read_units: rounded(perMillion.readUnits),
        write_units: rounded(perMillion.writeUnits),
        lambda_gb_seconds: rounded(perMillion.lambdaGbSeconds),
        sqs_requests: rounded(perMillion.sqsRequests),
        sns_publishes: rounded(perMillion.snsPublishes),
        log_bytes: rounded(perMillion.logBytes),
        aws_list_usd: rounded(cost.totalUsd),
        aws_list_usd_by_service: Object.fromEntries(
          Object.entries(cost.usd).map(([name, usd]) => [name, rounded(usd)]),
        ),
      },
      price_list: { region: priceList.region, date: priceList.date },
      assumptions: costAssumptions,
    };
  } finally {
    await stage.stop();
  }
}

/** Four significant digits: more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function commit(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

const wantsEndToEnd = !options["no-end-to-end"] && (options["end-to-end"] === true || existsSync(options.chain));
const [cpu] = cpus();
const report = {
  schema_version: 1,
  date: new Date().toISOString(),
  commit: commit(),
  machine: {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memory_gb: rounded(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  },
  comparisons: comparisons(),
  methods: existsSync(options.chain) ? await methods() : null,
  end_to_end: wantsEndToEnd ? await endToEnd() : null,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
