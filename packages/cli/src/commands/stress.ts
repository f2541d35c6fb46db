import { readQuestion } from "../margin/portfolio-question.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { reportStress } from "../stress/stress-report.ts";
import { stressText } from "../stress/stress-text.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface StressOptions {
  readonly price?: StatedPrices;
  readonly market: string;
  readonly parameters?: string;
  readonly json?: true;
}

export async function stress(path: string, options: StressOptions, terminal: Terminal): Promise<void> {
  const report = reportStress(await readQuestion(path, options, terminal));
  printFound(terminal, options, report, stressText);
}
