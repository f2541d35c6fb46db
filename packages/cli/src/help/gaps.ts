import type { Command } from "commander";
import type { GapsOptions } from "../commands/gaps.ts";
import type { Terminal } from "../output/terminal.ts";
import { tableOption } from "./options.ts";

const help = `
Examples:
  $ plimsoll gaps --table plimsoll-production-MarginTable
  $ plimsoll gaps --table plimsoll-production-MarginTable --json

Accounts without figures keep their severity. Those that are not in full may rise in severity by what is known, and never
fall; what is only noted counts for nothing by the rules. Region and credentials are those of the environment.`;

export function addGapsCommand(program: Command, terminal: Terminal): void {
  program
    .command("gaps")
    .summary("accounts of a stage that are not margined in full, each with its reason and remedy")
    .description("Lists every account of a stage's newest results that has no figures, or not in full.")
    .addOption(tableOption("Margin", "--table <MarginTable>").makeOptionMandatory())
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (options: GapsOptions) => (await import("../commands/gaps.ts")).listGaps(options, terminal));
}
