import { readFileSync } from "node:fs";
import { importMarket, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters, type MethodId, methodIds } from "@plimsoll/risk";
import { portfolioFile, toNumber } from "@plimsoll/schema";
import { type CompareReport, reportComparison } from "../../packages/cli/src/compare/compare-report.ts";
import { fixturePath } from "./fixtures.ts";

/** The typical portfolios, in the order of the pages. */
export const typicalNames = [
  "naked-short-call",
  "covered-call",
  "iron-condor",
  "calendar",
  "box",
  "perpetual-basis",
  "long-straddle",
  "ratio-spread",
  "dispersion",
  "coin-collateralised-short-put",
] as const;
export type TypicalName = (typeof typicalNames)[number];

export function typicalPath(name: TypicalName): URL {
  return new URL(`../../packages/cli/examples/typical/${name}.json`, import.meta.url);
}

/** Compares each typical portfolio on the recorded chain of 5 February 2026, 15:51 UTC. */
export async function compareTypical(): Promise<ReadonlyMap<TypicalName, CompareReport>> {
  const market = await importMarket(fixturePath("data/options/deribit_chain_20260205T155132Z.csv.gz"));
  const snapshot = snapshotOfBatch(market.batch);
  return new Map(
    typicalNames.map((name) => {
      const portfolio = portfolioFile.parse(JSON.parse(readFileSync(typicalPath(name), "utf8")));
      const report = reportComparison({ portfolio, snapshot, source: "recorded", parameters: defaultParameters });
      return [name, report];
    }),
  );
}

/** Returns the initial margin of a portfolio by a method, or null if the method does not margin it. */
export function initialBy(report: CompareReport, methodId: MethodId): number | null {
  const method = report.methods.find(({ method_id }) => method_id === methodId);
  return method?.status === "margined" ? toNumber(method.initial_margin) : null;
}

/** Returns a Markdown table of the initial margin of every portfolio under every method, in thousands of US dollars. */
export function typicalTable(reports: ReadonlyMap<TypicalName, CompareReport>): string {
  const columns = typicalNames.map((name) => name.replaceAll("-", " "));
  const rows = methodIds.map((methodId) => [
    `\`${methodId}\``,
    ...typicalNames.map((name) => {
      const report = reports.get(name);
      const initial = report === undefined ? null : initialBy(report, methodId);
      return initial === null ? "–" : (initial / 1000).toFixed(1);
    }),
  ]);
  const align = ["---", ...columns.map(() => "---:")];
  return [["method", ...columns], align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
