import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importMarketFile, snapshotOfBatch } from "@plimsoll/markets";
import { defaultParameters } from "@plimsoll/risk";
import { decodeSnapshot, encodeSnapshot, portfolioFile } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { type MarginQuestion, reportMargin } from "../../packages/cli/src/margin/margin-report.ts";

const examples = join(import.meta.dirname, "../../packages/cli/examples/perpetuals");
const marketPath = join(examples, "market.json");
const market = JSON.parse(readFileSync(marketPath, "utf8"));
const portfolio = portfolioFile.parse(JSON.parse(readFileSync(join(examples, "portfolio.json"), "utf8")));

const root = mkdtempSync(join(tmpdir(), "plimsoll-quotes-"));
afterAll(() => rmSync(root, { recursive: true }));

function fileOf(value: unknown): string {
  const path = join(root, `market-${Math.trunc(performance.now() * 1000)}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

function reportBy(methods: MarginQuestion["methods"]) {
  const snapshot = snapshotOfBatch(importMarketFile(marketPath).batch);
  return reportMargin({ portfolio, methods, snapshot, source: "example", parameters: defaultParameters });
}

describe("a market file of quotes as posted", () => {
  it("carries perpetual options, power perpetuals, funding and settlement averages into the snapshot and back", () => {
    const { batch, rejects } = importMarketFile(marketPath);
    expect(rejects.list).toEqual([]);
    const snapshot = snapshotOfBatch(batch);
    expect(decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(snapshot))))).toEqual(snapshot);
    const byKind = new Map(snapshot.instruments.map((quoted) => [quoted.instrument.kind, quoted]));
    expect(byKind.get("perpetual")?.funding).toEqual({ hourlyRate: 0.0000125, cumulative: 1523.4 });
    expect(byKind.get("power_perpetual")?.instrument).toMatchObject({ power: 2, fundingPeriodDays: 1 });
    expect(byKind.get("option")?.instrument).toMatchObject({ settlementWindowMinutes: 30 });
    expect(snapshot.settlementAverages).toEqual([
      { underlying: "BTC", expiryMs: Date.UTC(2026, 1, 6, 8), averagePrice: 67_900 },
    ]);
    const { settlementAverages: _, ...without } = snapshot;
    expect(encodeSnapshot(without).settlement_averages).toBeUndefined();
  });

  it("margins the shipped portfolio: funding, borrowing and the mark of each kind", () => {
    const [margined, inPart] = reportBy(["portfolio", "derive_srm"]).methods;
    if (margined?.status !== "margined") throw new Error("the example is margined");
    // 40,000 held, 0.25 x 68,000 owed, the perpetual's 1.5 x (510 - 12.5 of funding), the option's
    // 155.99 on the average so far, whatever its mark of 150 says.
    expect(margined.equity).toBe("23602.24");
    expect(margined.components.map(({ name }) => name)).toContain("expected_funding");
    expect(margined.ladder.some(({ severity, price }) => severity === "LIQUIDATION" && price !== null)).toBe(true);
    expect(inPart).toMatchObject({
      status: "margined",
      incomplete: { reasons: expect.arrayContaining([expect.objectContaining({ code: "unsupported_instrument" })]) },
    });
  });

  it("refuses a bad quote alone and says where", () => {
    const [index, , perpetual, option, ...rest] = market.quotes;
    const path = fileOf({
      ...market,
      quotes: [
        index,
        perpetual,
        perpetual,
        { ...option, funding_period_days: -5 },
        { ...option, instrument_id: "NO-VOLATILITY", mark_volatility: null },
        { ...rest[1], power: 7 },
        { ...rest[2], expiry: "2026-02-06T07:00:00Z" },
      ],
    });
    const { batch, rejects } = importMarketFile(path);
    expect(batch.quotes.map(({ kind }) => kind)).toEqual(["index", "perpetual"]);
    expect(rejects.list.map(({ path, problem }) => `${path} ${problem.split(":")[0]}`)).toEqual([
      "$.quotes[2] each instrument, index, average and token once",
      "$.quotes[3] funding_period_days",
      "$.quotes[4] mark_volatility",
      "$.quotes[5] power",
      "$.quotes[6] expiry",
    ]);
  });

  it("is refused as a whole when nothing can be used", () => {
    expect(() => importMarketFile(fileOf({ quotes: [] }))).toThrow("is no batch of quotes");
    expect(() => importMarketFile(fileOf({ ...market, quotes: [{ kind: "spot" }] }))).toThrow(
      "none of its quotes can be used",
    );
  });
});
