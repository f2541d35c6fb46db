import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultParameters } from "@plimsoll/risk";
import { decodeParameters, jointScenarioSet } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-scenarios-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...words: string[]) => runPlimsoll(folder, ["scenarios", ...words]);

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const days = Array.from({ length: 400 }, (_, index) =>
  new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10),
);
const btc = file("btc.csv", ["date,close", ...days.map((day, index) => `${day},${50_000 + 100 * (index % 7)}`)]);
const eth = file("eth.csv", [
  "open_time_utc,open,close",
  ...days.flatMap((day, index) => (index === 200 ? [] : [`${day}T00:00:00Z,1,${2_000 + 10 * (index % 5)}`])),
]);

describe("plimsoll scenarios", () => {
  it("prints a set that the parameters take, and what was skipped", async () => {
    const { code, out } = await run(`BTC=${btc}`, `ETH=${eth}`, "--set-id", "daily-1", "--json");
    expect(code).toBe(0);
    const { set, notes } = JSON.parse(out);
    expect(jointScenarioSet.parse(set).scenario_ids).toHaveLength(397);
    expect(set.scenario_ids[0]).toBe("2024-01-02");
    expect(set.underlyings[0].log_returns[0]).toBeCloseTo(Math.log(50_100 / 50_000), 14);
    expect(notes).toEqual([expect.objectContaining({ code: "gap_skipped", symbol: "ETH", count: 2 })]);
  });

  it("writes a parameter set whose method var is measured on it", async () => {
    const path = join(folder, "parameters.json");
    const { code, out } = await run(`BTC=${btc}`, "--set-id", "daily-1", "--from", "2024-03-01", "--write", path);
    expect(code).toBe(0);
    expect(out).toContain("daily-1: 339 scenarios of 24 h, every 24 h, 2024-03-02 to 2025-02-03");
    const parameters = decodeParameters(JSON.parse(readFileSync(path, "utf8")));
    expect(parameters.methods.var.historySetId).toBe("daily-1");
    expect(parameters.scenarioSets.map(({ setId }) => setId)).toEqual(["daily-1"]);
    expect(parameters.parametersVersion).toMatch(new RegExp(`^${defaultParameters.parametersVersion}-[0-9a-f]{12}$`));
  });

  it("refuses what it cannot read, by name, and keeps rows that cannot be read apart", async () => {
    const none = await run("btc.csv", "--set-id", "x");
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('prices "btc.csv" is none; write BTC=btc.csv')]);
    const column = await run(`BTC=${file("open.csv", ["date,open", "2024-01-01,1"])}`, "--set-id", "x");
    expect(column.err).toContain("no column of value; one of close, price_usd");
    const short = await run(`BTC=${file("short.csv", ["date,close", "2024-01-01,1"])}`, "--set-id", "x");
    expect(short.err).toContain("No scenario of 24 h is complete");
    const hours = await run(`BTC=${btc}`, "--set-id", "x", "--horizon", "0");
    expect(hours.err).toContain('--horizon "0" is none');
    const odd = await run(
      `BTC=${file("odd.csv", ["date,close", "2024-01-01,1", "2024-01-02,x", "2024-01-03,2", "2024-01-04,2"])}`,
      "--set-id",
      "x",
    );
    expect(odd.code).toBe(0);
    expect(odd.err).toContain("a time as date and a number as close");
  });
});
