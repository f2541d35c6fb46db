import { readFileSync } from "node:fs";
import { importMarket, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters, methodIds } from "@plimsoll/risk";
import { portfolioFile } from "@plimsoll/schema";
import { type MarginReport, reportMargin } from "../../packages/cli/src/margin/margin-report.ts";
import { fixturePath } from "./fixtures.ts";

/**
 * Returns what `plimsoll margin` reports under every method. The portfolio and its market are in a folder of
 * test/fixtures/cases.
 */
export async function caseReport(folder: string, portfolio: string, market = "market"): Promise<MarginReport> {
  const pathOf = (name: string) => fixturePath(`cases/${folder}/${name}.json`);
  const { batch } = await importMarket(pathOf(market));
  return reportMargin({
    portfolio: portfolioFile.parse(JSON.parse(readFileSync(pathOf(portfolio), "utf8"))),
    methods: methodIds,
    snapshot: snapshotOfBatch(batch),
    source: market,
    parameters: defaultParameters,
  });
}
