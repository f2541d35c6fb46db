import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeFolder, openDraft, writeWhole } from "@plimsoll/files";
import { canonicalJson } from "@plimsoll/risk";
import { type CallEvent, type MarginRow, toWire } from "@plimsoll/schema";

/** Returns the SHA-256 of call events in their order, in hex. It is equal for equal histories. */
export function digestOf(events: readonly CallEvent[]): string {
  return createHash("sha256").update(events.map(eventLine).join("")).digest("hex");
}

function eventLine(event: CallEvent): string {
  return `${canonicalJson(event)}\n`;
}

/**
 * The files that a run leaves for comparing runs: equal inputs give equal bytes. The files of an earlier run stay until
 * these take their places.
 */
export interface Outputs {
  /** Adds the results of all accounts on a snapshot to the draft of `results.jsonl`. */
  readonly addResults: (snapshotId: string, rows: readonly MarginRow[]) => void;
  /**
   * Ends the run. It puts `results.jsonl` in its place, and `events.jsonl` with all committed events by account and
   * sequence.
   */
  readonly writeEvents: (events: readonly CallEvent[]) => void;
  /** Ends a run that has no events to write. Its results so far are put in their place, where there are any. */
  readonly keepResults: () => void;
  /** Drops what was not put in its place. */
  readonly drop: () => void;
}

const noOutputs: Outputs = { addResults: () => {}, writeEvents: () => {}, keepResults: () => {}, drop: () => {} };

/**
 * Opens the outputs in a folder. The folder is made now, so that a mistake in it costs no wait. Without a folder, the
 * outputs do nothing.
 */
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
      // After a second Ctrl-C, a sweep that nobody waits for may still end.
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
