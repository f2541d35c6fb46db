import type { Command } from "commander";
import { CommandError } from "../errors.ts";
import { loadMarket, reportRejects } from "../import/load-market.ts";
import { readParameters } from "../import/parameters.ts";
import { readPortfolio } from "../import/portfolio.ts";
import { Rejects } from "../import/rejects.ts";
import { snapshotOfBatch } from "../margin/snapshot-of-batch.ts";
import type { Terminal } from "../output/terminal.ts";
import { reportStress } from "../stress/stress-report.ts";
import { stressText } from "../stress/stress-text.ts";

interface StressOptions {
  readonly market: string;
  readonly parameters?: string;
  readonly json?: true;
}

const help = `
Examples:
  $ plimsoll stress packages/cli/examples/portfolio.json --market sample
  $ plimsoll stress portfolio.json --market chain.csv.gz --json

Stresses are named after what happened (2020-03-12, 2021-05-19, 2023-03-11, 2025-10-10, 2026-02-05) or invented (gaps,
volatility, broken pegs, correlation to one, correlation broken down). Prices and volatilities move at once, no time passes.`;

export function addStressCommand(program: Command, terminal: Terminal): void {
  program
    .command("stress")
    .summary("what named stresses would cost one portfolio, worst first")
    .description("Revalues one portfolio in full in every named stress, worst first.")
    .argument("<portfolio>", "JSON file of the portfolio, as for margin")
    .requiredOption("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action((portfolio: string, options: StressOptions) => stress(portfolio, options, terminal));
}

async function stress(path: string, options: StressOptions, terminal: Terminal): Promise<void> {
  const rejects = new Rejects(path);
  const portfolio = readPortfolio(path, rejects);
  reportRejects(rejects, terminal.directory, terminal.err);
  if (!portfolio) throw new CommandError(`${path} was refused: repair what is listed above`);
  const parameters = readParameters(options.parameters);
  const { batch, source, rejects: refused } = await loadMarket(options.market);
  reportRejects(refused, terminal.directory, terminal.err);
  const report = reportStress({ portfolio, snapshot: snapshotOfBatch(batch), source, parameters });
  terminal.out(options.json ? `${JSON.stringify(report)}\n` : stressText(report, terminal.paint));
}
