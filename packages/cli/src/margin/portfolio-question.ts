import { Rejects } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { loadMarket, peggedIn, snapshotOfBatch } from "@plimsoll/markets";
import type { MarketSnapshot, ParameterSet } from "@plimsoll/risk";
import type { PortfolioFile } from "@plimsoll/schema";
import { reportMarket, reportRejects } from "../output/report-market.ts";
import type { Terminal } from "../output/terminal.ts";
import { readParameters } from "../parameters/read-parameters.ts";
import { readPortfolio } from "./read-portfolio.ts";

/** What every command that takes a portfolio and a market starts from. */
export interface PortfolioQuestion {
  readonly portfolio: PortfolioFile;
  readonly snapshot: MarketSnapshot;
  /** The source of the prices, as `--market` names it. */
  readonly source: string;
  readonly parameters: ParameterSet;
}

/**
 * Reads what a command's argument and options name, and prints what was refused of it. Throws if the portfolio or the
 * market cannot be used.
 */
export async function readQuestion(
  path: string,
  options: { readonly market: string; readonly parameters?: string; readonly price?: ReadonlyMap<string, string> },
  terminal: Terminal,
): Promise<PortfolioQuestion> {
  const rejects = new Rejects(path);
  const portfolio = readPortfolio(path, rejects);
  reportRejects(rejects, terminal);
  if (!portfolio) throw new InputError(`${path} was refused: repair what is listed above`);
  const parameters = readParameters(options.parameters, terminal);
  const market = await loadMarket(options.market, {
    prices: options.price ?? new Map(),
    pegged: peggedIn(parameters),
    held: currenciesOf(portfolio),
  });
  reportMarket(market, terminal);
  return { portfolio, snapshot: snapshotOfBatch(market.batch), source: market.source, parameters };
}

/** Returns the currencies in which a portfolio and its pools are measured, hold balances or owe. */
function currenciesOf(portfolio: PortfolioFile): ReadonlySet<string> {
  const pools = [portfolio, ...portfolio.pools];
  return new Set(pools.flatMap((pool) => [pool.pool_currency, ...pool.collateral.map(({ asset }) => asset)]));
}
