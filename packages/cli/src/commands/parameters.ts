import {
  defaultDynamicsPolicy,
  MS_PER_DAY,
  type ParameterSet,
  type ProposalInputs,
  proposeParameters,
  type UnderlyingHistory,
} from "@plimsoll/risk";
import { compactTime, encodeControls, encodeParameters, nameParameters, toWire, utcDateOf } from "@plimsoll/schema";
import {
  findControls,
  loadActivations,
  loadProposals,
  prepareProposal,
  saveBars,
  saveControls,
  saveParameters,
  saveProposal,
} from "@plimsoll/store";
import type { Command } from "commander";
import { CommandError, exitCodes } from "../errors.ts";
import { reportRejects } from "../import/load-market.ts";
import { readParameters } from "../import/parameters.ts";
import { Rejects } from "../import/rejects.ts";
import { jsonLine, line, printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { diffParameters } from "../parameters/diff.ts";
import {
  activateVersion,
  approveProposal,
  findSet,
  getProposal,
  openTable,
  readControls,
} from "../parameters/operator.ts";
import { differencesText, listText, movesText, statusOf } from "../parameters/parameters-text.ts";
import { dailyBarsOf, readCandles } from "../stress/candles.ts";

interface TableOptions {
  readonly table: string;
  readonly json?: true;
}

const listedProposals = 20;

const help = `
Examples:
  $ plimsoll parameters list --table plimsoll-production-MarketTable
  $ plimsoll parameters approve 20260205T120000000Z --table plimsoll-production-MarketTable --by ada
  $ plimsoll parameters propose --prices BTC=btc.csv --prices ETH=eth.csv --json

Files of your own: btc.csv, eth.csv (hourly candles). The table is the stage's Market table; region and credentials are those of the environment.`;

export function addParametersCommand(program: Command, terminal: Terminal): void {
  const parameters = program
    .command("parameters")
    .summary("parameter versions: what is in effect, what moved and why, approve, go back")
    .description("Shows and sets which parameters a stage margins with.")
    .addHelpText("after", help);
  const onTable = (name: string, description: string) =>
    parameters
      .command(name)
      .description(description)
      .requiredOption("--table <name>", "the stage's Market table")
      .option("--json", "print one JSON object");
  onTable("list", "Activations and proposals, newest first.").action(async (options: TableOptions) => {
    const market = openTable(options.table, "Market");
    const [activations, proposals] = await Promise.all([
      loadActivations(market),
      loadProposals(market, listedProposals),
    ]);
    const stated = proposals.map((proposal) => ({ ...proposal, status: statusOf(proposal, activations) }));
    const wire = toWire({ activations, proposals: stated });
    printFound(terminal, { ...options, wire }, { activations, proposals }, listText);
  });

  parameters
    .command("show")
    .description("A version's figures, or a proposal with what moved and why.")
    .argument("<id>", "version, proposal id, or a parameter file")
    .option("--table <name>", "the stage's Market table, for versions and proposals")
    .option("--json", "print one JSON object")
    .action(async (id: string, options: Partial<TableOptions>) => {
      const market = options.table === undefined ? null : openTable(options.table, "Market");
      if (market === null || !/^\d{8}T\d{9}Z$/.test(id)) {
        const set = encodeParameters(await findSet(id, market, terminal));
        return terminal.out(jsonLine(set, options.json ? 0 : 2));
      }
      const proposal = await getProposal(id, market);
      const status = statusOf(proposal, await loadActivations(market));
      const found = { ...proposal, status, id };
      printFound(terminal, { ...options, wire: toWire({ ...proposal, status }) }, found, (shown, paint) =>
        [
          `  ${shown.id}: ${shown.status}, ${shown.parametersVersion} from ${shown.basedOnVersion}, by ${shown.proposedBy}`,
          movesText(shown.moves, paint),
          ...shown.breaches.map((breach) => `  ${paint.yellow(breach)}`),
          "",
        ].join("\n\n"),
      );
    });

  parameters
    .command("diff")
    .description("The figures two parameter sets differ in.")
    .argument("<before>", "version, proposal id, or file")
    .argument("<after>", "version, proposal id, or file")
    .option("--table <name>", "the stage's Market table, for versions and proposals")
    .option("--json", "print one JSON object")
    .action(async (before: string, after: string, options: Partial<TableOptions>) => {
      const market = options.table === undefined ? null : openTable(options.table, "Market");
      const differences = diffParameters(
        await findSet(before, market, terminal),
        await findSet(after, market, terminal),
      );
      printFound(terminal, { ...options, wire: { differences } }, differences, differencesText);
    });

  parameters
    .command("propose")
    .description("What the parameters would be by volatility now. With a table it is kept, and waits for approval.")
    .option("--table <name>", "the stage's Market table, for its own history")
    .option("--prices <SYMBOL=file>", "candles of one underlying instead; repeat for more", collect, [])
    .option("--parameters <file>", "parameter set to start from, with --prices")
    .option("--json", "print one JSON object")
    .action(async (options: ProposeOptions) => {
      const { moves, set } = await (options.table === undefined
        ? proposeFromFiles(options, terminal)
        : proposeFromTable(options.table));
      const wire = toWire({ parameters: set, moves });
      printFound(terminal, { ...options, wire }, { moves, version: set.parametersVersion }, (found, paint) => {
        return `${movesText(found.moves, paint)}\n\n  ${found.version}\n`;
      });
    });

  onTable("approve", "Puts a proposal into effect from now on.")
    .argument("<proposal>", "id of the proposal")
    .requiredOption("--by <name>", "who approves it, for the log")
    .action(async (id: string, options: TableOptions & { readonly by: string }) => {
      const activation = await approveProposal(id, options.by, Date.now(), openTable(options.table, "Market"));
      printFound(terminal, { ...options, wire: toWire(activation) }, activation, effectText);
    });

  onTable("activate", "Puts a stored version into effect from now on: the way back to an old one.")
    .argument("<version>", "a version of the list")
    .requiredOption("--by <name>", "who does it, for the log")
    .action(async (version: string, options: TableOptions & { readonly by: string }) => {
      const activation = await activateVersion(version, options.by, Date.now(), openTable(options.table, "Market"));
      printFound(terminal, { ...options, wire: toWire(activation) }, activation, effectText);
    });

  onTable("limits", "Shows what may be activated without asking, or sets it from a file.")
    .argument("[file]", "JSON file {limits, policy}")
    .option("--by <name>", "who sets it, for the log", "operator")
    .action(async (file: string | undefined, options: TableOptions & { readonly by: string }) => {
      const market = openTable(options.table, "Market");
      const held = await findControls(market);
      if (file === undefined) {
        const shown = held === undefined ? null : encodeControls(held.controls);
        return terminal.out(jsonLine(shown, options.json ? 0 : 2));
      }
      const saved = await saveControls(market, readControls(file), held?.sequence ?? 0, options.by, Date.now());
      if (!saved) throw new CommandError("someone else set limits in this moment: look at them, then repeat");
      terminal.err(line`limits set; they hold from the next tick of the schedule on`);
    });

  onTable("backfill", "Keeps daily bars of the past from a candle file; days that are there already stay.")
    .argument("<underlying>", "symbol, such as BTC")
    .argument("<file>", "CSV with open_time_utc or date, open, high, low, close")
    .action(async (underlying: string, file: string, options: TableOptions) => {
      const bars = readBars(file, terminal);
      const saved = await saveBars(openTable(options.table, "Market"), underlying, bars);
      printFound(terminal, options, { days: bars.length, new_days: saved }, ({ days, new_days }) => {
        return `${new_days} of ${days} days are new\n`;
      });
    });
}

function effectText({ version }: { readonly version: string }): string {
  return `${version} is in effect from the next sweep on\n`;
}

interface ProposeOptions extends Partial<TableOptions> {
  readonly prices: readonly string[];
  readonly parameters?: string;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function readBars(file: string, terminal: Terminal) {
  const rejects = new Rejects(file);
  const bars = dailyBarsOf(readCandles(file, rejects));
  reportRejects(rejects, terminal);
  return bars;
}

async function proposeFromTable(name: string): Promise<{ moves: ProposedMoves; set: ParameterSet }> {
  const market = openTable(name, "Market");
  const nowMs = Date.now();
  const naming = { proposalId: compactTime(nowMs), proposedBy: "operator" };
  const prepared = await prepareProposal(market, nowMs, naming);
  if (prepared === undefined)
    throw new CommandError(`${name} has no parameters in effect: the first sweep puts them there`);
  const { proposal, parameters } = prepared;
  if (prepared.moved) {
    await saveParameters(market, parameters);
    // A person who asks decides: the limits are those of the schedule.
    await saveProposal(market, { ...proposal, verdict: "ask" }, nowMs);
  }
  return { moves: proposal.moves, set: parameters };
}

type ProposedMoves = ReturnType<typeof proposeParameters>["moves"];

async function proposeFromFiles(options: ProposeOptions, terminal: Terminal) {
  if (options.prices.length === 0) {
    throw new CommandError("give --table <MarketTable>, or --prices SYMBOL=file", { exitCode: exitCodes.usage });
  }
  const histories = options.prices.map((given): UnderlyingHistory => {
    const [underlying = "", file] = given.split("=", 2);
    if (file === undefined || !/^[A-Z0-9]{1,16}$/.test(underlying)) {
      throw new CommandError(`--prices "${given}" is none; write BTC=btc.csv`, { exitCode: exitCodes.usage });
    }
    return { underlying, bars: readBars(file, terminal), implied: [] };
  });
  const current = readParameters(options.parameters, terminal);
  const last = histories
    .flatMap(({ bars }) => bars.map(({ date }) => date))
    .sort()
    .at(-1);
  if (last === undefined) throw new CommandError("the price files have no day that can be read");
  const date = utcDateOf(Date.parse(last) + MS_PER_DAY);
  const inputs: ProposalInputs = { current, dayAgo: current, date, histories, policy: defaultDynamicsPolicy };
  const { content, moves } = proposeParameters(inputs);
  return { moves, set: nameParameters("dynamic", content) };
}
