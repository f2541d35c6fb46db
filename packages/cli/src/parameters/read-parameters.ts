import { checkKind, parseFile, parseJson, readText } from "@plimsoll/files";
import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { decodeParameters, encodeParameters, nameParameters, parameterSet } from "@plimsoll/schema";
import { line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { diffParameters, goneRows } from "./diff.ts";
import { mergeParameters } from "./merge.ts";

/**
 * Reads a parameter set from a JSON file; the shipped set when no file is named. A file that is a whole set, as it is stored, is that
 * set. Any other names only what it changes: the rest is as in the shipped set, and that is said on standard error, with the rows that a
 * list no longer has; one that changes nothing is the shipped set. Throws a
 * `CommandError` that names each problem.
 */
export function readParameters(path: string | undefined, terminal: Pick<Terminal, "err">): ParameterSet {
  if (path === undefined) return defaultParameters;
  const given = parseJson(path, readText(path));
  checkKind(path, given, "parameters");
  if (parameterSet.safeParse(given).success) return decodeParameters(given);
  const merged = mergeParameters(encodeParameters(defaultParameters), given);
  parseFile(parameterSet, path, merged);
  const { parametersVersion, ...content } = decodeParameters(merged);
  const isNamed = typeof given === "object" && given !== null && "parameters_version" in given;
  const named = isNamed ? { parametersVersion, ...content } : nameParameters("changed", content);
  const differences = diffParameters(defaultParameters, named);
  const start = `the shipped set ${defaultParameters.parametersVersion}`;
  if (differences.length === 0) {
    const set = isNamed ? named : defaultParameters;
    terminal.err(line`${path} changes nothing of ${start}: its set is ${set.parametersVersion}`);
    return set;
  }
  const figures = differences.length === 1 ? "figure" : "figures";
  terminal.err(line`${path} changes ${differences.length} ${figures} of ${start}, as ${named.parametersVersion}`);
  tellGone(merged, differences, terminal);
  return named;
}

/** Says what a changed set no longer has, and what keeps it. */
function tellGone(
  merged: unknown,
  differences: ReturnType<typeof diffParameters>,
  terminal: Pick<Terminal, "err">,
): void {
  const goneLists = goneRows(encodeParameters(defaultParameters), merged);
  const gone = differences.filter(({ after }) => after === null).map(({ path: figure }) => figure);
  if (goneLists.length === 0 && gone.length > 0) {
    terminal.err(
      line`${gone.length} of them are gone, such as ${gone[0] ?? ""}: a list has the rows that the file names`,
    );
  }
  for (const { list, rows } of goneLists) {
    const names = rows.flatMap((row) => Object.values(row));
    const [subject, pronoun] = names.length === 1 ? ["row", "it"] : ["rows", "them"];
    const without = `The ${subject} ${joined(names)} of ${list} ${names.length === 1 ? "is" : "are"} gone`;
    const remedy = `to keep ${pronoun} add ${rows.map((row) => JSON.stringify(row)).join(", ")}`;
    terminal.err(line`${without}, because a list keeps only the rows that the file names: ${remedy}`);
  }
}

/** Names as a sentence has them: `BTC`, `BTC and ETH`, `BTC, ETH and *`. */
function joined(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" and ");
}
