import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { backtestReport, type ReplayPlan, replayPortfolios } from "@plimsoll/backtest";
import { black76Price, createRandom, defaultParameters, type MethodId } from "@plimsoll/risk";
import { afterAll, describe, expect, it } from "vitest";
import { readPriceSeries } from "../../packages/backtest/src/candles.ts";
import { buildHistory, type PriceHistory } from "../../packages/backtest/src/history.ts";
import { measurePortfolio } from "../../packages/backtest/src/measure.ts";
import { NoteList } from "../../packages/backtest/src/notes.ts";
import { createParameterSource } from "../../packages/backtest/src/past-scenarios.ts";
import { atTheMoneyVolatility, defaultSurfaceModel } from "../../packages/backtest/src/surface.ts";
import { generatePortfolios, type PortfolioRule } from "../../packages/backtest/src/templates.ts";
import { runCommand } from "../../packages/cli/src/main.ts";
import { plainPaint, type Terminal } from "../../packages/cli/src/output/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const startMs = Date.UTC(2021, 0, 1);
const hourMs = 3_600_000;
const model = defaultSurfaceModel;

function candleFile(name: string, closes: readonly (number | null)[]): string {
  const rows = closes.flatMap((close, hour) => {
    if (close === null) return [];
    const time = new Date(startMs + hour * hourMs).toISOString();
    return [`${time},${close},${close},${close},${close},1`];
  });
  const path = join(folder, name);
  writeFileSync(path, ["open_time_utc,open,high,low,close,volume", ...rows, ""].join("\n"));
  return path;
}

/** A random walk with deviations of 0.6 % an hour. */
function walk(hours: number, from: number, seed: number): number[] {
  const random = createRandom(seed);
  let price = from;
  return Array.from({ length: hours }, () => {
    price *= random.logNormal(0, 0.006);
    return Number(price.toFixed(4));
  });
}

function historyOf(...paths: string[]): PriceHistory {
  const notes = new NoteList();
  return buildHistory(
    paths.map((path) => readPriceSeries(path, notes).series),
    model,
    notes,
  );
}

function planOf(history: PriceHistory, methods: readonly MethodId[], fromAt = 250): ReplayPlan {
  return {
    fromAt,
    toAt: history.length,
    pointsPerStep: 1,
    horizonSteps: 24,
    stepMs: hourMs,
    level: 0.99,
    surface: model,
    contenders: methods.map((methodId) => ({ name: methodId, methodId, parameters: defaultParameters })),
  };
}

const btcRule = (kind: string): PortfolioRule => {
  const rule = generatePortfolios(["BTC"], 16, 1).find((one) => one.kind === kind);
  if (rule === undefined) throw new Error(`no ${kind} among the generated portfolios`);
  return rule;
};

const noStep = () => {};

describe("a replay", () => {
  it("measures the loss of a fall over the hours before it, and none of them twice", () => {
    const closes = [...Array.from({ length: 400 }, () => 1000), ...Array.from({ length: 100 }, () => 780)];
    // Two sources, so that the fall is believed at once.
    const history = historyOf(
      candleFile("fall_a_spot_btcusd.csv", closes),
      candleFile("fall_b_spot_btcusd.csv", closes),
    );
    const plan = planOf(history, ["portfolio", "static"]);
    const [long, short] = replayPortfolios(
      [btcRule("long_perpetual"), btcRule("short_perpetual")],
      history,
      plan,
      noStep,
    );
    const result = measurePortfolio(long!, history, plan);
    // Margins of 10 % and 20 % of the notional, a fall of 22 %: the 24 hours whose horizon spans it. One and a half times the first
    // is gone with it, of the second a quarter is left.
    for (const [index, contender] of result.contenders.entries()) {
      const liquidations = { count: 1, unwarned: 1, bankrupt: index === 0 ? 1 : 0 };
      expect(contender).toMatchObject({ exceptions: 24, liquidations });
      expect(contender.worst_shortfall?.loss_usd).toBeCloseTo(220_000, 4);
    }
    expect(result.contenders[1]?.average_margin_share).toBeCloseTo(0.2, 12);
    expect(result.contenders[1]?.procyclicality).toMatchObject({ peak_to_trough: 1, increase_1_day: 0 });
    expect(measurePortfolio(short!, history, plan).contenders.map(({ exceptions }) => exceptions)).toEqual([0, 0]);
  });

  it("settles at expiry: the loss over it is the value before less the payoff after", () => {
    const history = historyOf(
      candleFile(
        "flat_spot_btcusd.csv",
        Array.from({ length: 600 }, () => 1000),
      ),
    );
    const plan = planOf(history, ["static"]);
    const rule = btcRule("short_straddle");
    const tenorDays = rule.legs[0]!.tenorDays;
    const [series] = replayPortfolios(
      [{ ...rule, legs: rule.legs.map((leg) => ({ ...leg, tenorDays: 7 })) }],
      history,
      plan,
      noStep,
    );
    expect(tenorDays).toBeGreaterThanOrEqual(7);
    const expiryMs = Date.UTC(2021, 0, 22, 8);
    const dayBefore = (expiryMs - 24 * hourMs - history.startMs) / hourMs - plan.fromAt;
    const level = history.underlyings[0]!.level[plan.fromAt + dayBefore]!;
    const volatility = atTheMoneyVolatility(level, history.underlyings[0]!.longRun[plan.fromAt + dayBefore]!, 1, model);
    const straddle = 2 * black76Price(1, 1000, 1000, 1 / 365, volatility, 1);
    // The strike is the price, so both pay nothing: the seller of 1,000 straddles keeps their value.
    expect(series!.losses[dayBefore]).toBeCloseTo(-1000 * straddle, 6);
    expect(series!.runs[dayBefore + 24]).toBe(series!.runs[dayBefore]! + 1);
  });

  it("knows nothing of the future: other prices after an hour change no margin up to it, and no loss that ended before", () => {
    const hours = 420;
    const cut = 370;
    const prices = [walk(hours, 30_000, 1), walk(hours, 2_000, 2)];
    const others = [walk(hours, 300, 3), walk(hours, 9, 4)];
    const build = (name: string, mixed: readonly number[][]) =>
      historyOf(candleFile(`${name}_spot_btcusd.csv`, mixed[0]!), candleFile(`${name}_spot_ethusd.csv`, mixed[1]!));
    const history = build("past", prices);
    const other = build(
      "changed",
      prices.map((own, index) => [...own.slice(0, cut), ...others[index]!.slice(cut)]),
    );
    const plan = planOf(history, ["portfolio", "static"], 260);
    const rules = generatePortfolios(["BTC", "ETH"], 8, 5);
    const [one, two] = [history, other].map((each) => replayPortfolios(rules, each, plan, noStep));
    // Point n of the grid is the close of bar n, so the bar of `cut` is the first that differs.
    const known = cut - plan.fromAt;
    for (const [index, series] of one!.entries()) {
      for (const [contender, margins] of series.margins.entries()) {
        expect(two![index]!.margins[contender]!.slice(0, known)).toEqual(margins.slice(0, known));
      }
      expect(two![index]!.losses.slice(0, known - 24)).toEqual(series.losses.slice(0, known - 24));
      expect(series.margins[0]!.slice(known - 48, known).some((margin) => margin > 0)).toBe(true);
    }
    const contender = { name: "var", methodId: "var" as const, parameters: defaultParameters };
    const [past, changed] = [history, other].map((each) => createParameterSource(contender, each)(cut - 1));
    expect(changed).toEqual(past);
    expect(past!.scenarioSets[0]!.scenarioIds.length).toBeGreaterThan(10);
  }, 60_000);

  it("gives a method of the past the days that were over, and no stress named after later ones", () => {
    const history = historyOf(candleFile("days_spot_btcusd.csv", walk(1200, 30_000, 1)));
    const { methods } = defaultParameters;
    const parameters = {
      ...defaultParameters,
      methods: { ...methods, portfolio: { ...methods.portfolio, floorBy: "var" as const } },
    };
    const source = createParameterSource({ name: "floored", methodId: "portfolio", parameters }, history);
    const at = (Date.UTC(2021, 1, 1, 17) - startMs) / hourMs - 1;
    const given = source(at);
    expect(given.methods.var.stressSetId).toBeNull();
    expect(given.scenarioSets.map(({ scenarioIds }) => scenarioIds.at(-1))).toEqual(["2021-02-01"]);
    expect(source(at + 6)).toBe(given);
    expect(source(at + 7).scenarioSets[0]?.scenarioIds.at(-1)).toBe("2021-02-02");
    expect(
      createParameterSource({ name: "static", methodId: "static", parameters: defaultParameters }, history)(at),
    ).toBe(defaultParameters);
  });

  it("observes nothing across an outage, and starts anew after a long one", () => {
    const closes = walk(1000, 30_000, 9).map((close, hour) =>
      (hour >= 400 && hour < 406) || (hour >= 600 && hour < 640) ? null : close,
    );
    const history = historyOf(candleFile("outage_spot_btcusd.csv", closes));
    const plan = planOf(history, ["portfolio"]);
    const [series] = replayPortfolios([btcRule("long_perpetual")], history, plan, noStep);
    const at = (hour: number) => hour - plan.fromAt;
    expect(series!.losses.slice(at(370), at(376)).every((loss) => !Number.isNaN(loss))).toBe(true);
    expect(series!.losses.slice(at(376), at(382)).every(Number.isNaN)).toBe(true);
    expect(series!.losses.slice(at(382), at(400)).every((loss) => !Number.isNaN(loss))).toBe(true);
    expect(series!.runs[at(399)]).toBe(series!.runs[at(406)]);
    expect(series!.gapRestarts).toBe(1);
    expect(series!.runs[at(640)]).toBe(series!.runs[at(599)]! + 1);
  });
});

describe("plimsoll backtest", () => {
  const hours = 420;
  const btc = candleFile("run_spot_btcusd.csv", walk(hours, 30_000, 11));
  const eth = candleFile("run_spot_ethusd.csv", walk(hours, 2_000, 12));
  const words = [
    "backtest",
    "--prices",
    btc,
    eth,
    "--from",
    "2021-01-12",
    "--portfolios",
    "30",
    "--step",
    "4h",
    "--json",
  ];

  async function run(...more: string[]) {
    let out = "";
    let err = "";
    const terminal: Terminal = {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      isTty: false,
      columns: 100,
      paint: plainPaint,
      directory: folder,
    };
    const code = await runCommand([...words, ...more], terminal);
    return { code, out, err };
  }

  it("gives the same bytes for any number of workers, and a report that its schema reads", async () => {
    const one = await run("--workers", "1", "--out", join(folder, "one"), "--html", join(folder, "one.html"));
    const two = await run("--workers", "2");
    expect(one.err).toContain("100 %");
    expect(one.code).toBe(0);
    expect(two.out).toBe(one.out);
    const report = backtestReport.parse(JSON.parse(one.out));
    expect(report.portfolios).toHaveLength(30);
    expect(report.summary.map(({ name }) => name)).toEqual(["portfolio", "static"]);
    // 130 hours of observations are 5 days: too few for a test, and it says so by having none.
    expect(report.portfolios[0]?.contenders[0]).toMatchObject({ kupiec: null, traffic_light: null });
    const page = readFileSync(join(folder, "one.html"), "utf8");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/(src|href)=/);
  }, 120_000);

  it("killed, goes on from what it had, to the same bytes; another plan is refused", async () => {
    const out = join(folder, "killed");
    const command = fileURLToPath(new URL("../../packages/cli/bin/plimsoll.js", import.meta.url));
    const child = spawn(process.execPath, [command, ...words, "--workers", "1", "--out", out], { stdio: "ignore" });
    const portfolios = join(out, "portfolios");
    const kept = () => (existsSync(portfolios) ? readdirSync(portfolios).filter((name) => name.endsWith(".json")) : []);
    while (kept().length === 0 && child.exitCode === null) await pause(5);
    child.kill("SIGKILL");
    await once(child, "exit");
    const before = kept().length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(30);
    const resumed = await run("--out", out);
    expect(resumed.err).toContain("kept from before");
    expect(resumed.out).toBe((await run()).out);
    const refused = await run("--out", out, "--seed", "2");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("holds another backtest (seed differ): name another folder");
  }, 120_000);

  it("says what is wrong with a word", async () => {
    const usage: [string[], string][] = [
      [["--step", "90m"], "--step is 1.5 h; the prices are of 1 h"],
      [["--horizon", "1d", "--step", "5h"], "--horizon is 24 h; give a multiple of the step, 5 h"],
      [["--method", "span,best"], '--method names "best"; give some of'],
      [["--from", "2030-01-01"], "--from and --to leave no horizon to measure"],
      [["--level", "1"], '--level is "1"; give a share from 0.5 to 0.9999'],
      [["--workers", "0"], '--workers is "0"; give a whole number from 1 to 256'],
    ];
    for (const [more, message] of usage) {
      const { code, err } = await run(...more);
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    }
  });
});
