import {
  defaultSurfaceModel,
  generatePortfolios,
  type PriceHistory,
  portfoliosPerChunk,
  type ReplayPlan,
  replayPortfolios,
  type UnderlyingHistory,
} from "@plimsoll/backtest";
import { createRandom, defaultParameters, type MethodId } from "@plimsoll/risk";

const hourMs = 3_600_000;
/** Days before the replay begins: enough for the quantile that the method var asks for. */
const pastDays = 450;
const replayedHours = 96;

/** Speed of a replay on one thread: portfolios times hours that one second margins by one method. */
export interface BacktestBench {
  readonly methodId: MethodId;
  readonly portfolios: number;
  readonly portfolioHoursPerSecond: number;
}

/** One chunk of portfolios over a seeded random walk, by each method alone; the best of three. */
export function benchBacktest(): BacktestBench[] {
  const history = walkHistory();
  const rules = generatePortfolios(["BTC", "ETH"], portfoliosPerChunk, 1);
  return (["portfolio", "var", "static"] as const).map((methodId) => {
    const plan: ReplayPlan = {
      fromAt: pastDays * 24,
      toAt: history.length,
      pointsPerStep: 1,
      horizonSteps: 24,
      stepMs: hourMs,
      level: 0.99,
      surface: defaultSurfaceModel,
      contenders: [{ name: methodId, methodId, parameters: defaultParameters }],
    };
    let bestMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round += 1) {
      const started = performance.now();
      const series = replayPortfolios(rules, history, plan, () => {});
      bestMs = Math.min(bestMs, performance.now() - started);
      const refused = series.find(({ refusals }) => refusals[0]!.size > 0);
      if (refused !== undefined) throw new Error(`${methodId}: ${[...refused.refusals[0]!.keys()].join(", ")}`);
    }
    const portfolioHours = rules.length * replayedHours;
    return { methodId, portfolios: rules.length, portfolioHoursPerSecond: (portfolioHours / bestMs) * 1000 };
  });
}

function walkHistory(): PriceHistory {
  const length = pastDays * 24 + replayedHours;
  const random = createRandom(20261122);
  const walk = (underlying: string, from: number): UnderlyingHistory => {
    let price = from;
    const index = Float64Array.from({ length }, () => {
      price *= random.logNormal(0, 0.006);
      return price;
    });
    const level = index.map(() => 0.6 * random.logNormal(0, 0.02));
    const zeros = new Float64Array(length);
    return { underlying, index, quality: zeros, confidenceWidth: zeros, perpetual: index, level, longRun: level };
  };
  return {
    startMs: Date.UTC(2021, 0, 1),
    gridMs: hourMs,
    length,
    underlyings: [walk("BTC", 40_000), walk("ETH", 2_500)],
  };
}
