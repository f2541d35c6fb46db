import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { InputError, type Rejects } from "@plimsoll/files";
import { MS_PER_HOUR, type ParameterSet, severities } from "@plimsoll/risk";
import { openingMultiple } from "./account-path.ts";
import { summariseAccountSet } from "./account-sets.ts";
import { type PriceSeries, readPriceSeries } from "./candles.ts";
import { buildHistory, type PriceHistory } from "./history.ts";
import { NoteList, noteWords } from "./notes.ts";
import type { Contender, ReplayPlan } from "./plan.ts";
import { type AccountSet, readAccountSet, selectRows } from "./recorded-accounts.ts";
import { type BacktestReport, backtestReport, type PortfolioResult } from "./report-schema.ts";
import { openResultFolder } from "./result-folder.ts";
import { runPool } from "./run-pool.ts";
import { summarise, summariseKinds } from "./summarise.ts";
import type { SurfaceModel } from "./surface.ts";
import { generatePortfolios, type PortfolioRule } from "./templates.ts";

/** What a backtest is asked for. */
export interface BacktestRequest {
  readonly prices: readonly string[];
  readonly contenders: readonly Contender[];
  /**
   * The start and the end in Unix milliseconds; the end itself is not replayed. Null is the start or the end of the
   * prices.
   */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly stepMs: number;
  readonly horizonMs: number;
  readonly level: number;
  /** How many portfolios to generate when there are no recorded accounts. */
  readonly portfolios: number;
  /** The files of recorded accounts, which are then replayed instead of generated portfolios. */
  readonly accounts: readonly string[];
  readonly seed: number;
  readonly surface: SurfaceModel;
  /** The folder that keeps results; null keeps nothing. */
  readonly out: string | null;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onRejects: (rejects: Rejects) => void;
  readonly onProgress: (share: number, words: string) => void;
}

/** A finished backtest: the report, and for the page the results by portfolio with their days. */
export interface Backtest {
  readonly report: BacktestReport;
  readonly results: readonly PortfolioResult[];
  readonly write: (name: string, text: string) => void;
  readonly history: PriceHistory;
  readonly plan: ReplayPlan;
}

/** Reads the prices, replays the portfolios that have no kept result, and summarises all of them. */
export async function runBacktest(request: BacktestRequest): Promise<Backtest> {
  const notes = new NoteList();
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
  const coins = history.underlyings.map(({ underlying }) => underlying);
  const sets = readAccountSets(request, coins, history, plan);
  const rules = sets.length > 0 ? sets.flatMap(rulesOf) : generatePortfolios(coins, request.portfolios, request.seed);
  const described = { ...describePlan(request, files, history, plan), portfolio_count: rules.length };
  const hashes = sets.map(({ name, sha256 }) => ({ set: name, sha256 }));
  const planText = `${JSON.stringify({ ...described, ...(hashes.length > 0 && { accounts: hashes }) }, null, 1)}\n`;
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
    account_sets: sets.map((set) => summariseAccountSet(set, inOrder)),
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

/**
 * Reads the recorded sets and keeps the rows that the prices and times allow. Throws an `InputError` if a set has no
 * such row or is given twice.
 */
function readAccountSets(
  request: BacktestRequest,
  coins: readonly string[],
  { startMs, gridMs }: PriceHistory,
  plan: ReplayPlan,
): AccountSet[] {
  const timeOf = (at: number) => startMs + at * gridMs;
  const sets = request.accounts.map((file) => {
    const { set, rejects } = readAccountSet(file);
    request.onRejects(rejects);
    // A record from within the step before the first one is opened at the first one.
    return selectRows(set, coins, timeOf(plan.fromAt - plan.pointsPerStep) + 1, timeOf(plan.toAt - 1));
  });
  const twice = sets.find(({ name }, index) => sets.findIndex((set) => set.name === name) !== index);
  if (twice !== undefined) {
    throw new InputError(`--accounts ${twice.file} is a second file of ${twice.name}: give one file of each kind`, {
      mistakeIn: "request",
    });
  }
  const empty = sets.find(({ rows }) => rows.length === 0);
  if (empty !== undefined) {
    const why = empty.leftOut.map(({ reason, subject, count }) => `${count} ${reason} ${subject}`.trim()).join(", ");
    throw new InputError(
      `--accounts ${empty.file}: none of ${empty.rowCount} rows can be replayed (${empty.rejected} refused${why === "" ? "" : `, ${why}`}): ` +
        "give candles of its coins with --prices, and times that hold its records with --from and --to",
    );
  }
  return sets;
}

function rulesOf({ name, rows }: AccountSet): PortfolioRule[] {
  return rows.map((row) => ({ ...row, kind: name, legs: [], coins: [], hedgesDelta: false }));
}

function planOf(request: BacktestRequest, history: PriceHistory): ReplayPlan {
  const { startMs, gridMs, length } = history;
  const { stepMs, horizonMs, level, surface, contenders } = request;
  const usage = (message: string) => new InputError(message, { mistakeIn: "request" });
  if (stepMs % gridMs !== 0) {
    throw usage(
      `--step is ${stepMs / MS_PER_HOUR} h; the prices are of ${gridMs / MS_PER_HOUR} h: give a multiple of that`,
    );
  }
  if (horizonMs % stepMs !== 0) {
    throw usage(`--horizon is ${horizonMs / MS_PER_HOUR} h; give a multiple of the step, ${stepMs / MS_PER_HOUR} h`);
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

/** Describes all that a result depends on. Workers and folders are left out, because no result depends on them. */
function describePlan(
  { level, seed, surface, contenders, horizonMs }: BacktestRequest,
  files: readonly { readonly series: PriceSeries; readonly sha256: string }[],
  { startMs, gridMs }: PriceHistory,
  plan: ReplayPlan,
) {
  const hash = (parameters: ParameterSet) => createHash("sha256").update(JSON.stringify(parameters)).digest("hex");
  return {
    from: new Date(startMs + plan.fromAt * gridMs).toISOString(),
    to: new Date(startMs + (plan.toAt - 1) * gridMs).toISOString(),
    step_hours: plan.stepMs / MS_PER_HOUR,
    horizon_hours: horizonMs / MS_PER_HOUR,
    level,
    seed,
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
  return `${what}, bars of ${barMs / MS_PER_HOUR} h`;
}
