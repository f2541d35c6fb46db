import type { Command } from "commander";
import type { BacktestOptions } from "../commands/backtest.ts";
import type { Terminal } from "../output/terminal.ts";

const help = `
A price file says by its name what it holds (binance_spot_btcusdt_1h.csv.gz, binance_perp_ethusdt_1h.csv, usdt_usd_daily.csv,
deribit_dvol_btc_daily.csv), or is told: BTC/USDT=file.csv, BTC/USDT:perpetual=file.csv, BTC:volatility=file.csv.
Spot candles are the index; several of one coin go through the oracle's consensus.
A file of recorded accounts says by its header which set it is: docs/backtest/accounts.md.

Examples:
  $ plimsoll backtest --method portfolio,static --prices binance_spot_*.csv.gz usdt_usd_daily.csv --from 2019-01-01 \\
      --out backtest --html backtest/page.html
  $ plimsoll backtest --prices binance_*.csv.gz --from 2025-10-10T22:00Z --to 2025-10-13 --accounts deleveraged.csv

Files of your own: the candles binance_*.csv.gz, binance_spot_*.csv.gz, usdt_usd_daily.csv and the accounts deleveraged.csv;
docs/data.md says where such files are from. Killed, it goes on from --out. The result is the same for any number of workers.`;

export function addBacktestCommand(program: Command, terminal: Terminal): void {
  program
    .command("backtest")
    .summary("would the margins have held? replay price history through the live margin code")
    .description(
      "Replays price history over typical portfolios: coverage, shortfalls, warnings, procyclicality, average margin.",
    )
    .requiredOption(
      "--prices <files...>",
      "candles (.csv, .csv.gz) of spot markets, perpetuals, volatility indices, stablecoins",
    )
    .option("--method <ids>", "methods to compare, with commas between", "portfolio,static")
    .option("--chain <files...>", "recorded option chains: smile and term of volatility are fitted to them")
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--from <date>", "first day or hour, UTC (where the prices begin when left out)")
    .option("--to <date>", "where to stop, UTC (where the prices end when left out)")
    .option("--step <duration>", "time between two margins: 1h, 4h, 1d", "1h")
    .option("--horizon <duration>", "time over which a loss is measured", "24h")
    .option("--level <share>", "coverage asked of initial margin", "0.99")
    .option("--portfolios <n>", "how many portfolios to generate", "100")
    .option("--accounts <files...>", "recorded accounts (.csv, .csv.gz) to replay instead of generated portfolios")
    .option("--workers <n>", "threads (as many as there are cores when left out)")
    .option("--seed <n>", "seed of the portfolios", "1")
    .option("--out <folder>", "keep results there, and go on from what is there")
    .option("--choose <fields...>", "search: scan figures times each of these, as in price_scan_range=0.6,0.8,1")
    .option("--json", "print one JSON object")
    .option("--html <file>", "write a page with plots")
    .addHelpText("after", help)
    .action(async (options: BacktestOptions) => (await import("../commands/backtest.ts")).backtest(options, terminal));
}
