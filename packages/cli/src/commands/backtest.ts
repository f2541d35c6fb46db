import { availableParallelism } from "node:os";
import { writeWhole } from "@plimsoll/local/whole-file";
import { type MethodId, methodIds } from "@plimsoll/risk";
import type { Command } from "commander";
import { backtestHtml } from "../backtest/backtest-html.ts";
import { backtestPlots } from "../backtest/backtest-plots.ts";
import { backtestText } from "../backtest/backtest-text.ts";
import { buildCandidates, choiceText, chooseCandidates } from "../backtest/choose.ts";
import { fitSurface } from "../backtest/fit-surface.ts";
import type { Contender } from "../backtest/plan.ts";
import { runBacktest } from "../backtest/run-backtest.ts";
import { defaultSurfaceModel, type SurfaceModel } from "../backtest/surface.ts";
import { CommandError, exitCodes } from "../errors.ts";
import { reportRejects } from "../import/load-market.ts";
import { importMarketFile } from "../import/market-file.ts";
import { readParameters } from "../import/parameters.ts";
import { openProgress } from "../output/progress.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";

interface BacktestOptions {
  readonly method: string;
  readonly prices: readonly string[];
  readonly chain?: readonly string[];
  readonly parameters?: string;
  readonly from?: string;
  readonly to?: string;
  readonly step: string;
  readonly horizon: string;
  readonly level: string;
  readonly portfolios: string;
  readonly accounts?: readonly string[];
  readonly workers?: string;
  readonly seed: string;
  readonly out?: string;
  readonly choose?: readonly string[];
  readonly json?: true;
  readonly html?: string;
}

const help = `
A price file says by its name what it holds (binance_spot_btcusdt_1h.csv.gz, binance_perp_ethusdt_1h.csv, usdt_usd_daily.csv,
deribit_dvol_btc_daily.csv), or is told: BTC/USDT=file.csv, BTC/USDT:perpetual=file.csv, BTC:volatility=file.csv.
Spot candles are the index; several of one coin go through the oracle's consensus.
A file of recorded accounts says by its header which set it is: docs/backtest/accounts.md.

Examples:
  $ plimsoll backtest --method portfolio,static --prices binance_spot_*.csv.gz usdt_usd_daily.csv --from 2019-01-01 \\
      --out backtest --html backtest/page.html
  $ plimsoll backtest --prices binance_*.csv.gz --from 2025-10-10T22:00Z --to 2025-10-13 --accounts deleveraged.csv

Files of your own: the candles binance_*.csv.gz, binance_spot_*.csv.gz, usdt_usd_daily.csv and the accounts deleveraged.csv;
docs/data.md says where such files are from. Killed, it goes on from --out. The result is the same for any number of workers.`;

const most = { portfolios: 10_000, workers: 256 };

export function addBacktestCommand(program: Command, terminal: Terminal): void {
  program
    .command("backtest")
    .summary("would the margins have held? replay price history through the live margin code")
    .description(
      "Replays price history over typical portfolios: coverage, shortfalls, warnings, procyclicality, average margin.",
    )
    .requiredOption(
      "--prices <files...>",
      "candles (.csv, .csv.gz) of spot markets, perpetuals, volatility indices, stablecoins",
    )
    .option("--method <ids>", "methods to compare, with commas between", "portfolio,static")
    .option("--chain <files...>", "recorded option chains: smile and term of volatility are fitted to them")
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--from <date>", "first day or hour, UTC (where the prices begin when left out)")
    .option("--to <date>", "where to stop, UTC (where the prices end when left out)")
    .option("--step <duration>", "time between two margins: 1h, 4h, 1d", "1h")
    .option("--horizon <duration>", "time over which a loss is measured", "24h")
    .option("--level <share>", "coverage asked of initial margin", "0.99")
    .option("--portfolios <n>", "how many portfolios to generate", "100")
    .option("--accounts <files...>", "recorded accounts (.csv, .csv.gz) to replay instead of generated portfolios")
    .option("--workers <n>", "threads (as many as there are cores when left out)")
    .option("--seed <n>", "seed of the portfolios", "1")
    .option("--out <folder>", "keep results there, and go on from what is there")
    .option("--choose <fields...>", "search: scan figures times each of these, as in price_scan_range=0.6,0.8,1")
    .option("--json", "print one JSON object")
    .option("--html <file>", "write a page with plots")
    .addHelpText("after", help)
    .action((options: BacktestOptions) => backtest(options, terminal));
}

async function backtest(options: BacktestOptions, terminal: Terminal): Promise<void> {
  const workers =
    options.workers === undefined ? availableParallelism() : wholeNumber("--workers", options.workers, 1, most.workers);
  const request = {
    prices: options.prices,
    contenders: contendersOf(options, terminal),
    fromMs: timeOf("--from", options.from),
    toMs: timeOf("--to", options.to),
    stepMs: durationOf("--step", options.step),
    horizonMs: durationOf("--horizon", options.horizon),
    level: levelOf(options.level),
    portfolios: wholeNumber("--portfolios", options.portfolios, 1, most.portfolios),
    accounts: options.accounts ?? [],
    seed: wholeNumber("--seed", options.seed, 0, Number.MAX_SAFE_INTEGER),
    surface: surfaceOf(options.chain, terminal),
    out: options.out ?? null,
    workers,
  };
  const progress = openProgress(terminal);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt);
  try {
    const done = await runBacktest({
      ...request,
      signal: interruption.signal,
      onRejects: (rejects) => reportRejects(rejects, terminal),
      onProgress: progress.show,
    });
    progress.close();
    done.write("report.json", `${JSON.stringify(done.report)}\n`);
    if (request.out !== null) {
      for (const { name, svg } of backtestPlots(done)) done.write(`${name}.svg`, `${svg}\n`);
    }
    if (options.html !== undefined) {
      writeWhole(options.html, backtestHtml(done));
    }
    if (options.json || options.choose === undefined) printFound(terminal, options, done.report, backtestText);
    else printFound(terminal, {}, chooseCandidates(done.results, request.level), choiceText);
  } finally {
    progress.close();
    process.off("SIGINT", interrupt);
  }
}

function contendersOf({ method, parameters: path, choose }: BacktestOptions, terminal: Terminal): Contender[] {
  const parameters = readParameters(path, terminal);
  const names = [...new Set(method.split(",").map((name) => name.trim()))];
  const contenders = names.map((name): Contender => {
    if (!(methodIds as readonly string[]).includes(name)) {
      throw usage(`--method names "${name}"; give some of ${methodIds.join(", ")}`);
    }
    return { name, methodId: name as MethodId, parameters };
  });
  return choose === undefined ? contenders : buildCandidates(contenders, choose);
}

function surfaceOf(chains: readonly string[] | undefined, terminal: Terminal): SurfaceModel {
  if (chains === undefined) return defaultSurfaceModel;
  const batches = chains.map((path) => {
    const { batch, rejects } = importMarketFile(path);
    reportRejects(rejects, terminal);
    return batch;
  });
  return fitSurface(batches, defaultSurfaceModel);
}

function usage(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}

function wholeNumber(option: string, text: string, least: number, greatest: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= greatest)) {
    throw usage(`${option} is "${text}"; give a whole number from ${least} to ${greatest}`);
  }
  return value;
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationOf(option: string, text: string): number {
  const match = /^(\d{1,5})([mhd])$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * unitMs[match[2]!]!;
  if (ms === 0) throw usage(`${option} is "${text}"; give a duration such as 15m, 1h or 1d`);
  return ms;
}

function timeOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) throw usage(`${option} is "${text}"; give a date such as 2019-01-01 or 2020-03-12T10:00Z`);
  return timeMs;
}

function levelOf(text: string): number {
  const level = Number(text);
  if (!(level >= 0.5 && level <= 0.9999)) throw usage(`--level is "${text}"; give a share from 0.5 to 0.9999`);
  return level;
}
