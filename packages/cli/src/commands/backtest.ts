import { availableParallelism } from "node:os";
import {
  buildCandidates,
  type Contender,
  chooseCandidates,
  defaultSurfaceModel,
  fitSurface,
  runBacktest,
  type SurfaceModel,
} from "@plimsoll/backtest";
import { writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { importMarketFile } from "@plimsoll/markets";
import { type MethodId, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, methodIds } from "@plimsoll/risk";
import { backtestHtml } from "../backtest/backtest-html.ts";
import { backtestPlots } from "../backtest/backtest-plots.ts";
import { backtestText } from "../backtest/backtest-text.ts";
import { choiceText } from "../backtest/choice-text.ts";
import { openProgress } from "../output/progress.ts";
import { reportRejects } from "../output/report-market.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { readParameters } from "../parameters/read-parameters.ts";

export interface BacktestOptions {
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

const most = { portfolios: 10_000, workers: 256 };

export async function backtest(options: BacktestOptions, terminal: Terminal): Promise<void> {
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

function usage(message: string): InputError {
  return new InputError(message, { mistakeIn: "request" });
}

function wholeNumber(option: string, text: string, least: number, greatest: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= greatest)) {
    throw usage(`${option} is "${text}"; give a whole number from ${least} to ${greatest}`);
  }
  return value;
}

const unitMs: Readonly<Record<string, number>> = { m: MS_PER_MINUTE, h: MS_PER_HOUR, d: MS_PER_DAY };

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
