import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CallEvent, canonicalJson, type MarginRow, toWire } from "@plimsoll/schema";

/** SHA-256 of events in their order, in hex: equal for equal histories. */
export function digestOf(events: readonly CallEvent[]): string {
  return createHash("sha256").update(events.map(eventLine).join("")).digest("hex");
}

function eventLine(event: CallEvent): string {
  return `${canonicalJson(event)}\n`;
}

/** Files that a run leaves for whoever compares runs: equal inputs give equal bytes. */
export interface Outputs {
  /** Adds the results of all accounts on a snapshot to `results.jsonl`. */
  readonly addResults: (snapshotId: string, rows: readonly MarginRow[]) => void;
  /** Writes `events.jsonl`, all committed events by account and sequence. */
  readonly writeEvents: (events: readonly CallEvent[]) => void;
}

const noOutputs: Outputs = { addResults: () => {}, writeEvents: () => {} };

/** Writes into a folder; nothing when there is none. Results of an earlier run are replaced. */
export function openOutputs(directory: string | undefined): Outputs {
  if (directory === undefined) return noOutputs;
  mkdirSync(directory, { recursive: true });
  const results = join(directory, "results.jsonl");
  rmSync(results, { force: true });
  return {
    addResults: (snapshotId, rows) => {
      const lines = rows.map((row) => `${canonicalJson({ ...toWire(row), snapshot_id: snapshotId })}\n`);
      appendFileSync(results, lines.join(""));
    },
    writeEvents: (events) => writeFileSync(join(directory, "events.jsonl"), events.map(eventLine).join("")),
  };
}
