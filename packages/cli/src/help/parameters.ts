import type { Command } from "commander";
import type { ProposeOptions, ShowOptions, SignedOptions, TableOptions } from "../commands/parameters.ts";
import type { Terminal } from "../output/terminal.ts";
import { collect, tableOption } from "./options.ts";

const help = `
Examples:
  $ plimsoll parameters list --table plimsoll-production-MarketTable
  $ plimsoll parameters approve 20260205T120000000Z --table plimsoll-production-MarketTable --by ada
  $ plimsoll parameters put doge.json --table plimsoll-production-MarketTable --by ada
  $ plimsoll parameters propose --prices BTC=btc.csv --prices ETH=eth.csv --json

A file of put names only what it changes. Rows of a list that it does not name stay, and a new underlying takes what it
leaves out from the row "*"; a new collateral asset needs its bands. A whole set replaces everything.

Files of your own: btc.csv, eth.csv (hourly candles), doge.json. The table is the stage's Market table; region and credentials are those of the environment.`;

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
      .addOption(tableOption("Market").makeOptionMandatory())
      .option("--json", "print one JSON object");
  onTable("list", "Activations and proposals, newest first.").action(async (options: TableOptions) =>
    (await import("../commands/parameters.ts")).listParameters(options, terminal),
  );

  parameters
    .command("show")
    .description("A version's figures, or a proposal with what moved and why.")
    .argument("<id>", "version, proposal id, or a parameter file")
    .addOption(tableOption("Market", "--table <name>", "the stage's Market table, for versions and proposals"))
    .option("--json", "print one JSON object")
    .action(async (id: string, options: ShowOptions) =>
      (await import("../commands/parameters.ts")).showParameters(id, options, terminal),
    );

  parameters
    .command("diff")
    .description("The figures two parameter sets differ in.")
    .argument("<before>", "version, proposal id, or file")
    .argument("<after>", "version, proposal id, or file")
    .addOption(tableOption("Market", "--table <name>", "the stage's Market table, for versions and proposals"))
    .option("--json", "print one JSON object")
    .action(async (before: string, after: string, options: ShowOptions) =>
      (await import("../commands/parameters.ts")).showDifferences(before, after, options, terminal),
    );

  parameters
    .command("propose")
    .description("What the parameters would be by volatility now. With a table it is kept, and waits for approval.")
    .addOption(tableOption("Market", "--table <name>", "the stage's Market table, for its own history", ["prices"]))
    .option("--prices <SYMBOL=file>", "candles of one underlying instead; repeat for more", collect, [])
    .option("--parameters <file>", "parameter set to start from, with --prices")
    .option("--json", "print one JSON object")
    .action(async (options: ProposeOptions) => (await import("../commands/parameters.ts")).propose(options, terminal));

  addDecisions(onTable, terminal);

  onTable("limits", "Shows what may be activated without asking and by how many people, or sets it from a file.")
    .argument("[file]", "JSON file {limits, policy, people_required}")
    .option("--by <name>", "who sets it, for the log", "operator")
    .action(async (file: string | undefined, options: SignedOptions) =>
      (await import("../commands/parameters.ts")).showOrSetLimits(file, options, terminal),
    );

  onTable("backfill", "Keeps daily bars of the past from a candle file; days that are there already stay.")
    .argument("<underlying>", "symbol, such as BTC")
    .argument("<file>", "CSV with open_time_utc or date, open, high, low, close")
    .action(async (underlying: string, file: string, options: TableOptions) =>
      (await import("../commands/parameters.ts")).backfill(underlying, file, options, terminal),
    );
}

/** Adds the commands by which people put parameters into effect. */
function addDecisions(onTable: (name: string, description: string) => Command, terminal: Terminal): void {
  onTable(
    "put",
    "Puts a set of your own into the stage, on top of the one in effect: at once, or for another's approval.",
  )
    .argument("<file>", "JSON file: a whole set, or only what changes; a coin that is new in a list is added to it")
    .requiredOption("--by <name>", "who puts it; where the stage demands two people, another one approves")
    .action(async (file: string, options: SignedOptions) =>
      (await import("../commands/parameters.ts")).put(file, options, terminal),
    );

  onTable("approve", "Puts a proposal into effect from now on.")
    .argument("<proposal>", "id of the proposal")
    .requiredOption("--by <name>", "who approves it, for the log")
    .action(async (id: string, options: SignedOptions) =>
      (await import("../commands/parameters.ts")).approve(id, options, terminal),
    );

  onTable("activate", "Puts a stored version into effect from now on: the way back to an old one.")
    .argument("<version>", "a version of the list")
    .requiredOption("--by <name>", "who does it, for the log")
    .action(async (version: string, options: SignedOptions) =>
      (await import("../commands/parameters.ts")).activate(version, options, terminal),
    );
}
