import {
  findStatedProposal,
  listParameters as loadParametersList,
  proposeNow,
  type StatedProposal,
} from "@plimsoll/app";
import { Rejects } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { dailyBarsOf, readCandles } from "@plimsoll/markets";
import {
  defaultDynamicsPolicy,
  MS_PER_DAY,
  type ProposalInputs,
  proposeParameters,
  type UnderlyingHistory,
} from "@plimsoll/risk";
import { encodeControls, encodeParameters, isOfPerson, nameParameters, toWire, utcDateOf } from "@plimsoll/schema";
import { findControls, getParameters, saveBars, saveControls, type Table } from "@plimsoll/store";
import { reportRejects } from "../output/report-market.ts";
import { jsonLine, line, visibleIn } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { diffParameters } from "../parameters/diff.ts";
import {
  activate as activateSet,
  approve as approveProposal,
  findSet,
  openTable,
  type Put,
  put as putSet,
  readControls,
  unknownProposal,
} from "../parameters/operator.ts";
import { differencesText, listText, movesText } from "../parameters/parameters-text.ts";
import { readParameters } from "../parameters/read-parameters.ts";

export interface TableOptions {
  readonly table: string;
  readonly json?: true;
}

export type ShowOptions = Partial<TableOptions>;

export interface SignedOptions extends TableOptions {
  readonly by: string;
}

export interface ProposeOptions extends Partial<TableOptions> {
  readonly prices: readonly string[];
  readonly parameters?: string;
}

/** Prints the activations and the proposals, newest first. */
export async function listParameters(options: TableOptions, terminal: Terminal): Promise<void> {
  const list = await loadParametersList(openTable(options.table, "Market"));
  printFound(terminal, { ...options, wire: toWire(list) }, list, listText);
}

/** Prints the figures of a version. For a proposal, it prints what moved and why. */
export async function showParameters(id: string, options: ShowOptions, terminal: Terminal): Promise<void> {
  const market = options.table === undefined ? null : openTable(options.table, "Market");
  if (market === null || !/^\d{8}T\d{9}Z$/.test(id)) {
    const set = encodeParameters(await findSet(id, market, terminal));
    return terminal.out(jsonLine(set, options.json ? 0 : 2));
  }
  const proposal = await findStatedProposal(market, id);
  if (proposal === undefined) throw unknownProposal(id, market);
  const differences = await changesOf(proposal, market);
  printFound(terminal, { ...options, wire: toWire(proposal) }, { ...proposal, id }, (shown, paint) =>
    [
      `  ${shown.id}: ${shown.status}, ${shown.parametersVersion} from ${shown.basedOnVersion}, by ${shown.proposedBy}`,
      differences === null ? movesText(shown.moves, paint) : differencesText(visibleIn(differences), paint),
      ...shown.breaches.map((breach) => `  ${paint.yellow(breach)}`),
      "",
    ].join("\n\n"),
  );
}

/** Returns the figures that a person's own set changes, or null for a proposal that says itself what moves. */
async function changesOf(proposal: StatedProposal, market: Table) {
  if (!isOfPerson(proposal)) return null;
  const [before, after] = await Promise.all([
    getParameters(market, proposal.basedOnVersion),
    getParameters(market, proposal.parametersVersion),
  ]);
  return diffParameters(before, after);
}

/** Prints the figures in which two parameter sets differ. */
export async function showDifferences(
  before: string,
  after: string,
  options: ShowOptions,
  terminal: Terminal,
): Promise<void> {
  const market = options.table === undefined ? null : openTable(options.table, "Market");
  const differences = diffParameters(await findSet(before, market, terminal), await findSet(after, market, terminal));
  printFound(terminal, { ...options, wire: { differences } }, differences, differencesText);
}

/** Prints the parameters that volatility now would give. With a table, the proposal is kept. */
export async function propose(options: ProposeOptions, terminal: Terminal): Promise<void> {
  const { moves, set } = await (options.table === undefined
    ? proposeFromFiles(options, terminal)
    : proposeFromTable(options.table));
  const wire = toWire({ parameters: set, moves });
  printFound(terminal, { ...options, wire }, { moves, version: set.parametersVersion }, (found, paint) => {
    return `${movesText(found.moves, paint)}\n\n  ${found.version}\n`;
  });
}

/** Puts the set of a file into the stage: into effect at once, or as a proposal that another person approves. */
export async function put(file: string, options: SignedOptions, terminal: Terminal): Promise<void> {
  const done = await putSet(file, options.by, openTable(options.table, "Market"), terminal);
  printFound(terminal, { ...options, wire: toWire(done) }, { done, table: options.table }, putText);
}

function putText({ done, table }: { readonly done: Put; readonly table: string }): string {
  switch (done.kind) {
    case "activated":
      return effectText(done.activation);
    case "unchanged":
      return `${done.version} is in effect already, with these figures\n`;
    case "waiting": {
      const { parametersVersion, proposalId } = done.proposal;
      return (
        `${parametersVersion} waits: this stage demands two people, so another one says\n` +
        `plimsoll parameters approve ${proposalId} --table ${table} --by <name>\n`
      );
    }
  }
}

/** Puts a proposal into effect from now on. */
export async function approve(id: string, options: SignedOptions, terminal: Terminal): Promise<void> {
  const activation = await approveProposal(id, options.by, openTable(options.table, "Market"));
  printFound(terminal, { ...options, wire: toWire(activation) }, activation, effectText);
}

/** Puts a stored version into effect from now on. */
export async function activate(version: string, options: SignedOptions, terminal: Terminal): Promise<void> {
  const activation = await activateSet(version, options.by, openTable(options.table, "Market"));
  printFound(terminal, { ...options, wire: toWire(activation) }, activation, effectText);
}

/** Prints the limits within which parameters may be activated without asking, or sets them from a file. */
export async function showOrSetLimits(
  file: string | undefined,
  options: SignedOptions,
  terminal: Terminal,
): Promise<void> {
  const market = openTable(options.table, "Market");
  const held = await findControls(market);
  if (file === undefined) {
    const shown = held === undefined ? null : encodeControls(held.controls);
    return terminal.out(jsonLine(shown, options.json ? 0 : 2));
  }
  const saved = await saveControls(market, readControls(file), held?.sequence ?? 0, options.by, Date.now());
  if (!saved) throw new InputError("someone else set limits in this moment: look at them, then repeat");
  terminal.err(line`limits set; they hold from the next tick of the schedule on`);
}

/** Stores daily bars of the past from a candle file. */
export async function backfill(
  underlying: string,
  file: string,
  options: TableOptions,
  terminal: Terminal,
): Promise<void> {
  const bars = readBars(file, terminal);
  const saved = await saveBars(openTable(options.table, "Market"), underlying, bars);
  printFound(terminal, options, { days: bars.length, new_days: saved }, ({ days, new_days }) => {
    return `${new_days} of ${days} days are new\n`;
  });
}

function effectText({ version }: { readonly version: string }): string {
  return `${version} is in effect from the next sweep on\n`;
}

function readBars(file: string, terminal: Terminal) {
  const rejects = new Rejects(file);
  const bars = dailyBarsOf(readCandles(file, rejects));
  reportRejects(rejects, terminal);
  return bars;
}

async function proposeFromTable(name: string) {
  const proposed = await proposeNow(openTable(name, "Market"), Date.now());
  if (proposed !== undefined) return proposed;
  throw new InputError(`${name} has no parameters in effect: the first sweep puts them there`);
}

async function proposeFromFiles(options: ProposeOptions, terminal: Terminal) {
  if (options.prices.length === 0) {
    throw new InputError("give --table <MarketTable>, or --prices SYMBOL=file", { mistakeIn: "request" });
  }
  const histories = options.prices.map((given): UnderlyingHistory => {
    const [underlying = "", file] = given.split("=", 2);
    if (file === undefined || !/^[A-Z0-9]{1,16}$/.test(underlying)) {
      throw new InputError(`--prices "${given}" is none; write BTC=btc.csv`, { mistakeIn: "request" });
    }
    return { underlying, bars: readBars(file, terminal), implied: [] };
  });
  const current = readParameters(options.parameters, terminal);
  const last = histories
    .flatMap(({ bars }) => bars.map(({ date }) => date))
    .sort()
    .at(-1);
  if (last === undefined) throw new InputError("the price files have no day that can be read");
  const date = utcDateOf(Date.parse(last) + MS_PER_DAY);
  const inputs: ProposalInputs = { current, dayAgo: current, date, histories, policy: defaultDynamicsPolicy };
  const { content, moves } = proposeParameters(inputs);
  return { moves, set: nameParameters("dynamic", content) };
}
