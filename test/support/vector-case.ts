import { parseCase, runCase, type VectorCaseReport } from "@plimsoll/conformance";
import { readFixtureJson } from "./fixtures.ts";

/** A case file as JSON, which a test may change. */
export interface CaseJson {
  name: string;
  inputs: Record<string, unknown>;
  params: Record<string, unknown>;
  expected: Record<string, unknown>;
  tolerance: Record<string, unknown>;
}

/** Returns one case file of test/fixtures/vectors, parsed anew for each caller. */
export function fixtureCase(name: string): CaseJson {
  return structuredClone(readFixtureJson(`vectors/${name}.json`)) as CaseJson;
}

/** Runs a case through the production families. */
export function runCaseJson(json: CaseJson): VectorCaseReport {
  return runCase(parseCase(`${json.name}.json`, json));
}

/** Returns a line for each figure that did not pass, for a message that says what is wrong. */
export function notPassed(report: VectorCaseReport): string[] {
  const figures = report.figures
    .filter(({ status }) => status !== "pass")
    .map(
      ({ figure, expected, computed, reason }) =>
        `${figure}: expected ${expected}, computed ${computed} ${reason ?? ""}`,
    );
  return report.status === "pass" ? figures : [`${report.status} ${report.reason ?? ""}`.trim(), ...figures];
}

/** Returns the computed figures of a case by JSON path. It serves variants of a published case with other inputs. */
export function computedFigures(json: CaseJson): Record<string, unknown> {
  const report = runCaseJson(json);
  if (report.figures.length === 0) throw new Error(`${json.name}: ${report.reason}`);
  return Object.fromEntries(report.figures.map(({ figure, computed }) => [figure, computed]));
}
