import { writeWhole } from "@plimsoll/local/whole-file";
import { buildJointHistory, type HistoryQuestion, type JointHistory } from "@plimsoll/risk";
import { encodeParameters, errorText, jointScenarioSet, toWire } from "@plimsoll/schema";
import type { Command } from "commander";
import { CommandError, exitCodes } from "../errors.ts";
import { reportRejects } from "../import/load-market.ts";
import { readParameters } from "../import/parameters.ts";
import { Rejects } from "../import/rejects.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { historyText, withHistory } from "../scenarios/history-report.ts";
import { parseSeriesFile, readSeries } from "../scenarios/read-series.ts";

interface ScenariosOptions {
  readonly volatility: readonly string[];
  readonly setId: string;
  readonly horizon: string;
  readonly step: string;
  readonly from?: string;
  readonly to?: string;
  readonly parameters?: string;
  readonly write?: string;
  readonly json?: true;
}

const help = `
Examples:
  $ plimsoll scenarios BTC=btc.csv.gz ETH=eth.csv.gz --volatility BTC=dvol.csv --set-id daily-1
  $ plimsoll scenarios BTC=btc.csv ETH=eth.csv --set-id daily-1 --write parameters.json
  $ plimsoll margin packages/cli/examples/portfolio.json --market sample --method var --parameters parameters.json

Files of your own: btc.csv, eth.csv and btc.csv.gz, eth.csv.gz (prices), dvol.csv (a volatility index).

A gap of one underlying skips the scenario for all; every repair is listed. Prices are read from the column close (or
price_usd), volatilities from dvol (or close), times from open_time_utc, date, timestamp or time.`;

export function addScenariosCommand(program: Command, terminal: Terminal): void {
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  program
    .command("scenarios")
    .summary("joint scenarios from price files, for the method var")
    .description("Builds joint scenarios of all underlyings from files of prices, as a document for the parameters.")
    .argument("<prices...>", "SYMBOL=file, CSV or gzip of it, one for each underlying")
    .option("--volatility <SYMBOL=file>", "implied volatilities of one underlying; repeat for more", collect, [])
    .requiredOption("--set-id <name>", "name and version of the set, such as daily-1")
    .option("--horizon <hours>", "hours that a move spans", "24")
    .option("--step <hours>", "hours from one scenario to the next", "24")
    .option("--from <date>", "first day, UTC")
    .option("--to <date>", "last day, UTC")
    .option("--parameters <file>", "parameter set to add it to, with --write; the shipped one by default")
    .option("--write <file>", "write a parameter set whose method var is measured on it")
    .option("--json", "print the set and its notes as one JSON object")
    .addHelpText("after", help)
    .action((prices: readonly string[], options: ScenariosOptions) => buildScenarios(prices, options, terminal));
}

function buildScenarios(prices: readonly string[], options: ScenariosOptions, terminal: Terminal): void {
  const parameters = readParameters(options.parameters, terminal);
  const { proxies, volatility } = parameters.methods.var;
  const within = { fromMs: timeOf("--from", options.from), toMs: timeOf("--to", options.to) };
  const read = (option: string, columns: readonly string[]) => (given: string) => {
    const file = parseSeriesFile(option, given);
    const rejects = new Rejects(file.path);
    const { symbol, timesMs, values } = readSeries(file, columns, rejects);
    reportRejects(rejects, terminal);
    const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = within;
    const kept = timesMs.map((timeMs) => timeMs >= fromMs && timeMs <= toMs);
    return { symbol, timesMs: timesMs.filter((_, at) => kept[at]), values: values.filter((_, at) => kept[at]) };
  };
  const history = build({
    setId: options.setId,
    prices: prices.map(read("prices", ["close", "price_usd"])),
    volatilities: options.volatility.map(read("--volatility", ["dvol", "close"])),
    horizonHours: hoursOf("--horizon", options.horizon),
    stepHours: hoursOf("--step", options.step),
    proxies,
    risePerFall: volatility.risePerFall,
    risePerRise: volatility.risePerRise,
  });
  const wire = toWire(history.set);
  const parsed = jointScenarioSet.safeParse(wire);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CommandError(`the set is refused: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  if (options.write !== undefined) {
    const set = encodeParameters(withHistory(parameters, history));
    writeWhole(options.write, `${JSON.stringify(set)}\n`);
  }
  printFound(terminal, { ...options, wire: { set: wire, notes: history.notes } }, history, historyText);
}

function build(question: HistoryQuestion): JointHistory {
  try {
    return buildJointHistory(question);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(errorText(error), { cause: error });
    throw error;
  }
}

function hoursOf(option: string, given: string): number {
  const hours = Number(given);
  if (hours > 0 && hours <= 8_760) return hours;
  throw new CommandError(`${option} "${given}" is none; hours above 0, such as 24`, { exitCode: exitCodes.usage });
}

function timeOf(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const timeMs = Date.parse(given);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new CommandError(`${option} "${given}" is none; a date such as 2024-01-01`, { exitCode: exitCodes.usage });
}
