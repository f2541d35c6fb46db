import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importMarketFile, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import { portfolioFile } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { reportMargin } from "../../packages/cli/src/margin/margin-report.ts";
import { marginText } from "../../packages/cli/src/margin/margin-text.ts";
import { plainPaint } from "../../packages/cli/src/output/terminal.ts";

const examples = join(import.meta.dirname, "../../packages/cli/examples/collateral");
const { batch, rejects } = importMarketFile(join(examples, "market.json"));
const portfolio = portfolioFile.parse(JSON.parse(readFileSync(join(examples, "portfolio.json"), "utf8")));

function report(quotes = batch.quotes) {
  const snapshot = snapshotOfBatch({ ...batch, quotes });
  return reportMargin({
    portfolio,
    methods: ["portfolio"],
    snapshot,
    source: "example",
    parameters: defaultParameters,
  });
}

describe("the shipped example of collateral", () => {
  it("is read without a reject, tokens and all", () => {
    expect(rejects.list).toEqual([]);
    expect(snapshotOfBatch(batch).tokens?.map(({ asset }) => asset)).toEqual(["ETHUSDCLP", "WSTETH"]);
  });

  it("has a row for each balance, in JSON with both haircuts, both counted values and the reasons", () => {
    const { collateral } = report();
    expect(collateral.map(({ asset }) => asset)).toEqual(["ETHUSDCLP", "SOL", "USD", "USDC", "WSTETH"]);
    // min(2,430, 1.2254 x 2,000) x 20, less 20 % and 25 %.
    expect(collateral[4]).toEqual({
      asset: "WSTETH",
      amount: "20",
      price_usd: "2430",
      quality: "good",
      initial_haircut: "0.250000",
      maintenance_haircut: "0.200000",
      counted_initial: "36450.00",
      counted_maintenance: "38880.00",
      reasons: ["market_price", "band"],
    });
    expect(collateral[3]?.reasons).toContain("depeg");
    expect(collateral[1]?.reasons).toContain("wrong_way");
  });

  it("has them in the text as well, and the balance for initial margin beside the other", () => {
    const text = marginText(report(), plainPaint);
    expect(text).toMatch(/Collateral +amount +price \$ +haircut +counts \(USD\) +for initial +because/);
    expect(text).toMatch(/WSTETH +20 +2,430 +20 \/ 25 % +38,880\.00 +36,450\.00 {2}market price, haircut by size/);
    expect(text).toMatch(/Margin balance +[\d,.]+ {2}USD\n +for initial margin +[\d,.]+ {2}USD/);
  });

  it("counts for nothing, by name, without the redemption rate", () => {
    const { methods, collateral } = report(batch.quotes.filter(({ kind }) => kind !== "redemption_rate"));
    expect(methods[0]).toMatchObject({
      status: "margined",
      incomplete: { reasons: [{ code: "token_state_unusable", field: "collateral[2].asset" }] },
    });
    expect(collateral.find(({ asset }) => asset === "WSTETH")).toMatchObject({
      counted_maintenance: "0.00",
      reasons: ["not_priced"],
    });
  });
});
