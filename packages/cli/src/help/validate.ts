import { type Command, Option } from "commander";
import type { ValidateOptions } from "../commands/validate.ts";
import type { Terminal } from "../output/terminal.ts";
import { fileKinds } from "./file-kinds.ts";

const help = `
Kinds: portfolio; quotes (body of POST /v1/quotes); events (an account event, an array, or JSON lines); parameters (a set
or a part of one); controls (of parameters limits); chain (recorded market); candles; scenarios (joint); result (what
--json or --out wrote: of start, margin, explain, stress, span); span-file (SPAN parameter file); span-positions.

Examples:
  $ plimsoll validate packages/cli/examples/portfolio.json
  $ plimsoll validate quotes.json events.jsonl doge.json --json
  $ plimsoll validate part.json --kind parameters

Files of your own: quotes.json, events.jsonl, doge.json, part.json. Nothing is sent or stored.`;

export function addValidateCommand(program: Command, terminal: Terminal): void {
  program
    .command("validate")
    .summary("whether files are right, which kind they are, and what would be done with them")
    .description("Checks files by the parsers that read them. Each fault has its field, value and remedy.")
    .argument("<file...>", "files of any kind, plain or gzip")
    .addOption(
      new Option("--kind <kind>", "the kind of all of them, where it cannot be told apart").choices(
        Object.keys(fileKinds),
      ),
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (files: string[], options: ValidateOptions) =>
      (await import("../commands/validate.ts")).validate(files, options, terminal),
    );
}
