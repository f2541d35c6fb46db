import type { MarginNote } from "@plimsoll/risk";
import type { Paint } from "../output/terminal.ts";

/**
 * Returns a line for each note on what the figures of a method rest on: proxies, the age of a history, or errors of
 * draws.
 */
export function noteLines(methodId: string, notes: readonly MarginNote[], paint: Paint): string[] {
  return notes.map(({ text }) => `  ${paint.yellow(`Note on ${methodId}`)}: ${text}.`);
}
