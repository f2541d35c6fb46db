import * as colours from "yoctocolors";
import { jsonLine, ownLines, rendered, type ShownText } from "./shown.ts";

/** Where a command writes. Tests pass one that they can read. */
export interface Terminal {
  /** Writes results. Nothing else goes there. */
  readonly out: (text: ShownText) => void;
  /** Writes progress, notes and errors. */
  readonly err: (text: ShownText) => void;
  /** Whether a person watches `out`, so that cursor movements and colours are allowed. */
  readonly isTty: boolean;
  readonly columns: number;
  readonly paint: Paint;
  /** The folder that contains the rejects and that relative paths start from. */
  readonly directory: string;
}

type Style = (text: string) => string;

/** Functions that colour a text, by name. Without colours, each returns its text as it is. */
export interface Paint {
  readonly bold: Style;
  readonly dim: Style;
  readonly red: Style;
  readonly brightRed: Style;
  readonly yellow: Style;
  readonly green: Style;
  readonly cyan: Style;
  readonly magenta: Style;
  readonly inverse: Style;
}

const plain: Style = (text) => text;

export const plainPaint: Paint = {
  bold: plain,
  dim: plain,
  red: plain,
  brightRed: plain,
  yellow: plain,
  green: plain,
  cyan: plain,
  magenta: plain,
  inverse: plain,
};

const colouredPaint: Paint = {
  bold: colours.bold,
  dim: colours.dim,
  red: colours.red,
  brightRed: colours.redBright,
  yellow: colours.yellow,
  green: colours.green,
  cyan: colours.cyan,
  magenta: colours.magenta,
  inverse: colours.inverse,
};

/**
 * Returns the terminal as commands get it. It is the last step before the stream, so that even a text that a command
 * forgot about carries no escape sequence but our own colours.
 */
export function guarded(terminal: Terminal): Terminal {
  const isPainted = terminal.paint !== plainPaint;
  return {
    ...terminal,
    out: (text) => terminal.out(ownLines(text, isPainted)),
    err: (text) => terminal.err(ownLines(text, isPainted)),
  };
}

const defaultColumns = 100;

/** Returns the terminal of this process. It has colours only where a person watches and NO_COLOR is not set. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const isTty = stdout.isTTY === true && env.TERM !== "dumb";
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    isTty,
    columns: stdout.columns ?? defaultColumns,
    paint: isTty && !env.NO_COLOR ? colouredPaint : plainPaint,
    directory: process.cwd(),
  };
}

/** How a command prints what it found. */
export interface PrintOptions {
  readonly json?: boolean | undefined;
  /** What the JSON says, where that is not the value itself. */
  readonly wire?: unknown;
}

/** Prints what a command found: one JSON object if `json` is set, or else the text that `render` makes of it. */
export function printFound<Value>(
  { out, paint }: Terminal,
  { json, wire }: PrintOptions,
  value: Value,
  render: (value: Value, paint: Paint) => string,
): void {
  out(json ? jsonLine(wire ?? value) : rendered(value, (shown) => render(shown, paint)));
}
