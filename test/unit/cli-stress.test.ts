import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stressReport } from "../../packages/cli/src/stress/stress-report.ts";
import { runPlimsoll } from "../support/cli.ts";

const examplePath = join(import.meta.dirname, "../../packages/cli/examples/portfolio.json");
const directory = mkdtempSync(join(tmpdir(), "plimsoll-stress-"));
afterAll(() => rmSync(directory, { recursive: true }));

const plimsoll = (...words: string[]) => runPlimsoll(directory, ["stress", ...words]);

describe("plimsoll stress", () => {
  it("prints every named stress, the worst first", async () => {
    const { code, out } = await plimsoll(examplePath, "--market", "sample");
    expect(code).toBe(0);
    for (const words of ["2020-03-12, Black Thursday: 24 h", "USDC at 0.80", "correlation to one", "beyond margin"]) {
      expect(out).toContain(words);
    }
  });

  it("prints JSON that is what the contract says, in the same order", async () => {
    const { code, out } = await plimsoll(examplePath, "--market", "sample", "--json");
    expect(code).toBe(0);
    const report = stressReport.parse(JSON.parse(out));
    const losses = report.scenarios.map(({ loss }) => Number(loss));
    expect(losses).toEqual([...losses].sort((left, right) => right - left));
    for (const { loss, loss_beyond_margin, equity_after } of report.scenarios) {
      // Cents: each figure is rounded against the account by itself.
      expect(Number(equity_after)).toBeCloseTo(Number(report.equity) - Number(loss), 1);
      const beyond = Math.max(0, Number(loss) - Number(report.initial_margin));
      expect(Math.abs(Number(loss_beyond_margin) - beyond)).toBeLessThan(0.02);
    }
    const ids = report.scenarios.map(({ scenario_id }) => scenario_id);
    for (const date of ["2020-03-12", "2021-05-19", "2023-03-11", "2025-10-10", "2026-02-05"]) {
      expect(ids).toContain(`${date}:day`);
      expect(ids).toContain(`${date}:hour`);
    }
  });

  it("refuses a portfolio that cannot be margined, and says what to do", async () => {
    const path = join(directory, "portfolio.json");
    writeFileSync(path, JSON.stringify({ positions: [{ instrument_id: "GONE", quantity: "1" }] }));
    const { code, err } = await plimsoll(path, "--market", "sample");
    expect(code).toBe(1);
    expect(err).toMatch(/not margined by portfolio: .*GONE/);
  });

  it("names a market that cannot be read", async () => {
    const { code, err } = await plimsoll(examplePath, "--market", join(directory, "none.csv"));
    expect(code).toBe(1);
    expect(err).toContain("check the path");
  });
});
