import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "@plimsoll/files";
import { errorText } from "@plimsoll/schema";
import { NotApplicable, parseCase, type VectorCase, type VectorFamily, VectorInputError } from "./case-file.ts";
import { compareFigures } from "./compare.ts";
import { families } from "./families/index.ts";
import { checkGrid, isGrid } from "./grids/index.ts";
import { type GridReport, statusOf, type VectorCaseReport, type VectorReport } from "./report.ts";

/** The sub-folder of a directory of cases that holds tables of reference numbers. */
const gridFolder = "grids";

/**
 * Runs every case file and table of a directory, and of its folder `grids`, through the production code. A file that
 * cannot be read, or a case that cannot be computed, fails with its reason and does not stop the rest. A case that no
 * family knows is not applicable. Throws an `InputError` if the directory has no JSON file.
 */
export async function runVectors(directory: string): Promise<VectorReport> {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new InputError(`${directory} is no directory; give one with case files`, { mistakeIn: "request" });
  }
  const cases: VectorCaseReport[] = [];
  const grids: GridReport[] = [];
  const files = [...(await jsonFiles(directory)), ...(await jsonFiles(directory, gridFolder))];
  if (files.length === 0) {
    throw new InputError(`${directory} holds no .json file; give a directory with case files`, {
      mistakeIn: "request",
    });
  }
  for (const file of files) {
    try {
      const json = await readJson(directory, file);
      if (isGrid(json)) grids.push(checkGrid(file, json));
      else cases.push(runCase(parseCase(file, json)));
    } catch (error) {
      cases.push({ file, name: file, family: null, status: "fail", reason: errorText(error), figures: [] });
    }
  }
  return { cases, grids };
}

/** Runs one case through the first family that knows it. */
export function runCase(caseFile: VectorCase, known: readonly VectorFamily[] = families): VectorCaseReport {
  const { file, name } = caseFile;
  const family = known.find((candidate) => candidate.handles(caseFile));
  if (family === undefined) {
    const keys = Object.keys(caseFile.inputs).join(", ");
    const reason = `no family knows a case with the inputs ${keys}`;
    return { file, name, family: null, status: "not_applicable", reason, figures: [] };
  }
  const base = { file, name, family: family.family };
  try {
    const computed = family.evaluate(caseFile);
    if (computed instanceof NotApplicable) {
      return { ...base, status: "not_applicable", reason: computed.reason, figures: [] };
    }
    const figures = compareFigures(caseFile, computed);
    if (figures.length === 0) return { ...base, status: "fail", reason: `${file}: expected holds no figure`, figures };
    return { ...base, status: statusOf(figures), figures };
  } catch (error) {
    const expected = error instanceof VectorInputError;
    return { ...base, status: "fail", reason: expected ? error.message : `${file}: ${errorText(error)}`, figures: [] };
  }
}

async function jsonFiles(directory: string, folder = ""): Promise<string[]> {
  const path = join(directory, folder);
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function readJson(directory: string, file: string): Promise<unknown> {
  const text = await readFile(join(directory, file), "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new VectorInputError(file, [`the file is not JSON: ${errorText(error)}`]);
  }
}
