import type { MarketSnapshot, ParameterSet } from "@plimsoll/risk";
import type { PortfolioFile } from "@plimsoll/schema";
import { CommandError } from "../errors.ts";
import { loadMarket, reportRejects } from "../import/load-market.ts";
import { readParameters } from "../import/parameters.ts";
import { readPortfolio } from "../import/portfolio.ts";
import { Rejects } from "../import/rejects.ts";
import type { Terminal } from "../output/terminal.ts";
import { snapshotOfBatch } from "./snapshot-of-batch.ts";

/** What every command asks about that takes a portfolio and a market. */
export interface PortfolioQuestion {
  readonly portfolio: PortfolioFile;
  readonly snapshot: MarketSnapshot;
  /** Where the prices came from, as `--market` names it. */
  readonly source: string;
  readonly parameters: ParameterSet;
}

/** Reads what a command's argument and options name, and says what was refused of it; throws when nothing can be asked. */
export async function readQuestion(
  path: string,
  options: { readonly market: string; readonly parameters?: string },
  terminal: Terminal,
): Promise<PortfolioQuestion> {
  const rejects = new Rejects(path);
  const portfolio = readPortfolio(path, rejects);
  reportRejects(rejects, terminal);
  if (!portfolio) throw new CommandError(`${path} was refused: repair what is listed above`);
  const parameters = readParameters(options.parameters, terminal);
  const { batch, source, rejects: refused } = await loadMarket(options.market);
  reportRejects(refused, terminal);
  return { portfolio, snapshot: snapshotOfBatch(batch), source, parameters };
}
