import { checkKind, parseFile, parseJson, readText } from "@plimsoll/files";
import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import {
  decodeParameters,
  encodeParameters,
  fromWire,
  mergeParameters,
  nameParameters,
  parameterSet,
  type UnnamedRows,
} from "@plimsoll/schema";
import { line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { diffParameters, goneRows } from "./diff.ts";

/** The set that a file changes, what it is called, and what becomes of the rows that the file does not name. */
export interface ChangedSet {
  readonly set: ParameterSet;
  readonly called: string;
  readonly unnamedRows: UnnamedRows;
}

export const shipped: ChangedSet = { set: defaultParameters, called: "the shipped set", unnamedRows: "gone" };

/**
 * Reads a parameter set from a JSON file, or returns the shipped set if no file is named. A file that is a whole set,
 * as it is stored, is that set. Any other file names only what it changes of the shipped set, or of another one if it
 * is given. It is then printed on standard error how much changes, and which rows a list no longer has. The version ends in the hash of what the set
 * holds, whatever the file states; see `nameSet`. Only a set that equals the shipped one has the shipped version.
 * Throws an `InputError` that names each problem.
 */
export function readParameters(
  path: string | undefined,
  terminal: Pick<Terminal, "err">,
  { set: base, called, unnamedRows }: ChangedSet = shipped,
): ParameterSet {
  if (path === undefined) return base;
  const given = parseJson(path, readText(path));
  checkKind(path, given, "parameters");
  const stated = statedVersion(given);
  if (parameterSet.safeParse(given).success) {
    const named = nameSet(decodeParameters(given), stated, given);
    tellOtherVersion(path, stated, named, terminal);
    return named;
  }
  const merged = mergeParameters(encodeParameters(base), given, unnamedRows);
  parseFile(parameterSet, path, merged);
  const named = nameSet(decodeParameters(merged), stated, merged);
  const differences = diffParameters(base, named);
  const start = `${called} ${base.parametersVersion}`;
  if (differences.length === 0) {
    const set = stated === undefined ? base : named;
    terminal.err(line`${path} changes nothing of ${start}: its set is ${set.parametersVersion}`);
    return set;
  }
  tellOtherVersion(path, stated, named, terminal);
  const figures = differences.length === 1 ? "figure" : "figures";
  terminal.err(line`${path} changes ${differences.length} ${figures} of ${start}, as ${named.parametersVersion}`);
  tellGone(base, merged, differences, terminal);
  return named;
}

function statedVersion(given: unknown): string | undefined {
  if (typeof given !== "object" || given === null || !("parameters_version" in given)) return undefined;
  return typeof given.parameters_version === "string" ? given.parameters_version : undefined;
}

const versionDigits = /-([0-9a-f]{12})$/;

/** The letters of a stated name that leave room for the hash, as a version has at most 64 characters. */
const longestName = 51;

/**
 * Returns a set under the version that its content gives it. A stated version that ends in the hash of the content
 * stays, and so does the shipped version on the shipped content. A stated name without a hash gets it, and is cut where
 * that makes it too long. Any other version, such as that of a file changed under an old one, becomes `changed-` and
 * the hash. `wire` is the file's own content, which may lack fields that did not exist when it was stored.
 */
function nameSet(set: ParameterSet, stated: string | undefined, wire: unknown): ParameterSet {
  const { parametersVersion: _, ...content } = set;
  const digits = stated?.match(versionDigits)?.[1];
  if (digits !== undefined && [set, fromWire(wire)].some((read) => versionOf(read) === digits)) return set;
  if (stated === defaultParameters.parametersVersion) {
    if (diffParameters(defaultParameters, set).length === 0) return set;
    return nameParameters("changed", content);
  }
  const name = stated === undefined || digits !== undefined ? "changed" : stated.slice(0, longestName);
  return nameParameters(name, content);
}

/** Returns the digits of the hash of what a set holds, as its version ends in them. */
function versionOf(set: unknown): string | undefined {
  const { parametersVersion: _, ...content } = set as ParameterSet;
  return nameParameters("set", content).parametersVersion.match(versionDigits)?.[1];
}

/** Prints that a file states the version of another content. */
function tellOtherVersion(
  path: string,
  stated: string | undefined,
  { parametersVersion }: ParameterSet,
  terminal: Pick<Terminal, "err">,
): void {
  if (stated === undefined || parametersVersion.startsWith(stated)) return;
  terminal.err(
    line`${path} states the version ${stated}, which is not of what it holds: its set is ${parametersVersion}`,
  );
}

/** Prints what a changed set no longer has, and how to keep it. */
function tellGone(
  base: ParameterSet,
  merged: unknown,
  differences: ReturnType<typeof diffParameters>,
  terminal: Pick<Terminal, "err">,
): void {
  const goneLists = goneRows(encodeParameters(base), merged);
  const gone = differences
    .filter(({ before, after }) => before !== null && after === null)
    .map(({ path: figure }) => figure);
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

/** Joins names as a sentence does: `BTC`, `BTC and ETH`, `BTC, ETH and *`. */
function joined(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" and ");
}
