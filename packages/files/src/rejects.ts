import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeFolder, removeFile, writeWhole } from "./whole-file.ts";

/** One refused row or value of an input, as it is kept in the rejects file. */
export interface Reject {
  readonly file: string;
  /** The line of a text file, counted from 1 with the header. A value of a JSON file has its JSON path instead. */
  readonly line?: number;
  readonly path?: string;
  readonly value: string;
  readonly problem: string;
}

/** The place of a row or a value in its input. */
export type Place = { readonly line: number } | { readonly path: string };

/** Collects what is refused of one input, while the rest is read on. */
export class Rejects {
  readonly file: string;
  readonly list: Reject[] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(place: Place, value: unknown, problem: string): void {
    this.list.push({ file: this.file, ...place, value: shown(value), problem });
  }
}

/**
 * Writes the rejects of an input to `<directory>/<input name>.rejects.jsonl` and returns that path. Without rejects, it
 * removes the file of an earlier import and returns null. What lies there thus always belongs to the last import.
 */
export function keepRejects(rejects: Rejects, directory: string): string | null {
  const path = join(directory, `${basename(rejects.file)}.rejects.jsonl`);
  if (rejects.list.length === 0 && !existsSync(path)) return null;
  for (const folder of [dirname(directory), directory]) makeFolder(folder);
  if (rejects.list.length === 0) {
    removeFile(path);
    return null;
  }
  writeWhole(path, rejects.list.map((reject) => `${JSON.stringify(reject)}\n`).join(""));
  return path;
}

/** Describes a reject in one line for people, such as `chain.csv, line 12: strike: a number above zero; got "0"`. */
export function describeReject(reject: Reject): string {
  const place = reject.line === undefined ? reject.path : `line ${reject.line}`;
  const got = reject.value === shown(undefined) ? "" : `; got ${reject.value}`;
  return `${reject.file}, ${place}: ${reject.problem}${got}`;
}

const shownCharacters = 60;

/**
 * Returns a value as a message shows it: in quotes, and cut when it is long, so that 10,000 digits do not fill a
 * screen.
 */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const quoted = typeof value === "string" ? `"${text}"` : text;
  if (text.length <= shownCharacters) return quoted;
  return `"${text.slice(0, shownCharacters)}…" (${text.length.toLocaleString("en-US")} characters)`;
}
