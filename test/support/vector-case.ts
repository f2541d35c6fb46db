import { parseCase, runCase, type VectorCaseReport } from "@plimsoll/conformance";
import { readFixtureJson } from "./fixtures.ts";

/** A case file as JSON, free to be changed. */
export interface CaseJson {
  name: string;
  inputs: Record<string, unknown>;
  params: Record<string, unknown>;
  expected: Record<string, unknown>;
  tolerance: Record<string, unknown>;
}

/** One case file of test/fixtures/vectors, parsed anew for each caller. */
export function fixtureCase(name: string): CaseJson {
  return structuredClone(readFixtureJson(`vectors/${name}.json`)) as CaseJson;
}

/** Runs a case through the production families. */
export function runCaseJson(json: CaseJson): VectorCaseReport {
  return runCase(parseCase(`${json.name}.json`, json));
}

/** Figures that did not pass, for a message that says what is wrong. */
export function notPassed(report: VectorCaseReport): string[] {
  const figures = report.figures
    .filter(({ status }) => status !== "pass")
    .map(
      ({ figure, expected, computed, reason }) =>
        `${figure}: expected ${expected}, computed ${computed} ${reason ?? ""}`,
    );
  return report.status === "pass" ? figures : [`${report.status} ${report.reason ?? ""}`.trim(), ...figures];
}

/** The computed figures of a case with other inputs, by JSON path: what a variant of a published case gives. */
export function computedFigures(json: CaseJson): Record<string, unknown> {
  const report = runCaseJson(json);
  if (report.figures.length === 0) throw new Error(`${json.name}: ${report.reason}`);
  return Object.fromEntries(report.figures.map(({ figure, computed }) => [figure, computed]));
}
