import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeFolder, openDraft, writeWhole } from "@plimsoll/files";
import { canonicalJson } from "@plimsoll/risk";
import { type CallEvent, type MarginRow, toWire } from "@plimsoll/schema";

/** SHA-256 of events in their order, in hex: equal for equal histories. */
export function digestOf(events: readonly CallEvent[]): string {
  return createHash("sha256").update(events.map(eventLine).join("")).digest("hex");
}

function eventLine(event: CallEvent): string {
  return `${canonicalJson(event)}\n`;
}

/** Files that a run leaves for whoever compares runs: equal inputs give equal bytes. Those of an earlier run stay until then. */
export interface Outputs {
  /** Adds the results of all accounts on a snapshot to what will be `results.jsonl`. */
  readonly addResults: (snapshotId: string, rows: readonly MarginRow[]) => void;
  /** Ends the run: puts `results.jsonl` and `events.jsonl`, all committed events by account and sequence, in their places. */
  readonly writeEvents: (events: readonly CallEvent[]) => void;
  /** Ends a run that has no events to write: its results so far are put in their place, where there are any. */
  readonly keepResults: () => void;
  /** Forgets what was not put in its place. */
  readonly drop: () => void;
}

const noOutputs: Outputs = { addResults: () => {}, writeEvents: () => {}, keepResults: () => {}, drop: () => {} };

/** Writes into a folder, which is made now so that a mistake in it costs no wait; nothing when there is none. */
export function openOutputs(directory: string | undefined): Outputs {
  if (directory === undefined) return noOutputs;
  makeFolder(directory);
  const results = openDraft(join(directory, "results.jsonl"));
  let isOver = false;
  let hasResults = false;
  const drop = () => {
    isOver = true;
    results.drop();
  };
  return {
    addResults: (snapshotId, rows) => {
      // After a second Ctrl-C a sweep may still end that nobody waits for.
      if (isOver) return;
      hasResults = true;
      results.write(rows.map((row) => `${canonicalJson({ ...toWire(row), snapshot_id: snapshotId })}\n`).join(""));
    },
    writeEvents: (events) => {
      if (isOver) return;
      isOver = true;
      writeWhole(join(directory, "events.jsonl"), events.map(eventLine).join(""));
      results.keep();
    },
    keepResults: () => {
      if (hasResults && !isOver) results.keep();
      drop();
    },
    drop,
  };
}
