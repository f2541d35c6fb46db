import { runCommand } from "../../packages/cli/src/main.ts";
import { plainPaint, type Terminal } from "../../packages/cli/src/output/terminal.ts";

/** What a command wrote to standard output and to standard error, and its exit code. */
export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the `plimsoll` command in this process, in a folder, as if its output were no terminal. */
export async function runPlimsoll(directory: string, words: readonly string[]): Promise<CommandRun> {
  const written = { out: "", err: "" };
  const terminal: Terminal = {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    isTty: false,
    columns: 100,
    paint: plainPaint,
    directory,
  };
  return { code: await runCommand(words, terminal), ...written };
}
