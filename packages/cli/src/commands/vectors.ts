import { hasFailed, reportJson, runVectors } from "@plimsoll/conformance";
import { InputError } from "@plimsoll/files/input-error";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { vectorText } from "../vectors/vector-text.ts";

export async function vectors(directory: string, options: { readonly json?: true }, terminal: Terminal): Promise<void> {
  const report = await runVectors(directory);
  printFound(terminal, { ...options, wire: reportJson(report) }, report, vectorText);
  if (!hasFailed(report)) return;
  const failed = [...report.cases, ...report.grids].filter(({ status }) => status === "fail");
  throw new InputError(`${failed.length} of ${report.cases.length + report.grids.length} files fail`);
}
