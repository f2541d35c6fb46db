import { parseFile, parseJson, readText, writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { createMarginEngine, crossPoolId, type MarginState, type MethodId, type Severity } from "@plimsoll/risk";
import { explainReport, reportExplanation } from "../explain/explain-report.ts";
import { explainText } from "../explain/explain-text.ts";
import { inputsOf, type MarginInputs, stateOf } from "../explain/margin-inputs.ts";
import { loadStoredAccount } from "../explain/stored-account.ts";
import { verifyEarlier } from "../explain/verify-earlier.ts";
import { readQuestion } from "../margin/portfolio-question.ts";
import type { Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface ExplainOptions {
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

/** The state to explain, its inputs in the form of the JSON, and the state before it, if there is one. */
interface Explained {
  readonly state: MarginState;
  readonly wire: MarginInputs;
  readonly earlier: MarginState | null;
}

export async function explain(what: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  const against = options.against === undefined ? null : readEarlier(options.against);
  const { state, wire, earlier } =
    options.tables === undefined
      ? await explainedFile(what, options, against, terminal)
      : await explainedAccount(what, options.tables, options);
  const engine = createMarginEngine(state.snapshot, state.parameters);
  const result = engine.margin(state.pool);
  if (result.status === "not_margined") {
    const { field, value, remedy } = result;
    throw new InputError(`not margined by ${state.pool.methodId}: ${field} is ${value}: ${remedy}`);
  }
  const since = against === null ? earlier : stateOf(against);
  const question = {
    poolId: options.tables === undefined ? crossPoolId : options.pool,
    state,
    result,
    engine,
    restores: options.restore,
    earlier: since,
  };
  const report = reportExplanation(question, wire);
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
    throw new InputError("give --market <market> for a portfolio file, or --tables <names> for an account of a stage", {
      mistakeIn: "request",
    });
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
    throw new InputError(`--tables is ${tables}; name the Market, Margin and Ledger tables, and no --market`, {
      mistakeIn: "request",
    });
  }
  const stage = {
    market: openTable(marketTable, "Market", "--tables"),
    margin: openTable(marginTable, "Margin", "--tables"),
    ledger: openTable(ledgerTable, "Ledger", "--tables"),
  };
  return loadStoredAccount(stage, accountId, pool, Date.now());
}

/**
 * Reads an earlier explanation and recomputes it. Throws an `InputError` if it does not come out the same, because it
 * is then no ground for a comparison.
 */
function readEarlier(path: string): MarginInputs {
  const value = parseJson(path, readText(path));
  const report = parseFile(explainReport, path, value, `${path} is no result of plimsoll explain`);
  const difference = verifyEarlier(report);
  if (difference !== null) throw new InputError(`${path} does not recompute: ${difference}`);
  return report.inputs;
}
