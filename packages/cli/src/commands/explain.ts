import { writeWhole } from "@plimsoll/local/whole-file";
import {
  createMarginEngine,
  crossPoolId,
  type MarginState,
  type MethodId,
  methodIds,
  type Severity,
  severities,
} from "@plimsoll/risk";
import { type Command, Option } from "commander";
import { CommandError, exitCodes } from "../errors.ts";
import { explainReport, reportExplanation } from "../explain/explain-report.ts";
import { explainText } from "../explain/explain-text.ts";
import { inputsOf, type MarginInputs, stateOf } from "../explain/margin-inputs.ts";
import { loadStoredAccount } from "../explain/stored-account.ts";
import { verifyEarlier } from "../explain/verify-earlier.ts";
import { parseJson } from "../import/market-file.ts";
import { readText } from "../import/read-text.ts";
import { parseFile } from "../import/refusals.ts";
import { readQuestion } from "../margin/portfolio-question.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";
import { priceOption, type StatedPrices } from "./options.ts";

interface ExplainOptions {
  readonly price?: StatedPrices;
  readonly market?: string;
  readonly tables?: string;
  readonly pool: string;
  readonly method?: MethodId;
  readonly parameters?: string;
  readonly against?: string;
  readonly restore: Severity;
  readonly json?: true;
  readonly out?: string;
}

const examples = `
Examples:
  $ plimsoll explain packages/cli/examples/portfolio.json --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz --out monday.json
  $ plimsoll explain packages/cli/examples/portfolio.json --market test/fixtures/data/options/deribit_chain_20260206T155121Z.csv.gz --against monday.json
  $ plimsoll explain packages/cli/examples/portfolio.json --market sample --restore WARNING --json
  $ plimsoll explain alice --tables plimsoll-production-MarketTable,…-MarginTable,…-LedgerTable

What changed is found by full revaluation, one kind of change after the other in the order shown. A position without an
entry price keeps the one of the earlier result. Cures are figures, not advice.

With --tables an account of a stage is explained as its latest result has it, against the market of its last call event;
region and credentials are those of the environment.`;

export function addExplainCommand(program: Command, terminal: Terminal): void {
  program
    .command("explain")
    .summary("why an account is called or not, what drives it, what changed, what would restore a level")
    .description("Explains the margin of one portfolio against one market, or of an account of a stage.")
    .argument("<portfolio>", "JSON file of the portfolio, as for margin; with --tables the id of an account")
    .option("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH")
    .addOption(priceOption())
    .option("--tables <names>", "the stage's Market, Margin and Ledger tables, with commas")
    .option("--pool <id>", "which pool of the account, with --tables", crossPoolId)
    .addOption(new Option("--method <method>", "how to margin; else as the portfolio says").choices([...methodIds]))
    .option("--parameters <file>", "parameter set as JSON, instead of the shipped one")
    .option("--against <file>", "an earlier result of explain, from --out or --json")
    .addOption(
      new Option("--restore <severity>", "the level that cures are to restore")
        .choices([...severities])
        .default("NORMAL"),
    )
    .option("--json", "print one JSON object")
    .option("--out <file>", "write the JSON object to a file as well")
    .addHelpText("after", examples)
    .action((portfolio: string, options: ExplainOptions) => explain(portfolio, options, terminal));
}

/** What is explained, and the state before it. */
interface Explained {
  readonly state: MarginState;
  readonly wire: MarginInputs;
  readonly earlier: MarginState | null;
}

async function explain(what: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  const against = options.against === undefined ? null : readEarlier(options.against);
  const { state, wire, earlier } =
    options.tables === undefined
      ? await explainedFile(what, options, against, terminal)
      : await explainedAccount(what, options.tables, options);
  const engine = createMarginEngine(state.snapshot, state.parameters);
  const result = engine.margin(state.account);
  if (result.status === "not_margined") {
    const { field, value, remedy } = result;
    throw new CommandError(`not margined by ${state.account.methodId}: ${field} is ${value}: ${remedy}`);
  }
  const since = against === null ? earlier : stateOf(against);
  const report = reportExplanation({
    poolId: options.tables === undefined ? crossPoolId : options.pool,
    state,
    inputs: wire,
    result,
    engine,
    restores: options.restore,
    earlier: since,
  });
  if (options.out !== undefined) writeWhole(options.out, `${JSON.stringify(report)}\n`);
  printFound(terminal, options, report, explainText);
}

async function explainedFile(
  path: string,
  options: ExplainOptions,
  against: MarginInputs | null,
  terminal: Terminal,
): Promise<Explained> {
  if (options.market === undefined) {
    throw new CommandError(
      "give --market <market> for a portfolio file, or --tables <names> for an account of a stage",
      {
        exitCode: exitCodes.usage,
      },
    );
  }
  const { portfolio, snapshot, parameters } = await readQuestion(
    path,
    { ...options, market: options.market },
    terminal,
  );
  const method = options.method ?? portfolio.method_id;
  return { ...inputsOf(portfolio, method, snapshot, parameters, against), earlier: null };
}

async function explainedAccount(
  accountId: string,
  tables: string,
  { pool, market }: ExplainOptions,
): Promise<Explained> {
  const names = tables.split(",");
  const [marketTable, marginTable, ledgerTable] = names;
  if (market !== undefined || names.length !== 3 || !marketTable || !marginTable || !ledgerTable) {
    throw new CommandError(`--tables is ${tables}; name the Market, Margin and Ledger tables, and no --market`, {
      exitCode: exitCodes.usage,
    });
  }
  const stage = {
    market: openTable(marketTable, "Market", "--tables"),
    margin: openTable(marginTable, "Margin", "--tables"),
    ledger: openTable(ledgerTable, "Ledger", "--tables"),
  };
  return loadStoredAccount(stage, accountId, pool);
}

/** Reads an earlier explanation and recomputes it: what does not come out the same is no ground for a comparison. */
function readEarlier(path: string): MarginInputs {
  const value = parseJson(path, readText(path));
  const report = parseFile(explainReport, path, value, `${path} is no result of plimsoll explain`);
  const difference = verifyEarlier(report);
  if (difference !== null) throw new CommandError(`${path} does not recompute: ${difference}`);
  return report.inputs;
}
