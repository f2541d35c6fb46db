import { Rejects, writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { readSeries, type SeriesFile } from "@plimsoll/markets";
import { buildJointHistory, type HistoryQuestion, type JointHistory } from "@plimsoll/risk";
import { encodeParameters, errorText, jointScenarioSet, toWire } from "@plimsoll/schema";
import { reportRejects } from "../output/report-market.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { readParameters } from "../parameters/read-parameters.ts";
import { historyText, withHistory } from "../scenarios/history-report.ts";

export interface ScenariosOptions {
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

export function buildScenarios(prices: readonly string[], options: ScenariosOptions, terminal: Terminal): void {
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
    throw new InputError(`the set is refused: ${issue?.path.join(".")}: ${issue?.message}`);
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
    if (error instanceof RangeError) throw new InputError(errorText(error), { cause: error });
    throw error;
  }
}

function hoursOf(option: string, given: string): number {
  const hours = Number(given);
  if (hours > 0 && hours <= 8_760) return hours;
  throw new InputError(`${option} "${given}" is none; hours above 0, such as 24`, { mistakeIn: "request" });
}

function timeOf(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const timeMs = Date.parse(given);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new InputError(`${option} "${given}" is none; a date such as 2024-01-01`, { mistakeIn: "request" });
}

/** Parses how an option gives the file of one symbol, such as `BTC=btc.csv`. */
function parseSeriesFile(option: string, given: string): SeriesFile {
  const [symbol = "", path] = given.split("=", 2);
  if (path !== undefined && path !== "" && /^[A-Z0-9]{1,16}$/.test(symbol)) return { symbol, path };
  throw new InputError(`${option} "${given}" is none; write BTC=btc.csv`, { mistakeIn: "request" });
}
