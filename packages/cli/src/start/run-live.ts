import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "@plimsoll/files/input-error";
import {
  type ImportedQuotes,
  importMarket,
  livePrefix,
  type MarketBatch,
  sampleAccounts,
  snapshotOfBatch,
} from "@plimsoll/markets";
import { createRandom, defaultParameters } from "@plimsoll/risk";
import { errorText } from "@plimsoll/schema";
import { type Moves, moveBatch, moveIndices, walk } from "./market-motion.ts";
import type { Outputs } from "./outputs.ts";
import type { AccountOptions } from "./run-once.ts";
import { Session } from "./session.ts";
import type { Emit } from "./session-events.ts";
import { writeEnvironment } from "./stage-environment.ts";
import type { Stage } from "./stage-port.ts";

export interface LiveOptions extends AccountOptions {
  readonly market: ImportedQuotes;
  readonly shock: Moves;
  /** The seconds between two sweeps. Null takes those of the schedule. */
  readonly intervalSeconds: number | null;
  readonly outputs: Outputs;
  readonly signal: AbortSignal;
}

/** The seconds after the first sweep at which the shock arrives. They leave time to read what there is before. */
const shockAfterSeconds = 4;
/**
 * The seconds between two prices of the feed. A feed that is silent for a minute counts as dead, and this one is
 * faster.
 */
const feedSeconds = 3;
/** The seconds after which Deribit's public API is asked for a whole chain again. */
const liveSeconds = 15;
/** The seconds between two chains. Marks older than 15 minutes are degraded, and a new chain comes well before. */
const chainSeconds = 240;
const secondMs = 1_000;

/** Draws accounts on the market, and sends them to the stage. */
async function loadSample(session: Session, options: LiveOptions, emit: Emit, now: () => number): Promise<void> {
  emit({ kind: "step", text: "drawing accounts" });
  const snapshot = snapshotOfBatch(options.market.batch);
  const accounts = sampleAccounts(snapshot, defaultParameters, { ...options, count: options.accounts });
  await session.loadAccounts(accounts, now());
  emit({ kind: "done", text: `${accounts.length} accounts sent through the AccountEvents queue into the ledger` });
}

/**
 * Runs the demo: it loads the market and the accounts, sweeps, and lets a price shock arrive through the quotes
 * endpoint. It then goes on sweeping until the signal. The sample market walks at random, and a live one is asked
 * again. A recorded market repeats its prices on a clock that starts at the time of the recording.
 */
export async function runLive(stage: Stage, options: LiveOptions, emit: Emit): Promise<void> {
  const { source } = options.market;
  const isSample = source === "sample";
  const isLive = source.startsWith(livePrefix);
  let { batch } = options.market;
  const clockOffsetMs = isSample || isLive ? 0 : Date.parse(batch.observed_at) - Date.now();
  const now = () => Date.now() + clockOffsetMs;
  stage.setClock(now);
  const random = createRandom(options.seed, 0x77616c6b);
  const session = new Session(stage, emit, "demo");
  const { outputs } = options;
  let moves: Moves = new Map();

  await session.post(moveBatch(batch, moves, now()), "market");
  emit({
    kind: "done",
    text: `${batch.quotes.length} quotes of ${source} posted to ${stage.apiUrl}/v1/quotes`,
  });
  await loadSample(session, options, emit, now);
  // Drawing and loading take their time, and a price must not be old when the first sweep looks at it.
  await session.post(moveBatch(batch, moves, now()), "walk");
  await sweep();
  const { apiUrl, scheduleSeconds } = stage;
  emit({ kind: "ready", apiUrl, environmentFile: writeEnvironment(stage.environment), scheduleSeconds });

  const intervalMs = (options.intervalSeconds ?? stage.scheduleSeconds) * secondMs;
  let chainAtMs = Date.now() + chainSeconds * secondMs;
  let shockAtMs = options.shock.size > 0 ? Date.now() + shockAfterSeconds * secondMs : Number.POSITIVE_INFINITY;
  let sweepAtMs = Date.now() + intervalMs;
  const feedMs = (isLive ? liveSeconds : feedSeconds) * secondMs;
  let feedAtMs = Date.now() + feedMs;
  while (!options.signal.aborted) {
    const nextMs = Math.min(chainAtMs, shockAtMs, sweepAtMs, feedAtMs);
    emit({ kind: "step", text: waitingFor(nextMs === sweepAtMs, sweepAtMs, shockAtMs) });
    if (!(await waitUntil(nextMs, options.signal))) break;
    await goingOn(() => next(nextMs));
  }
  emit({ kind: "step", text: "stopping" });
  outputs.writeEvents(await stage.loadCommittedCalls());

  /** Does what is due at this time. */
  async function next(nextMs: number): Promise<void> {
    if (nextMs === shockAtMs) {
      shockAtMs = Number.POSITIVE_INFINITY;
      for (const [underlying, multiple] of options.shock) moves = moved(moves, underlying, multiple);
      await feed(moveIndices(batch, moves, now()), "shock");
    } else if (nextMs === sweepAtMs) {
      sweepAtMs = Date.now() + intervalMs;
      await sweep();
    } else if (nextMs === chainAtMs) {
      chainAtMs = Date.now() + chainSeconds * secondMs;
      const chain = moveBatch(batch, moves, now());
      await session.settle(chain);
      await feed(chain, "walk");
    } else {
      feedAtMs = Date.now() + feedMs;
      if (isSample) moves = walk(batch, moves, feedSeconds, random);
      if (isLive) batch = await askAgain(options.market, batch, emit);
      await feed(isLive ? moveBatch(batch, moves, now()) : moveIndices(batch, moves, now()), "walk");
    }
  }

  /** Runs a step. A part of the stage that fails does not end the demo, because the next tick comes. */
  async function goingOn(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof InputError) || options.signal.aborted) throw error;
      emit({ kind: "note", text: errorText(error) });
    }
  }

  /** Posts quotes. A move past the stage's trigger is swept at once, whatever the schedule says. */
  async function feed(quotes: MarketBatch, cause: "walk" | "shock"): Promise<void> {
    if (!(await session.post(quotes, cause))) return;
    const report = await session.awaitSweep(now());
    outputs.addResults(report.snapshotId, await session.loadResults());
  }

  async function sweep(): Promise<void> {
    const report = await session.sweep(now());
    outputs.addResults(report.snapshotId, await session.loadResults());
  }
}

/** Returns the venue's prices now, or the last ones when it does not answer. The age of the quotes then shows it. */
export async function askAgain(
  { source, terms }: Pick<ImportedQuotes, "source" | "terms">,
  last: MarketBatch,
  emit: Emit,
): Promise<MarketBatch> {
  try {
    return (await importMarket(source, terms)).batch;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    emit({ kind: "note", text: errorText(error) });
    return last;
  }
}

function moved(moves: Moves, underlying: string, multiple: number): Moves {
  return new Map([...moves, [underlying, (moves.get(underlying) ?? 1) * multiple]]);
}

function waitingFor(isSweepNext: boolean, sweepAtMs: number, shockAtMs: number): string {
  if (Number.isFinite(shockAtMs)) return "all accounts margined; a price shock is about to arrive";
  const seconds = Math.max(0, Math.round((sweepAtMs - Date.now()) / secondMs));
  return isSweepNext || seconds === 0 ? "sweeping" : `prices are coming in; next sweep in ${seconds} s`;
}

/** Waits until a time. Returns false when the signal came first. */
async function waitUntil(timeMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(Math.max(0, timeMs - Date.now()), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
