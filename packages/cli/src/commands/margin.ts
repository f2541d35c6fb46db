import { writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { baselineMethodId, defaultMethodId, type MethodId } from "@plimsoll/risk";
import { reportMargin } from "../margin/margin-report.ts";
import { marginText } from "../margin/margin-text.ts";
import { readQuestion } from "../margin/portfolio-question.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface MarginOptions {
  readonly price?: StatedPrices;
  readonly market: string;
  /** The default method is taken where none is given. */
  readonly method?: MethodId | "both";
  readonly parameters?: string;
  readonly json?: true;
  readonly out?: string;
}

export async function margin(path: string, options: MarginOptions, terminal: Terminal): Promise<void> {
  const question = await readQuestion(path, options, terminal);
  const { method = defaultMethodId } = options;
  const methods: MethodId[] = method === "both" ? [defaultMethodId, baselineMethodId] : [method];
  const report = reportMargin({ ...question, methods });
  if (options.out !== undefined) writeWhole(options.out, `${JSON.stringify(report)}\n`);
  printFound(terminal, options, report, marginText);
  const methodReports = [report, ...report.pools].flatMap((pool) => pool.methods);
  for (const method of methodReports) {
    const gap = method.status === "not_margined" ? method : method.incomplete?.reasons[0];
    if (gap === undefined || (method.status === "margined" && method.incomplete?.in_doubt === 0)) continue;
    const { field, value, remedy } = gap;
    const extent = method.status === "margined" ? " in full" : "";
    // The text for people has already stated the reason with its remedy.
    const why = options.json ? `${field} is ${value}: ${remedy}` : "the reason stands above";
    throw new InputError(`not margined${extent} by ${method.method_id}: ${why}`);
  }
}
