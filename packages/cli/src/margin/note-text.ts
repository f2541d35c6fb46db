import type { MarginNote } from "@plimsoll/risk";
import type { Paint } from "../output/terminal.ts";

/** What the figures of a method rest on that is not in them, a line each: proxies, the age of a history, errors of draws. */
export function noteLines(methodId: string, notes: readonly MarginNote[], paint: Paint): string[] {
  return notes.map(({ text }) => `  ${paint.yellow(`Note on ${methodId}`)}: ${text}.`);
}
