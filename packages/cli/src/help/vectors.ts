import type { Command } from "commander";
import type { Terminal } from "../output/terminal.ts";

const help = `
Each .json file of the directory is a case {name, source, inputs, params, expected, tolerance} or a table of
reference numbers {columns, rows}; tables are also read from its folder grids. The exit code says if anything failed.

Example:
  $ plimsoll vectors test/fixtures/vectors --json              the cases of the repository`;

export function addVectorsCommand(program: Command, terminal: Terminal): void {
  program
    .command("vectors")
    .summary("check the methods against published numbers")
    .description("Runs every case file of a directory through the production code and compares figure by figure.")
    .argument("<directory>", "directory of case files")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action(async (directory: string, options: { readonly json?: true }) =>
      (await import("../commands/vectors.ts")).vectors(directory, options, terminal),
    );
}
