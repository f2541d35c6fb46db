import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { decodeParameters, parameterSet } from "@plimsoll/schema";
import { CommandError } from "../errors.ts";
import { parseJson } from "./market-file.ts";
import { readText } from "./read-text.ts";
import { addIssues } from "./refusals.ts";
import { describeReject, Rejects } from "./rejects.ts";

/** Reads a parameter set from a JSON file; the shipped defaults when no file is named. */
export function readParameters(path: string | undefined): ParameterSet {
  if (path === undefined) return defaultParameters;
  const value = parseJson(path, readText(path));
  const parsed = parameterSet.safeParse(value);
  if (parsed.success) return decodeParameters(value);
  const rejects = new Rejects(path);
  addIssues(rejects, parsed.error, value);
  throw new CommandError(rejects.list.map(describeReject));
}
