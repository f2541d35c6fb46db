import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { decodeParameters, encodeParameters, nameParameters, parameterSet } from "@plimsoll/schema";
import { line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { diffParameters } from "../parameters/diff.ts";
import { mergeParameters } from "../parameters/merge.ts";
import { checkKind } from "./file-kind.ts";
import { parseJson } from "./market-file.ts";
import { readText } from "./read-text.ts";
import { parseFile } from "./refusals.ts";

/**
 * Reads a parameter set from a JSON file; the shipped set when no file is named. A file that is a whole set, as it is stored, is that
 * set. Any other names only what it changes: the rest is as in the shipped set, and that is said on standard error. Throws a
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
  const set = isNamed ? { parametersVersion, ...content } : nameParameters("changed", content);
  const differences = diffParameters(defaultParameters, set);
  const gone = differences.filter(({ after }) => after === null).map(({ path: figure }) => figure);
  const start = `the shipped set ${defaultParameters.parametersVersion}`;
  terminal.err(line`${path} changes ${differences.length} figures of ${start}, as ${set.parametersVersion}`);
  if (gone.length > 0) {
    terminal.err(
      line`${gone.length} of them are gone, such as ${gone[0] ?? ""}: a list has the rows that the file names`,
    );
  }
  return set;
}
