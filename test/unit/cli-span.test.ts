import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMarginEngine, defaultParameters } from "@plimsoll/risk";
import { afterAll, describe, expect, it } from "vitest";
import { loadMarket } from "../../packages/cli/src/import/load-market.ts";
import { snapshotOfBatch } from "../../packages/cli/src/margin/snapshot-of-batch.ts";
import { spanReport } from "../../packages/cli/src/span-file/span-report.ts";
import { runPlimsoll } from "../support/cli.ts";
import { accountWith } from "../support/market.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-span-command-"));
afterAll(() => rmSync(folder, { recursive: true }));
const own = join(folder, "own.spn");
const plimsoll = (...words: string[]) => runPlimsoll(folder, words);

function positionsFile(positions: readonly { contract_id: string; quantity: unknown }[]): string {
  const path = join(folder, "positions.json");
  writeFileSync(path, JSON.stringify({ positions }));
  return path;
}

describe("plimsoll span", () => {
  it("writes our own arrays as a file on which positions have the margin of the method span", async () => {
    const written = await plimsoll("span", "write", own, "--market", "sample");
    expect(written).toMatchObject({ code: 0, err: "" });
    expect(written.out).toMatch(/^\d+ contracts in 2 combined commodities\n$/);

    const snapshot = snapshotOfBatch((await loadMarket("sample")).batch);
    const held = snapshot.instruments
      .filter(({ instrument }) => instrument.underlying === "BTC" && instrument.kind !== "perpetual")
      .filter((_, index) => index % 40 === 0)
      .map((quoted, index) => ({ quoted, quantity: (index % 2 === 0 ? -1 : 1) * (1 + (index % 3)) }));
    const path = positionsFile(
      held.map(({ quoted, quantity }) => ({ contract_id: quoted.instrument.instrumentId, quantity })),
    );
    const run = await plimsoll("span", "margin", own, path, "--json");
    expect(run).toMatchObject({ code: 0, err: "" });
    const [btc, ...others] = spanReport.parse(JSON.parse(run.out)).commodities;
    expect(others).toEqual([]);

    const account = accountWith({
      poolCurrency: "BTC",
      methodId: "span",
      collateral: [{ asset: "BTC", amount: 100 }],
      positions: held.map(({ quoted, quantity }) => ({
        instrumentId: quoted.instrument.instrumentId,
        quantity,
        entryPrice: quoted.markPrice,
      })),
    });
    const result = createMarginEngine(snapshot, defaultParameters).margin(account);
    if (result.status !== "margined" || btc === undefined) throw new Error("not margined");
    // The engine counts option value in the balance, a file's total in the requirement; sums in another order.
    const ofFile = btc.total_initial + btc.net_option_value;
    expect(result.initialMargin / ofFile).toBeCloseTo(1, 12);
  });

  it("prints what each combined commodity asks, and refuses by name what the file lacks", async () => {
    await plimsoll("span", "write", own, "--market", "sample");
    const { out } = await plimsoll(
      "span",
      "margin",
      own,
      positionsFile([{ contract_id: "BTC-PERPETUAL", quantity: -1000 }]),
    );
    expect(out).toContain("Risk parameters of PLIMSOLL, 20260302");
    expect(out).toMatch(/Initial margin 0\.\d{8} BTC, maintenance 0\.\d{8} BTC/);
    const unknown = await plimsoll("span", "margin", own, positionsFile([{ contract_id: "XYZ", quantity: 1 }]));
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.err).toContain("has no contract XYZ");
    const bad = await plimsoll("span", "margin", own, positionsFile([{ contract_id: "XYZ", quantity: "many" }]));
    expect(bad.err).toContain("$.positions[0].quantity");
  });
});
