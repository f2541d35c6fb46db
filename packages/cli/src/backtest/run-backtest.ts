import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type ParameterSet, severities } from "@plimsoll/risk";
import { CommandError, exitCodes } from "../errors.ts";
import type { Rejects } from "../import/rejects.ts";
import { openingMultiple } from "./account-path.ts";
import { type PriceSeries, readPriceSeries } from "./candles.ts";
import { buildHistory, type PriceHistory } from "./history.ts";
import { NoteBook, noteWords } from "./notes.ts";
import type { Contender, ReplayPlan } from "./plan.ts";
import { type BacktestReport, backtestReport, type PortfolioResult } from "./report-schema.ts";
import { openResultFolder } from "./result-folder.ts";
import { runPool } from "./run-pool.ts";
import { summarise, summariseKinds } from "./summarise.ts";
import type { SurfaceModel } from "./surface.ts";
import { generatePortfolios } from "./templates.ts";

const hourMs = 3_600_000;

/** A backtest as it is asked for. */
export interface BacktestRequest {
  readonly prices: readonly string[];
  readonly contenders: readonly Contender[];
  /** Unix milliseconds; null is the start and the end of the prices. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly stepMs: number;
  readonly horizonMs: number;
  readonly level: number;
  readonly portfolios: number;
  readonly seed: number;
  readonly surface: SurfaceModel;
  /** Folder that keeps what is done; null keeps nothing. */
  readonly out: string | null;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onRejects: (rejects: Rejects) => void;
  readonly onProgress: (share: number, words: string) => void;
}

/** The report, and the figures by portfolio with their days, for the page. */
export interface Backtest {
  readonly report: BacktestReport;
  readonly results: readonly PortfolioResult[];
  readonly write: (name: string, text: string) => void;
  readonly history: PriceHistory;
  readonly plan: ReplayPlan;
}

/** Reads the prices, replays what is not done yet, and puts all portfolios together. */
export async function runBacktest(request: BacktestRequest): Promise<Backtest> {
  const notes = new NoteBook();
  const files: { series: PriceSeries; sha256: string }[] = [];
  for (const word of request.prices) {
    request.onProgress(0, `reading ${basename(word)}`);
    const { series, rejects } = readPriceSeries(word, notes);
    request.onRejects(rejects);
    files.push({ series, sha256: createHash("sha256").update(readFileSync(series.file)).digest("hex") });
  }
  const history = buildHistory(
    files.map(({ series }) => series),
    request.surface,
    notes,
  );
  const plan = planOf(request, history);
  const rules = generatePortfolios(
    history.underlyings.map(({ underlying }) => underlying),
    request.portfolios,
    request.seed,
  );
  const described = describePlan(request, files, history, plan);
  const planText = `${JSON.stringify(described, null, 1)}\n`;
  const planId = createHash("sha256").update(planText).digest("hex").slice(0, 16);
  const folder = request.out === null ? null : openResultFolder(request.out, planId, planText);
  const results = new Map<string, PortfolioResult>();
  for (const { portfolioId } of rules) {
    const known = folder?.find(portfolioId);
    if (known) results.set(portfolioId, known);
  }
  const missing = rules.filter(({ portfolioId }) => !results.has(portfolioId));
  const kept = results.size === 0 ? "" : `, ${results.size} kept from before`;
  await runPool(missing, history, plan, {
    workers: request.workers,
    signal: request.signal,
    onResults: (done) => {
      for (const result of done) {
        folder?.keep(result);
        results.set(result.portfolio_id, result);
      }
    },
    onProgress: (share) => request.onProgress(share, `${results.size} of ${rules.length} portfolios${kept}`),
  });
  const inOrder = rules.map(({ portfolioId }) => results.get(portfolioId)!);
  const report = backtestReport.parse({
    schema_version: 1,
    plan_id: planId,
    ...described,
    opening_multiple: openingMultiple,
    contenders: request.contenders.map(({ name, methodId, parameters }) => ({
      name,
      method_id: methodId,
      parameters_version: parameters.parametersVersion,
    })),
    severities,
    portfolios: inOrder.map(({ daily: _, ...result }) => result),
    summary: summarise(inOrder, request.level),
    kinds: summariseKinds(inOrder),
    notes: notes.list().map(({ firstMs, lastMs, ...note }) => ({
      ...note,
      first: new Date(firstMs).toISOString(),
      last: new Date(lastMs).toISOString(),
      words: noteWords[note.code],
    })),
  });
  return { report, results: inOrder, write: (name, text) => folder?.write(name, text), history, plan };
}

function planOf(request: BacktestRequest, history: PriceHistory): ReplayPlan {
  const { startMs, gridMs, length } = history;
  const { stepMs, horizonMs, level, surface, contenders } = request;
  const usage = (message: string) => new CommandError(message, { exitCode: exitCodes.usage });
  if (stepMs % gridMs !== 0) {
    throw usage(`--step is ${stepMs / hourMs} h; the prices are of ${gridMs / hourMs} h: give a multiple of that`);
  }
  if (horizonMs % stepMs !== 0) {
    throw usage(`--horizon is ${horizonMs / hourMs} h; give a multiple of the step, ${stepMs / hourMs} h`);
  }
  const atOf = (timeMs: number) => Math.ceil((timeMs - startMs) / gridMs);
  const fromAt = Math.max(0, request.fromMs === null ? 0 : atOf(request.fromMs));
  const toAt = Math.min(length, request.toMs === null ? length : atOf(request.toMs));
  if (toAt - fromAt <= horizonMs / gridMs) {
    const span = `${new Date(startMs).toISOString()} to ${new Date(startMs + (length - 1) * gridMs).toISOString()}`;
    throw usage(`--from and --to leave no horizon to measure; the prices go from ${span}`);
  }
  return {
    fromAt,
    toAt,
    pointsPerStep: stepMs / gridMs,
    horizonSteps: horizonMs / stepMs,
    stepMs,
    level,
    surface,
    contenders,
  };
}

/** What a result depends on, and nothing else: workers and folders are not among it. */
function describePlan(
  { level, seed, portfolios, surface, contenders, horizonMs }: BacktestRequest,
  files: readonly { readonly series: PriceSeries; readonly sha256: string }[],
  { startMs, gridMs }: PriceHistory,
  plan: ReplayPlan,
) {
  const hash = (parameters: ParameterSet) => createHash("sha256").update(JSON.stringify(parameters)).digest("hex");
  return {
    from: new Date(startMs + plan.fromAt * gridMs).toISOString(),
    to: new Date(startMs + (plan.toAt - 1) * gridMs).toISOString(),
    step_hours: plan.stepMs / hourMs,
    horizon_hours: horizonMs / hourMs,
    level,
    seed,
    portfolio_count: portfolios,
    surface,
    files: files.map(({ series, sha256 }) => ({ file: basename(series.file), sha256, holds: holdsOf(series) })),
    methods: contenders.map(({ name, methodId, parameters }) => ({
      name,
      method_id: methodId,
      parameters_sha256: hash(parameters),
    })),
  };
}

function holdsOf({ base, quote, kind, barMs }: PriceSeries): string {
  const what = kind === "volatility" ? `volatility index of ${base}` : `${base}/${quote} ${kind}`;
  return `${what}, bars of ${barMs / hourMs} h`;
}
