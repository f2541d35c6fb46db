import { writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { compareHtml } from "../compare/compare-html.ts";
import { reportComparison } from "../compare/compare-report.ts";
import { compareText } from "../compare/compare-text.ts";
import { readQuestion } from "../margin/portfolio-question.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface CompareOptions {
  readonly price?: StatedPrices;
  readonly market: string;
  readonly parameters?: string;
  readonly json?: true;
  readonly html?: string;
}

export async function compare(path: string, options: CompareOptions, terminal: Terminal): Promise<void> {
  const report = reportComparison(await readQuestion(path, options, terminal));
  if (options.html !== undefined) writeWhole(options.html, compareHtml(report));
  printFound(terminal, options, report, compareText);
  const [first] = report.methods;
  if (first?.status === "not_margined" && report.methods.every(({ status }) => status === "not_margined")) {
    throw new InputError(`not margined by any method: ${first.field} is ${first.value}: ${first.remedy}`);
  }
}
