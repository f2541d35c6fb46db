import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "@plimsoll/files/input-error";
import type { MarketSnapshot } from "@plimsoll/risk";
import { errorText, snapshotTimeMs } from "@plimsoll/schema";
import { stageVariables } from "../help/stage-variables.ts";
import { jsonLine, ownLines } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { Session } from "./session.ts";
import type { Emit } from "./session-events.ts";
import { exportLines, writeEnvironment } from "./stage-environment.ts";
import type { Stage } from "./stage-port.ts";

export interface EmptyOptions {
  readonly json?: true;
  readonly signal: AbortSignal;
}

/** The milliseconds between two looks at the stage's sweeps and calls. */
const lookMs = 500;
/** The milliseconds after which a sweep is reported even if some of its shards have no results yet. */
const incompleteAfterMs = 30_000;

/**
 * Prints how the stage is reached, then tells each sweep and each call until the signal. Prices and accounts are the
 * user's, and schedules run by the clock. Calls are read from the Margin table, so that every message of the stage's
 * queues is left to the user.
 */
export async function runEmpty(stage: Stage, { json, signal }: EmptyOptions, terminal: Terminal, emit: Emit) {
  terminal.out(json ? jsonLine(connectionOf(stage)) : ownLines(connectionText(stage), false));
  const watch = createWatch(stage, emit);
  while (!signal.aborted) {
    try {
      await watch();
    } catch (error) {
      // A part of the stage that fails does not end it, because the next sweep comes.
      if (!(error instanceof InputError) || signal.aborted) throw error;
      emit({ kind: "note", text: errorText(error) });
    }
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
}

/** Returns a function that tells the calls and the sweep that are new since it was last called. */
function createWatch(stage: Stage, emit: Emit): () => Promise<void> {
  const session = new Session(stage, emit, "demo");
  let publications = -1;
  let known: Set<string> | null = null;
  let told: string | undefined;
  let doubts = "";
  return async () => {
    const published = stage.countPublications();
    if (published !== publications) {
      const events = await stage.loadCommittedCalls();
      const before = known;
      // What an earlier run of the data folder has told is not told again.
      if (before !== null) emit({ kind: "calls", events: events.filter(({ event_id }) => !before.has(event_id)) });
      known = new Set(events.map(({ event_id }) => event_id));
      publications = published;
    }
    const sweep = await stage.findSweep();
    told ??= sweep?.snapshotId ?? "";
    if (sweep === undefined || sweep.snapshotId === told) return;
    if (sweep.completedAtMs === null && Date.now() - sweep.startedAtMs < incompleteAfterMs) return;
    told = sweep.snapshotId;
    await session.report(sweep, snapshotTimeMs(sweep.snapshotId));
    const text = doubtsOf(await stage.getSnapshot(sweep.snapshotId));
    if (text !== doubts && text !== "") emit({ kind: "note", text });
    doubts = text;
  };
}

/** Says which prices of a sweep are in doubt, or nothing where none is. */
function doubtsOf({ underlyings }: MarketSnapshot): string {
  const doubted = underlyings.filter(({ quality }) => quality !== "good");
  const names = doubted.map(({ underlying, quality, qualityReason }) => {
    return `${underlying} ${quality}${qualityReason === null ? "" : ` (${qualityReason})`}`;
  });
  return names.length === 0 ? "" : `prices in doubt: ${names.join(", ")}`;
}

function connectionOf(stage: Stage) {
  return { schema_version: 1, stage: stage.name, environment: stage.environment, try: tryLine() };
}

/** The lines that a shell takes as they are: what to export, and a first price. */
function connectionText(stage: Stage): string {
  return [
    "",
    ...exportLines(stage.environment),
    "",
    "# PLIMSOLL_TOKEN is the back end's; the others are those of operators. Another terminal reads all of this with",
    `# source ${writeEnvironment(stage.environment)}`,
    `# all routes, to read and to try: ${stage.apiUrl}/reference`,
    "# step by step from here, with accounts, margins and calls: docs/integrate.md",
    "# a first price, which the next sweep uses, within a minute:",
    tryLine(),
    "# and after it what the stage knows:",
    `curl -sS "$${stageVariables.url}/v1/market" -H "authorization: Bearer $${stageVariables.token}"`,
    "",
    "",
  ].join("\n");
}

function tryLine(): string {
  const body = `{"source":"mine","observed_at":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'","quotes":[{"kind":"index","underlying":"BTC","index_price":"70000"}]}`;
  const { url, token } = stageVariables;
  return `curl -sS "$${url}/v1/quotes" -H "authorization: Bearer $${token}" -H 'content-type: application/json' -d '${body}'`;
}
