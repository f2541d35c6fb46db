import { arrangeQuotes, parseQuoteBatch } from "@plimsoll/app";
import { addIssues, parseFile, parseJson, parseNaming, type Rejects } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { dailyBarsOf, importMarketFile, readCandles } from "@plimsoll/markets";
import { accountEvent, jointScenarioSet, runSummary } from "@plimsoll/schema";
import { readSpanFile, SpanFileError } from "@plimsoll/span-files";
import type * as z from "zod";
import { explainReport } from "../explain/explain-report.ts";
import { verifyEarlier } from "../explain/verify-earlier.ts";
import type { GivenKind } from "../help/file-kinds.ts";
import { marginReport } from "../margin/margin-report.ts";
import { readPortfolio } from "../margin/read-portfolio.ts";
import { readControls } from "../parameters/operator.ts";
import { readParameters, shipped } from "../parameters/read-parameters.ts";
import { spanPositions, spanReport } from "../span/span-report.ts";
import { replaySummary } from "../start/run-replay.ts";
import { stressReport } from "../stress/stress-report.ts";

/** What would be done with a file of a kind. */
export interface Checked {
  readonly use: string;
  readonly notes?: readonly string[];
}

/**
 * Checks a file by the parser of its kind. What is refused of it goes into `rejects`. Throws an `InputError` for a file
 * that is refused as a whole.
 */
type Check = (file: string, text: string, rejects: Rejects) => Checked | Promise<Checked>;

/** The check of each kind of file. */
export const checks: Readonly<Record<GivenKind, Check>> = {
  portfolio: (file, _, rejects) => {
    const portfolio = readPortfolio(file, rejects);
    const { positions = [], collateral = [] } = portfolio ?? {};
    return {
      use: `plimsoll margin ${file} --market <market>: ${counted(positions, "position")}, ${counted(collateral, "balance")}`,
    };
  },
  quotes: checkQuotes,
  events: checkEvents,
  parameters: checkParameters,
  controls: (file) => {
    const { peopleRequired = 2 } = readControls(file);
    const people = peopleRequired === 1 ? "one person puts parameters" : "it takes two people to put parameters";
    return { use: `plimsoll parameters limits ${file} --table <Market>: ${people}` };
  },
  chain: (file, _, rejects) => {
    const { batch, rejects: refused } = importMarketFile(file);
    rejects.list.push(...refused.list);
    return { use: `--market ${file}: ${counted(batch.quotes, "quote")} of ${batch.observed_at}` };
  },
  candles: (file, _, rejects) => {
    const days = dailyBarsOf(readCandles(file, rejects));
    if (days.length === 0) throw new InputError(`${file} has no bar that can be read: give rows of time and prices`);
    return { use: `plimsoll parameters backfill <underlying> ${file} --table <Market>: ${counted(days, "day")}` };
  },
  scenarios: (file, text) => {
    const value = parseJson(file, text);
    const isReport = typeof value === "object" && value !== null && "set" in value;
    const { set_id, scenario_ids } = parseFile(jointScenarioSet, file, isReport ? value.set : value);
    return { use: `${counted(scenario_ids, "scenario")} as ${set_id}, for scenario_sets of a parameter set` };
  },
  result: checkResult,
  "span-file": async (file) => {
    try {
      const { contracts, commodities } = await readSpanFile(file);
      return {
        use: `plimsoll span margin ${file} <positions>: ${counted([...contracts], "contract")}, ${counted(commodities, "combined commodity", "combined commodities")}`,
      };
    } catch (cause) {
      if (!(cause instanceof SpanFileError)) throw cause;
      throw new InputError(`${file}: ${cause.message}`, { cause });
    }
  },
  "span-positions": (file, text) => {
    const { positions } = parseFile(spanPositions, file, parseJson(file, text));
    return { use: `plimsoll span margin <file> ${file}: ${counted(positions, "position")}` };
  },
};

function checkQuotes(file: string, text: string, rejects: Rejects): Checked {
  const batch = parseQuoteBatch(text);
  const { refusals, markets, tokens } =
    "refusals" in batch
      ? { ...batch, markets: new Map(), tokens: new Map() }
      : arrangeQuotes(batch, { takesPrices: true });
  for (const { path, value, problem } of refusals) rejects.add({ path: path.replace(/^(?!\$)/, "$.") }, value, problem);
  const names = [...markets.keys(), ...tokens.keys()].join(", ");
  return {
    use: `POST /v1/quotes takes it, with quotes of ${names}; --market ${file} too`,
    notes: ["observed_at must be of the last minute when it is sent"],
  };
}

function checkEvents(file: string, text: string, rejects: Rejects): Checked {
  const events = eventsIn(file, text);
  const accounts = new Set<string>();
  for (const { place, value } of events) {
    const parsed = parseNaming(accountEvent, value);
    if (parsed.success) accounts.add(parsed.data.account_id);
    else addIssues(rejects, parsed.error, value, place);
  }
  if (events.length === 0)
    throw new InputError(`${file} has no event: give one, an array of them, or one on each line`);
  return {
    use: `the queue AccountEvents takes ${counted(events, "event")} of ${counted([...accounts], "account")}, each in the group of its account`,
  };
}

/** Returns the events of a file that is one, an array, or has one on each line, with where each of them stands. */
function eventsIn(file: string, text: string): { readonly place: string; readonly value: unknown }[] {
  const lines = text.trim().split("\n");
  if (lines.length > 1 && /^\{.*\}\s*$/.test(lines[0] ?? "")) {
    return lines.flatMap((line, index) => {
      if (line.trim() === "") return [];
      return [{ place: `line ${index + 1}, $`, value: parseJson(`${file}, line ${index + 1},`, line) }];
    });
  }
  const value = parseJson(file, text);
  if (!Array.isArray(value)) return [{ place: "$", value }];
  return value.map((one: unknown, index) => ({ place: `$[${index}]`, value: one }));
}

/** A parameter file is right if a stage with the shipped set takes it. Commands read it by a stricter rule for lists. */
function checkParameters(file: string): Checked {
  const notes: string[] = [];
  const terminal = { err: (text: string) => notes.push(text.trimEnd()) };
  readParameters(file, terminal, { ...shipped, unnamedRows: "kept" });
  const use = `plimsoll parameters put ${file} --table <Market> --by <name>`;
  const strict: string[] = [];
  try {
    readParameters(file, { err: (text) => strict.push(text.trimEnd()) });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [first = "", ...more] = error.lines;
    const others = more.length === 0 ? "" : `, and ${more.length} more`;
    return { use, notes: [...notes, `--parameters, which completes no new row, would refuse it: ${first}${others}`] };
  }
  const differing = strict.filter((line) => !notes.includes(line)).map((line) => `by --parameters: ${line}`);
  return { use: `${use}; --parameters ${file} of other commands`, notes: [...notes, ...differing] };
}

/** The results that commands write, each with the command. */
const results: readonly { readonly schema: z.ZodObject; readonly of: string }[] = [
  { schema: runSummary, of: "plimsoll start --once" },
  { schema: replaySummary, of: "plimsoll start --replay" },
  { schema: marginReport, of: "plimsoll margin" },
  { schema: stressReport, of: "plimsoll stress" },
  { schema: spanReport, of: "plimsoll span margin" },
  { schema: explainReport, of: "plimsoll explain" },
];

/** Checks a result by the contract that shares most of its fields. An explanation must recompute. */
function checkResult(file: string, text: string): Checked {
  const value = parseJson(file, text);
  const fields = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const unlike = ({ schema }: (typeof results)[number]) => {
    const known = new Set(Object.keys(schema.shape));
    return new Set([...fields, ...known]).size - fields.filter((field) => known.has(field)).length;
  };
  const nearest = results.reduce((best, one) => (unlike(one) < unlike(best) ? one : best));
  parseFile(nearest.schema, file, value);
  if (nearest.schema !== explainReport) return { use: `a result of ${nearest.of}, which no command reads` };
  const difference = verifyEarlier(explainReport.parse(value));
  if (difference !== null) throw new InputError(`${file} does not recompute: ${difference}`);
  return { use: `plimsoll explain <portfolio> --market <market> --against ${file}` };
}

function counted(list: readonly unknown[], one: string, many = `${one}s`): string {
  return `${list.length} ${list.length === 1 ? one : many}`;
}
