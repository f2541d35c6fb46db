import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { importMarket, snapshotOfBatch } from "@plimsoll/markets";
import type { MarketSnapshot, MethodId } from "@plimsoll/risk";
import { fixturePath } from "../support/fixtures.ts";
import { benchApi } from "./api.ts";
import { benchBacktest } from "./backtest.ts";
import { benchBundles } from "./bundles.ts";
import { benchEndToEnd } from "./end-to-end.ts";
import { benchMethods } from "./methods.ts";
import { benchPortfolio } from "./portfolio.ts";
import { benchPricing } from "./pricing.ts";
import { rounded } from "./rounded.ts";
import { benchTails } from "./tails.ts";
import { benchWhatIfs } from "./what-if.ts";

/** Largest share of the baseline's time that each comparison may take, by name and scenarios. */
const ratioTargets: Readonly<Record<string, number>> = {
  "price in a grid": 0.33,
  "position x scenario, 41": 0.3,
  "position x scenario, 1000": 0.6,
  "sweep of 10,000 accounts, 41": 0.25,
  "sweep of 10,000 accounts, 1000": 0.085,
  "tail, 1000": 0.05,
  "tail, 4096": 0.05,
};
/** Most that a method may take, in times of the plain `portfolio` scan of the same accounts. */
const methodRatioTarget = 10;
/**
 * Largest share of a single answer's two margins that one of 1,000 candidates of an account may take, by method. With
 * its call prices a single answer takes several times as long as with the margins alone.
 */
const whatIfTargets: Partial<Record<MethodId, number>> = { portfolio: 0.1 };

const recordedChain = fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz");

const { values: options } = parseArgs({
  options: {
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
    ...benchTails().map((bench) => ({ ...bench, key: `tail, ${bench.scenarios}`, unit: "loss vector" })),
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

function methods(snapshot: MarketSnapshot) {
  note(`margining accounts by every method on ${options.chain}`);
  return benchMethods(snapshot).map(({ methodId, positions, perAccountUs, ratio }) => ({
    method_id: methodId,
    positions,
    per_account_us: rounded(perAccountUs),
    ratio_to_portfolio: rounded(ratio),
    target_ratio: methodRatioTarget,
    meets_target: ratio <= methodRatioTarget,
  }));
}

function whatIf(snapshot: MarketSnapshot) {
  note("answering what if about one account, by every method");
  return benchWhatIfs(snapshot).map(({ methodId, positions, baselineUs, oursUs, ratio }) => ({
    method_id: methodId,
    positions,
    single_us: rounded(baselineUs),
    per_candidate_us: rounded(oursUs),
    ratio: rounded(ratio),
    target_ratio: whatIfTargets[methodId] ?? null,
    meets_target: whatIfTargets[methodId] === undefined ? null : ratio <= whatIfTargets[methodId],
  }));
}

function backtest() {
  note("replaying generated portfolios over a random walk");
  return benchBacktest().map(({ methodId, portfolios, portfolioHoursPerSecond }) => ({
    method_id: methodId,
    portfolios,
    portfolio_hours_per_second: rounded(portfolioHoursPerSecond),
  }));
}

function api() {
  note("asking the functions of the API");
  return benchApi(options.chain);
}

function bundles() {
  note("loading the bundle of each function");
  return benchBundles();
}

function commit(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

if (!existsSync(options.chain)) {
  note(
    `${options.chain} is not there: --chain names a recorded option chain, and without it the one of the tests is taken`,
  );
  process.exit(1);
}
const wantsEndToEnd = options["no-end-to-end"] !== true;
if (!wantsEndToEnd) note("leaving out the whole sweep, as --no-end-to-end asks: end_to_end is null");
const endToEndOptions = {
  chain: options.chain,
  accounts: Number(options.accounts),
  positions: Number(options.positions),
};
const snapshot = snapshotOfBatch((await importMarket(options.chain)).batch);
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
  methods: methods(snapshot),
  what_if: whatIf(snapshot),
  backtest: backtest(),
  end_to_end: wantsEndToEnd ? await benchEndToEnd(endToEndOptions, note) : null,
  api: await api(),
  bundles: await bundles(),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
