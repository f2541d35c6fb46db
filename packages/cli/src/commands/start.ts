import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "@plimsoll/files/input-error";
import { type ImportedQuotes, loadMarket, plainTerms } from "@plimsoll/markets";
import { errorText } from "@plimsoll/schema";
import { reportMarket } from "../output/report-market.ts";
import { line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { openLocalStage } from "../start/local-stage.ts";
import type { Moves } from "../start/market-motion.ts";
import { type Outputs, openOutputs } from "../start/outputs.ts";
import { plainRenderer } from "../start/plain.ts";
import { runEmpty } from "../start/run-empty.ts";
import { runLive } from "../start/run-live.ts";
import { runOnce } from "../start/run-once.ts";
import { runReplay } from "../start/run-replay.ts";
import { openScreen } from "../start/screen.ts";
import type { SessionEvent } from "../start/session-events.ts";
import { forgetEnvironment } from "../start/stage-environment.ts";
import type { Stage } from "../start/stage-port.ts";
import { replayText, summaryText } from "../start/summary-text.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface StartOptions {
  readonly empty?: true;
  readonly market: string;
  readonly price?: StatedPrices;
  readonly accounts: number;
  readonly positions?: number;
  readonly seed: number;
  readonly replay?: string;
  readonly speed?: number;
  readonly once?: true;
  readonly json?: true;
  readonly shock?: Moves;
  readonly interval?: number;
  readonly data?: string;
  readonly port: number;
  readonly out?: string;
}

const demoShock: Moves = new Map([["BTC", 0.88]]);

export async function start(options: StartOptions, terminal: Terminal): Promise<void> {
  checkCombination(options);
  const interruption = listenForInterruption();
  // The market is read before anything starts, so that a mistake in it costs no wait.
  const market = options.replay === undefined && !options.empty ? await readMarket(options, terminal) : null;
  const outputs = openOutputs(options.out);
  const output = openOutput(options, terminal);
  const opening = openLocalStage({
    dataDirectory: options.data ?? null,
    port: options.port,
    ...(options.empty && ownStage(options.port)),
    emit: output.show,
  });
  const work = opening.then((stage) => {
    output.scheduleSeconds = stage.scheduleSeconds;
    return run({ stage, market, options, output, outputs, terminal, signal: interruption.signal });
  });
  try {
    const print = await unlessInterrupted(work, options, interruption.signal);
    output.close();
    print?.();
    // A demo that is stopped in the middle of a sweep keeps the results that it has.
    if (print === undefined) outputs.keepResults();
  } finally {
    outputs.drop();
    output.close();
    forgetEnvironment();
    await Promise.race([opening.then((stage) => stage.stop()).catch(() => {}), sleep(stopMs)]);
    interruption.release();
  }
}

/** How long the work may take to end by itself after Ctrl-C. A demo between two sweeps does so and writes its files. */
const graceMs = 500;
/** How long stopping may take. Whatever still runs then ends with the process. */
const stopMs = 2_300;

/**
 * Returns the outcome of the work, or undefined when the demo was interrupted. Throws an `InputError` when `--once` or
 * `--replay` was interrupted, because their summary belongs to an end that never came.
 */
async function unlessInterrupted<Result>(work: Promise<Result>, options: StartOptions, signal: AbortSignal) {
  const interrupted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  // Ctrl-C reaches the processes of the stage as well, so an error after it is no failure.
  const settled = work.catch((error: unknown) => {
    if (!signal.aborted) throw emulatorFault(error, options.data) ?? error;
    return undefined;
  });
  const outcome = await Promise.race([settled, interrupted.then(() => Promise.race([settled, sleep(graceMs)]))]);
  if (signal.aborted && outcome === undefined && (options.once || options.replay !== undefined)) {
    throw new InputError("stopped before its end: no summary was written");
  }
  return outcome;
}

/** How a stage without the demo differs: nothing ticks it, and whoever fixes one port finds all of them. */
function ownStage(port: number) {
  return { schedules: "by the clock", emulatorPorts: port === 0 ? "free" : "following" } as const;
}

type Printing = () => void;

interface Run {
  readonly stage: Stage;
  readonly market: ImportedQuotes | null;
  readonly options: StartOptions;
  readonly output: Output;
  readonly outputs: Outputs;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/**
 * Returns an `InputError` if the error is of a service of the local stage that cannot go on, or null for any other
 * error.
 */
function emulatorFault(error: unknown, data: string | undefined): InputError | null {
  if (!(error instanceof Error && "$metadata" in error)) return null;
  const remedy =
    data === undefined ? "start it again" : `see that --data ${data} can be written and has room, then start it again`;
  return new InputError(`an emulator of the local stage cannot go on (${errorText(error)}): ${remedy}`, {
    cause: error,
  });
}

/**
 * Runs what was asked for. Returns the function that prints its outcome once the screen is closed, or undefined if
 * there is none.
 */
async function run({ stage, market, options, output, outputs, terminal, signal }: Run): Promise<Printing | undefined> {
  if (options.empty) {
    await runEmpty(stage, { ...options, signal }, terminal, output.show);
    return undefined;
  }
  const drawn = {
    accounts: options.accounts,
    positions: options.positions ?? null,
    seed: options.seed,
    outputs,
  };
  if (options.replay !== undefined || market === null) {
    const summary = await runReplay(
      stage,
      { ...drawn, directory: options.replay ?? "", speed: options.speed ?? null, signal },
      output.show,
    );
    return () => printFound(terminal, options, summary, replayText);
  }
  if (options.once) {
    const { summary } = await runOnce(stage, { ...drawn, market, shock: options.shock ?? new Map() }, output.show);
    return () => printFound(terminal, options, summary, summaryText);
  }
  await runLive(
    stage,
    {
      ...drawn,
      market,
      shock: options.shock ?? demoShock,
      intervalSeconds: options.interval ?? null,
      signal,
    },
    output.show,
  );
  return undefined;
}

async function readMarket(
  { market, seed, once, price, shock }: StartOptions,
  terminal: Terminal,
): Promise<ImportedQuotes> {
  const terms = price === undefined ? plainTerms : { ...plainTerms, prices: price };
  const imported = once ? await loadMarket(market, terms, seed) : await loadMarket(market, terms, seed, Date.now());
  reportMarket(imported, terminal);
  checkShock(shock ?? new Map(), imported);
  return imported;
}

/**
 * Throws an `InputError` for a shock to an underlying that the market does not quote, because it would move nothing.
 */
function checkShock(shock: Moves, { source, batch }: ImportedQuotes): void {
  const quoted = batch.quotes.flatMap((quote) => (quote.kind === "index" ? [quote.underlying] : []));
  const known = [...new Set(quoted)];
  const missing = [...shock.keys()].find((underlying) => !known.includes(underlying));
  if (missing === undefined) return;
  throw new InputError(
    `--shock ${missing}: ${source} has no price of it, and nothing would move; it has ${known.join(", ")}`,
    {
      mistakeIn: "request",
    },
  );
}

interface Output {
  readonly show: (event: SessionEvent) => void;
  readonly close: () => void;
  scheduleSeconds: number;
}

function openOutput(options: StartOptions, terminal: Terminal): Output {
  if (terminal.isTty && !options.json && !options.empty) return { ...openScreen(terminal), scheduleSeconds: 0 };
  const write = options.json ? terminal.err : terminal.out;
  const callOrder = options.empty ? "as they come" : "with their sweep";
  const output: Output = { show: () => {}, close: () => {}, scheduleSeconds: 60 };
  const show = plainRenderer(write, () => output.scheduleSeconds, callOrder);
  const showWithSteps = (event: SessionEvent) => {
    // Someone who waits for the first line is told for what; laying down SST takes a minute.
    if (event.kind === "step") terminal.err(line`${event.text}`);
    show(event);
  };
  return Object.assign(output, { show: options.empty ? showWithSteps : show });
}

/** Aborts at the first Ctrl-C or termination signal. At the second one, the process ends at once. */
function listenForInterruption(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** The highest port after which two more follow. */
const highestFixedPort = 65_533;

function checkCombination(options: StartOptions): void {
  const wrong = (message: string) => new InputError(message, { mistakeIn: "request" });
  if (options.empty && options.port > highestFixedPort) {
    throw wrong(`--port ${options.port}: with --empty the emulators take the next two, so at most ${highestFixedPort}`);
  }
  if (options.json && !options.once && !options.empty && options.replay === undefined) {
    throw wrong("--json needs --once or --replay, or --empty: a demo that goes on has no one object to print");
  }
  if (options.once && options.replay !== undefined)
    throw wrong("--once and --replay exclude each other: leave one out");
  if (options.speed !== undefined && options.replay === undefined) throw wrong("--speed is for --replay");
  if (options.price && options.replay !== undefined)
    throw wrong("--price is not for --replay: a stated price would stand still while the recording moves");
  if (options.shock && options.replay !== undefined)
    throw wrong("--shock is not for --replay: a recording moves by itself");
}
