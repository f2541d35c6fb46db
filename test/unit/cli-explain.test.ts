import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type ExplainReport, explainReport } from "../../packages/cli/src/explain/explain-report.ts";
import { marginReport } from "../../packages/cli/src/margin/margin-report.ts";
import { runPlimsoll } from "../support/cli.ts";
import { fixturePath } from "../support/fixtures.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-explain-"));
afterAll(() => rmSync(root, { recursive: true }));

const chainOn = (time: string) => fixturePath(`data/options/deribit_chain_${time}Z.csv.gz`);
const before = chainOn("20260204T155401");
const after = chainOn("20260205T212937");

const plimsoll = (...words: string[]) => runPlimsoll(root, words);

let files = 0;
function fileOf(value: unknown): string {
  files += 1;
  const path = join(root, `${files}.json`);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

/** A put spread and a short ETH put, in a fall of BTC from 75,000 to 64,000. */
function spread(cash: string, shortPuts = "-2") {
  return {
    account_id: "spread",
    collateral: [{ asset: "USD", amount: cash }],
    positions: [
      { instrument_id: "BTC-27MAR26-70000-P", quantity: shortPuts, entry_price: "0.05" },
      { instrument_id: "BTC-27MAR26-60000-P", quantity: "2", entry_price: "0.02" },
      { instrument_id: "ETH-27MAR26-2000-P", quantity: "-10", entry_price: "0.06" },
    ],
  };
}

async function explained(...words: string[]): Promise<ExplainReport> {
  const run = await plimsoll("explain", ...words, "--json");
  expect(run).toMatchObject({ code: 0, err: "" });
  return explainReport.parse(JSON.parse(run.out));
}

describe("plimsoll explain", () => {
  it("says why an account is called, and cures that margin verifies as they are printed", async () => {
    const called = spread("19600");
    const report = await explained(fileOf(called), "--market", after);
    expect(report.severity).toBe("MARGIN_CALL");
    expect(report.levels.map(({ severity, is_reached }) => [severity, is_reached])).toEqual([
      ["WARNING", true],
      ["MARGIN_CALL", true],
      ["REDUCE_ONLY", false],
      ["LIQUIDATION", false],
    ]);
    const [deposit, reduction] = report.cures.list;
    if (deposit?.kind !== "deposit" || reduction?.kind !== "reduction") throw new Error("a deposit and a reduction");

    const ratioOf = async (portfolio: unknown) => {
      const run = await plimsoll("margin", fileOf(portfolio), "--market", after, "--json");
      const [method] = marginReport.parse(JSON.parse(run.out)).methods;
      if (method?.status !== "margined") throw new Error("not margined");
      return { severity: method.severity, ratio: method.margin_ratio };
    };
    const topped = { ...called, collateral: [...called.collateral, { asset: deposit.asset, amount: deposit.amount }] };
    expect(await ratioOf(topped)).toEqual({ severity: "NORMAL", ratio: deposit.margin_ratio });
    const half = { asset: deposit.asset, amount: (Number(deposit.amount) / 2).toFixed(2) };
    expect((await ratioOf({ ...called, collateral: [...called.collateral, half] })).severity).not.toBe("NORMAL");

    // Bought back at its mark, for coins that are then owed.
    const mark = report.inputs.snapshot.instruments.find(
      ({ instrument }) => instrument.instrument_id === reduction.instrument_id,
    )?.mark_price;
    if (mark === undefined) throw new Error("no mark");
    const coin = reduction.instrument_id.slice(0, 3);
    const closed = {
      ...called,
      collateral: [
        ...called.collateral,
        { asset: coin, amount: (-Number(reduction.quantity) * mark).toFixed(18).replace(/0+$/, "") },
      ],
      positions: called.positions.map((position) =>
        position.instrument_id === reduction.instrument_id
          ? { ...position, quantity: (Number(position.quantity) + Number(reduction.quantity)).toFixed(8) }
          : position,
      ),
    };
    expect(await ratioOf(closed)).toEqual({ severity: "NORMAL", ratio: reduction.margin_ratio });
  });

  it("says what changed since an earlier result, step by step, and that the steps are all of it", async () => {
    const earlier = join(root, "earlier.json");
    await explained(fileOf(spread("30000")), "--market", before, "--out", earlier);
    const { change } = await explained(fileOf(spread("25000", "-1")), "--market", after, "--against", earlier);
    if (change === null) throw new Error("no change");
    const moved = change.rows.filter(
      ({ equity, initial_margin }) => Number(equity) !== 0 || Number(initial_margin) !== 0,
    );
    expect(moved.map(({ step }) => step)).toEqual([
      "prices",
      "volatilities",
      "positions",
      "collateral",
      "time",
      "residual",
    ]);
    expect(change.rows.find(({ step }) => step === "collateral")?.equity).toBe("-5000.00");
    for (const name of ["equity", "initial_margin"] as const) {
      const sum = change.rows.reduce((total, row) => total + Number(row[name]), 0);
      // Each of the eight rows and their total is rounded down to the cent.
      expect(Math.abs(sum - Number(change.total[name]))).toBeLessThan(0.09);
    }
    const size = Math.abs(Number(change.total.equity));
    expect(Math.abs(Number(change.rows.find(({ step }) => step === "residual")?.equity))).toBeLessThan(0.02 * size);
  });

  it("refuses an earlier result that does not recompute, and names the figure", async () => {
    const earlier = join(root, "kept.json");
    await explained(fileOf(spread("30000")), "--market", before, "--out", earlier);
    const changed = readFileSync(earlier, "utf8").replace(
      /("collateral":\[\{"asset":"USD","amount":")30000/,
      "$130001",
    );
    const run = await plimsoll("explain", fileOf(spread("30000")), "--market", after, "--against", fileOf(changed));
    expect(run.code).toBe(1);
    expect(run.err).toContain("does not recompute: margin.equity is stated as");
    const other = await plimsoll("explain", fileOf(spread("1")), "--market", after, "--against", fileOf({ a: 1 }));
    expect(other.err).toContain("is no result of plimsoll explain");
  });

  it("words figures as figures, never as advice", async () => {
    const { out } = await plimsoll("explain", fileOf(spread("19700")), "--market", after);
    expect(out).toContain("Why it is called");
    expect(out).toContain("Each of these restores Normal");
    expect(out).not.toMatch(/\b(should|recommend|must|advise|better|best|suggest)/i);
  });

  it.each(["span", "standard", "derive_pmrm_2", "var"])("explains an account under %s", async (method) => {
    const report = await explained(fileOf(spread("22400")), "--market", after, "--method", method);
    expect(report.method_id).toBe(method);
    expect(report.holdings.map(({ id }) => id).sort()).toEqual([
      "BTC-27MAR26-60000-P",
      "BTC-27MAR26-70000-P",
      "ETH-27MAR26-2000-P",
      "USD",
    ]);
  });
});
