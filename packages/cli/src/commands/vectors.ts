import { hasFailed, reportJson, runVectors } from "@plimsoll/conformance";
import type { Command } from "commander";
import { CommandError } from "../errors.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { vectorText } from "../vectors/vector-text.ts";

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
    .action((directory: string, options: { readonly json?: true }) => vectors(directory, options, terminal));
}

async function vectors(directory: string, options: { readonly json?: true }, terminal: Terminal): Promise<void> {
  const report = await runVectors(directory);
  printFound(terminal, { ...options, wire: reportJson(report) }, report, vectorText);
  if (!hasFailed(report)) return;
  const failed = [...report.cases, ...report.grids].filter(({ status }) => status === "fail");
  throw new CommandError(`${failed.length} of ${report.cases.length + report.grids.length} files fail`);
}
