import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { defaultSurfaceModel, type PortfolioResult, type ReplayPlan, replayPortfolios } from "@plimsoll/backtest";
import { createMarginEngine, defaultParameters } from "@plimsoll/risk";
import { afterAll, describe, expect, it } from "vitest";
import { summariseAccountSet } from "../../packages/backtest/src/account-sets.ts";
import { readPriceSeries } from "../../packages/backtest/src/candles.ts";
import { buildHistory, type PriceHistory } from "../../packages/backtest/src/history.ts";
import { holdRecorded } from "../../packages/backtest/src/holding.ts";
import { marketAt } from "../../packages/backtest/src/market-at.ts";
import { measurePortfolio } from "../../packages/backtest/src/measure.ts";
import { NoteList } from "../../packages/backtest/src/notes.ts";
import { type AccountSet, readAccountSet, selectRows } from "../../packages/backtest/src/recorded-accounts.ts";
import { runCommand } from "../../packages/cli/src/main.ts";
import { plainPaint, type Terminal } from "../../packages/cli/src/output/terminal.ts";
import { fixturePath } from "../support/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-accounts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hourMs = 3_600_000;
const crashMs = Date.UTC(2025, 9, 10, 21);
const events = fixturePath("data/positions/hyperliquid_adl_2025-10-10_high_leverage_events.csv");
const borrowers = fixturePath("data/positions/aave_v2_steth_accounts_2023-06.csv");
const users = fixturePath("data/positions/hyperliquid_adl_2025-10-10_by_user_even.csv.gz");

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, [...lines, ""].join("\n"));
  return path;
}

/** Hourly closes from a time on; each counts an hour later. */
function candles(name: string, startMs: number, closes: readonly number[]): string {
  const rows = closes.map((close, hour) => {
    const time = new Date(startMs + (hour - 1) * hourMs).toISOString();
    return `${time},${close},${close},${close},${close},1`;
  });
  return file(name, ["open_time_utc,open,high,low,close,volume", ...rows]);
}

/** Two sources of the same closes, so that a jump is believed at once. */
function historyOf(coin: string, startMs: number, closes: readonly number[]): PriceHistory {
  const notes = new NoteList();
  const series = ["a", "b"].map(
    (source) => readPriceSeries(candles(`${source}_${coin}usd.csv`, startMs, closes), notes).series,
  );
  return buildHistory(series, defaultSurfaceModel, notes);
}

function replay(set: AccountSet, history: PriceHistory): PortfolioResult[] {
  const plan: ReplayPlan = {
    fromAt: 0,
    toAt: history.length,
    pointsPerStep: 1,
    horizonSteps: 2,
    stepMs: hourMs,
    level: 0.99,
    surface: defaultSurfaceModel,
    contenders: (["portfolio", "static"] as const).map((methodId) => ({
      name: methodId,
      methodId,
      parameters: defaultParameters,
    })),
  };
  const rules = set.rows.map((row) => ({ ...row, kind: set.name, legs: [], coins: [], hedgesDelta: false }));
  return replayPortfolios(rules, history, plan, () => {}).map((series) => measurePortfolio(series, history, plan));
}

const onLine = (set: AccountSet, line: number): AccountSet => ({
  ...set,
  rows: set.rows.filter(({ portfolioId }) => portfolioId === `${set.name}-${String(line).padStart(5, "0")}`),
});

describe("recorded accounts", () => {
  it("reads every row of the recorded sets, and counts what says too little", () => {
    const read = [events, borrowers, users].map(readAccountSet);
    expect(read.map(({ rejects }) => rejects.list)).toEqual([[], [], []]);
    expect(read.map(({ set }) => [set.name, set.rowCount, set.rows.length, set.leftOut])).toEqual([
      ["deleveraged_event", 480, 480, []],
      ["staked_ether_borrower", 1309, 903, [{ reason: "unknown_collateral", subject: "", count: 406 }]],
      ["deleveraged_user", 9604, 9604, []],
    ]);
    const { leftOut, rows } = selectRows(read[0]!.set, ["BTC", "ETH", "SOL"], crashMs, crashMs + hourMs);
    // Coins of the file by grep: 167 of BTC, 43 of SOL, 40 of ETH, 29 of XRP, which has no candles.
    expect(rows.length).toBe(167 + 43 + 40);
    expect(leftOut[0]).toEqual({ reason: "no_candles", subject: "XRP", count: 29 });
    expect(selectRows(read[0]!.set, ["BTC"], crashMs + hourMs, crashMs + 2 * hourMs)).toMatchObject({ rows: [] });
  });

  it("has at the event's price the equity that was recorded there, whatever else the account held", () => {
    const [head, ...lines] = readFileSync(events, "utf8").trim().split("\n");
    const columns = head!.split(",");
    const { set } = readAccountSet(events);
    for (const line of [2, 4, 12]) {
      const fields = lines[line - 2]!.split(",");
      const field = (name: string) => Number(fields[columns.indexOf(name)]);
      expect(fields[1]).toBe("BTC");
      const history = historyOf(
        "btc",
        crashMs,
        Array.from({ length: 4 }, () => field("adl_price")),
      );
      const market = marketAt(history, 1, defaultSurfaceModel);
      const [row] = onLine(set, line).rows;
      expect(holdRecorded(row!.recorded, marketAt(history, 0, defaultSurfaceModel))).toBeNull();
      const holding = holdRecorded(row!.recorded, market)!;
      const engine = createMarginEngine(market.snapshot(holding.instruments), defaultParameters);
      const result = engine.margin({
        accountId: "recorded",
        poolCurrency: "USD",
        methodId: "static",
        ledgerSequence: 1,
        collateral: holding.coins,
        positions: holding.positions,
      });
      // Cents of a few thousand dollars: both sides are sums of doubles.
      expect(result.status === "margined" && result.equity).toBeCloseTo(field("total_equity"), 6);
    }
  });

  it("warns, calls and closes a borrower as ether falls, once, and says what is left uncovered", () => {
    // 25,980 ETH held, stablecoins worth 11,733 ETH owed, no ether.
    const lines = readFileSync(borrowers, "utf8").split("\n");
    const line = 1 + lines.findIndex((row) => row.startsWith("0x06185ca50a8ab43726b08d8e65c6f2173fb2b236"));
    const { set } = readAccountSet(borrowers);
    const closes = [2000, 2000, 1120, 1120, 1090, 880, 700, 2000, 2000];
    const own = onLine(set, line);
    const [ether, dollars] = own.rows[0]!.recorded.balances.map(({ amount }) => amount) as [number, number];
    expect([ether, dollars]).toEqual([25_979.649816488803, -11_733.210668256757]);
    const debtUsd = -dollars * 2000;
    const equityAt = (price: number) => ether * price - debtUsd;
    const [result] = replay(own, historyOf("eth", Date.UTC(2023, 5, 21), closes));
    expect(result!.unacted!.equity_usd).toBeCloseTo(equityAt(2000), 3);
    expect(result!.unacted!.worst_equity_usd).toBeCloseTo(equityAt(700), 3);
    const [portfolio, flat] = result!.contenders;
    // static asks 22 % of what is owed to open it and 17.6 % to keep it: warned (85 %) below 1,137, called below 1,102,
    // closed below 1,062, which the hours skip: at 880 it owes more than it has.
    expect(flat!.outcome).toEqual({
      opened_as: "NORMAL",
      gravest: "BANKRUPT",
      called_at: "2023-06-21T04:00:00.000Z",
      liquidated_at: "2023-06-21T05:00:00.000Z",
      lead_hours: 3,
      uncovered_usd: expect.closeTo(-equityAt(880), 3),
    });
    expect(portfolio!.outcome).toMatchObject({ opened_as: "NORMAL", gravest: "BANKRUPT" });
    const summary = summariseAccountSet(own, [result!]);
    expect(summary.contenders[1]).toMatchObject({
      margined: 1,
      opened_called: 0,
      called: 1,
      liquidated: 1,
      unwarned: 0,
    });
  });

  it("refuses what it cannot read with line, value and reason, and goes on with the rest", () => {
    const [head, first, second] = readFileSync(borrowers, "utf8").split("\n") as [string, string, string];
    const change = (at: number, text: string) => second.split(",").map((field, index) => (index === at ? text : field));
    const path = file("borrowers.csv", [
      head,
      first,
      change(0, "nobody").join(","),
      change(1, "much").join(","),
      change(2, "-1").join(","),
      change(8, "1e9").join(","),
      first,
      "0x00,1",
      second,
    ]);
    const { set, rejects } = readAccountSet(path);
    expect(rejects.list.map(({ line, value, problem }) => [line, value, problem]).sort()).toEqual([
      [3, '"nobody"', "user: an address, 0x and 40 digits"],
      [4, '"much"', "collateral_eth: a number above 0"],
      [5, '"-1"', "debt_eth: a number of 0 or more"],
      [6, '"1e9"', "eth_debt_amount: 0 to debt_eth"],
      [7, expect.stringContaining("0x7777"), "user: stands on line 2 already"],
      [8, '"0x00,1"', "9 fields, as the header has"],
    ]);
    expect(set).toMatchObject({ rowCount: 8, rejected: 6 });
    expect(() => readAccountSet(file("prices.csv", ["date,close", "2020-01-01,1"]))).toThrow(
      "line 1: no known set of accounts; the header needs one of user,coin,time",
    );
  });
});

describe("plimsoll backtest --accounts", () => {
  async function run(...words: readonly string[]) {
    let [out, err] = ["", ""];
    const terminal: Terminal = {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      paint: plainPaint,
      isTty: false,
      columns: 120,
      directory: folder,
    };
    const exitCode = await runCommand(words, terminal);
    return { exitCode, out, err };
  }

  it("replays a few recorded users, the same for any number of workers, and refuses what leaves nobody", async () => {
    const lines = gunzipSync(readFileSync(users)).toString("utf8").split("\n").slice(0, 31);
    const path = file("users.csv", lines);
    const price = candles("spot_btcusd.csv", crashMs, [112_000, 113_000, 113_500, 112_500, 112_000, 113_000]);
    const words = [
      "backtest",
      "--method",
      "portfolio,static",
      "--prices",
      price,
      "--horizon",
      "2h",
      "--accounts",
      path,
    ];
    const one = await run(...words, "--workers", "1", "--json");
    const two = await run(...words, "--workers", "2", "--json");
    expect(one.err.includes("refused")).toBe(false);
    expect(two.out).toBe(one.out);
    const report = JSON.parse(one.out);
    expect(report).toMatchObject({ portfolio_count: 30, account_sets: [{ accounts: 30, rows: 30, rejected: 0 }] });
    const late = candles("late_spot_btcusd.csv", crashMs + 24 * hourMs, [112_000, 113_000, 113_500, 112_500, 112_000]);
    const nobody = await run("backtest", "--prices", late, "--horizon", "2h", "--accounts", events);
    expect(nobody.exitCode).toBe(1);
    expect(nobody.err).toContain("none of 480 rows can be replayed");
  });
});
