import {
  baselineMethodId,
  createMarginEngine,
  type Instrument,
  type MarginEngine,
  type MethodId,
  type ParameterSet,
  type Pool,
  type SeverityParameters,
} from "@plimsoll/risk";
import { openPath, type Path, takeStep } from "./account-path.ts";
import type { PriceHistory } from "./history.ts";
import { buildPortfolio, type HeldPortfolio, hasExpired, holdRecorded, settleExpired } from "./holding.ts";
import { type MarketAt, marketAt } from "./market-at.ts";
import { createParameterSource } from "./past-scenarios.ts";
import { type ReplayPlan, stepCount } from "./plan.ts";
import { coinsOf } from "./recorded-accounts.ts";
import type { PortfolioRule } from "./templates.ts";

/** What a replay saw of one portfolio: a figure for each step, NaN where there is none. */
export interface PortfolioSeries {
  readonly rule: PortfolioRule;
  /**
   * The number of the holding at each step, or -1 where nothing is held. Steps with the same number have the same
   * holding.
   */
  readonly runs: Int32Array;
  /** The gross notional in US dollars. */
  readonly gross: Float64Array;
  /**
   * The equity without the cash that was put in, in the pool currency, and the price of that currency in US dollars.
   */
  readonly values: Float64Array;
  readonly poolPrices: Float64Array;
  /**
   * The loss of what is held at each step, from that step to a horizon later. A loss is positive, in US dollars at the
   * step's price of the pool currency.
   */
  readonly losses: Float64Array;
  /** The initial margin by contender, in US dollars. */
  readonly margins: readonly Float64Array[];
  readonly paths: readonly Path[];
  /** The number of steps without a margin, by contender and by the engine's reason. */
  readonly refusals: readonly Map<string, number>[];
  /** How often the holding was dropped because no price was known for longer than the horizon. */
  gapRestarts: number;
}

/** An earlier holding whose losses are still being measured. */
interface Tail {
  readonly run: number;
  readonly holding: HeldPortfolio;
  /** What the expired legs of the holding were paid, in US dollars. */
  readonly paidUsd: number;
  readonly lastStep: number;
}

/** The engine and the severity parameters of one contender at one step. */
interface EngineAt {
  readonly engine: MarginEngine;
  readonly severity: SeverityParameters;
}

interface Track extends PortfolioSeries {
  readonly underlyings: readonly string[];
  holding: HeldPortfolio | null;
  run: number;
  lastStep: number;
  tails: Tail[];
}

/**
 * Replays history for some portfolios through the live engine. All of them share one engine for each step and parameter
 * set. The series of a portfolio does not depend on which others are replayed with it.
 */
export function replayPortfolios(
  rules: readonly PortfolioRule[],
  history: PriceHistory,
  plan: ReplayPlan,
  onStep: (step: number) => void,
): PortfolioSeries[] {
  const steps = stepCount(plan);
  const tracks = rules.map((rule) => createTrack(rule, steps, plan));
  const sources = plan.contenders.map((contender) => createParameterSource(contender, history));
  let instruments: readonly Instrument[] = [];
  for (let step = 0; step < steps; step += 1) {
    const at = plan.fromAt + step * plan.pointsPerStep;
    const market = marketAt(history, at, plan.surface);
    let hasChanged = false;
    const active = tracks.filter((track) => {
      const { run, tails } = track;
      const isReady = prepare(track, market, step, plan);
      hasChanged ||= track.run !== run || track.tails !== tails;
      return isReady;
    });
    if (hasChanged) instruments = heldInstruments(tracks);
    const snapshot = market.snapshot(instruments.filter((instrument) => !hasExpired(instrument, market.timeMs)));
    const engines = new Map<ParameterSet, MarginEngine>();
    const margins = sources.map((source): EngineAt => {
      const parameters = source(at);
      const engine = engines.get(parameters) ?? createMarginEngine(snapshot, parameters);
      engines.set(parameters, engine);
      return { engine, severity: parameters.severity };
    });
    for (const track of active) marginTrack(track, market, step, plan, margins);
    for (const engine of engines.values()) engine.release();
    onStep(step);
  }
  return tracks;
}

function createTrack(rule: PortfolioRule, steps: number, { contenders }: ReplayPlan): Track {
  const figures = () => new Float64Array(steps).fill(Number.NaN);
  return {
    rule,
    underlyings: underlyingsOf(rule),
    runs: new Int32Array(steps).fill(-1),
    gross: figures(),
    losses: figures(),
    values: figures(),
    poolPrices: figures(),
    margins: contenders.map(figures),
    paths: contenders.map(() => openPath(rule.recorded !== null)),
    refusals: contenders.map(() => new Map()),
    gapRestarts: 0,
    holding: null,
    run: -1,
    lastStep: -1,
    tails: [],
  };
}

/** Returns the coins whose prices a portfolio needs. */
export function underlyingsOf({ legs, coins, recorded }: PortfolioRule): string[] {
  if (recorded !== null) return coinsOf(recorded);
  return [...new Set([...legs, ...coins].map(({ underlying }) => underlying))];
}

/**
 * Settles, rolls or builds what a portfolio holds. Returns whether it holds something that can be valued at this step.
 */
function prepare(track: Track, market: MarketAt, step: number, plan: ReplayPlan): boolean {
  if (track.underlyings.some((name) => Number.isNaN(market.indexOf(name)))) return false;
  const { recorded } = track.rule;
  // A recorded account is opened once, so its holding is not built anew after an outage.
  if (track.holding !== null && recorded === null && step - track.lastStep > plan.horizonSteps) {
    track.holding = null;
    track.tails = [];
    track.gapRestarts += 1;
  }
  if (track.holding !== null && market.timeMs >= track.holding.rollAtMs) {
    // No position is settled at a price in doubt.
    if (!track.underlyings.every((name) => market.isBelieved(name))) return false;
    const { run, holding } = track;
    const paidUsd = settleExpired(holding, market);
    const lastStep = step + plan.horizonSteps;
    track.tails = [...track.tails.filter((tail) => tail.lastStep >= step), { run, holding, paidUsd, lastStep }];
    track.holding = null;
  }
  if (track.holding === null) {
    track.holding = recorded === null ? buildPortfolio(track.rule, market) : holdRecorded(recorded, market);
    if (track.holding === null) return track.tails.length > 0;
    track.run += 1;
    if (recorded === null) for (const path of track.paths) path.cash = null;
  }
  return true;
}

/** Returns the instruments of all holdings and tails, each once, sorted by id. */
function heldInstruments(tracks: readonly Track[]): Instrument[] {
  const held = new Map<string, Instrument>();
  for (const { holding, tails } of tracks) {
    for (const { instruments } of holding === null
      ? tails.map((tail) => tail.holding)
      : [holding, ...tails.map((tail) => tail.holding)]) {
      for (const instrument of instruments) held.set(instrument.instrumentId, instrument);
    }
  }
  return [...held.values()].sort((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1));
}

function marginTrack(
  track: Track,
  market: MarketAt,
  step: number,
  plan: ReplayPlan,
  engines: readonly EngineAt[],
): void {
  const { holding, rule } = track;
  const isBelieved = track.underlyings.every((name) => market.isBelieved(name));
  if (holding !== null) {
    const pool = rule.recorded?.poolCurrency ?? "USD";
    const poolPriceUsd = pool === "USD" ? 1 : market.indexOf(pool);
    track.poolPrices[step] = poolPriceUsd;
    track.runs[step] = track.run;
    track.lastStep = step;
    let gross = 0;
    for (const [underlying, units] of holding.grossUnits) gross += units * market.indexOf(underlying);
    track.gross[step] = gross;
    for (const [index, { methodId }] of plan.contenders.entries()) {
      const { engine, severity } = engines[index]!;
      const path = track.paths[index]!;
      const margin = (cash: number) => engine.margin(accountOf(rule, holding, methodId, cash));
      const result = takeStep(path, margin, severity, step);
      if (result.status === "not_margined") {
        const refusals = track.refusals[index]!;
        refusals.set(result.code, (refusals.get(result.code) ?? 0) + 1);
        continue;
      }
      track.margins[index]![step] = result.initialMargin * poolPriceUsd;
      if (isBelieved && index === 0) track.values[step] = result.equity - result.cash;
    }
  }
  if (!isBelieved) return;
  observeLoss(track, market, step, plan, engines);
}

/**
 * Records the loss of what was held a horizon ago, if it can be known. Its value now is that of the present holding, or
 * of the tail if it has been rolled since.
 */
function observeLoss(
  track: Track,
  market: MarketAt,
  step: number,
  plan: ReplayPlan,
  engines: readonly EngineAt[],
): void {
  const start = step - plan.horizonSteps;
  const run = start < 0 ? -1 : track.runs[start]!;
  if (run < 0) return;
  if (run === track.run && track.holding !== null) {
    track.losses[start] = (track.values[start]! - track.values[step]!) * track.poolPrices[start]!;
    return;
  }
  const tail = track.tails.find((one) => one.run === run);
  const [first] = engines;
  if (tail === undefined || first === undefined) return;
  const { holding } = tail;
  const isLive = holding.instruments.map((instrument) => !hasExpired(instrument, market.timeMs));
  const rest = { ...holding, positions: holding.positions.filter((_, index) => isLive[index]) };
  const result = first.engine.margin(accountOf(track.rule, rest, baselineMethodId, 0));
  if (result.status !== "margined") return;
  track.losses[start] = track.values[start]! - (result.equity + tail.paidUsd);
}

function accountOf(
  { portfolioId, recorded }: PortfolioRule,
  { positions, coins }: HeldPortfolio,
  methodId: MethodId,
  cashUsd: number,
): Pool {
  return {
    accountId: portfolioId,
    poolCurrency: recorded?.poolCurrency ?? "USD",
    methodId,
    ledgerSequence: 1,
    collateral: recorded === null ? [{ asset: "USD", amount: cashUsd }, ...coins] : coins,
    positions,
  };
}
