import { black76IntoScenarios, type OptionSign } from "@plimsoll/risk";
import cdf from "@stdlib/stats-base-dists-normal-cdf";

/** Scenarios per option and options per round: 17 price moves by 9 volatilities, over a chain of 400. */
const SCENARIOS = 153;
const OPTIONS = 400;
const ROUNDS = 25;

interface BaselineOption {
  type: "call" | "put";
  forward: number;
  strike: number;
  timeToExpiryYears: number;
  volatility: number;
  discountFactor: number;
}

interface BaselineScenario {
  priceMultiplier: number;
  volatilityMultiplier: number;
}

/** Result of one comparison: nanoseconds per option price, best round of each side. */
export interface PricingBench {
  name: string;
  baselineNs: number;
  oursNs: number;
  ratio: number;
}

function baselinePrice(option: BaselineOption, scenario: BaselineScenario): number {
  const forward = option.forward * scenario.priceMultiplier;
  const deviation = option.volatility * scenario.volatilityMultiplier * Math.sqrt(option.timeToExpiryYears);
  const d1 = Math.log(forward / option.strike) / deviation + deviation / 2;
  const d2 = d1 - deviation;
  return option.type === "call"
    ? option.discountFactor * (forward * cdf(d1, 0, 1) - option.strike * cdf(d2, 0, 1))
    : option.discountFactor * (option.strike * cdf(-d2, 0, 1) - forward * cdf(-d1, 0, 1));
}

/** Sum of all prices by the plain implementation: one object per option and per scenario. */
function sumByBaseline(options: readonly BaselineOption[], scenarios: readonly BaselineScenario[]): number {
  let sum = 0;
  for (const option of options) {
    for (const scenario of scenarios) sum += baselinePrice(option, scenario);
  }
  return sum;
}

/** Scenarios as the kernel takes them, with room for one option's results. */
interface KernelScenarios {
  readonly priceMultiplier: Float64Array;
  readonly logPriceMultiplier: Float64Array;
  readonly volatilityMultiplier: Float64Array;
  readonly totalVolatility: Float64Array;
  readonly out: Float64Array;
}

/** Sum of all prices by the kernel, with the total volatilities it needs computed in the same time. */
function sumByKernel(options: readonly BaselineOption[], scenarios: KernelScenarios): number {
  const { priceMultiplier, logPriceMultiplier, volatilityMultiplier, totalVolatility, out } = scenarios;
  let sum = 0;
  for (const { type, forward, strike, discountFactor, volatility, timeToExpiryYears } of options) {
    const deviation = volatility * Math.sqrt(timeToExpiryYears);
    for (let s = 0; s < SCENARIOS; s += 1) totalVolatility[s] = deviation * volatilityMultiplier[s]!;
    const sign: OptionSign = type === "call" ? 1 : -1;
    black76IntoScenarios(
      out,
      0,
      SCENARIOS,
      sign,
      forward,
      strike,
      discountFactor,
      priceMultiplier,
      logPriceMultiplier,
      totalVolatility,
    );
    for (let s = 0; s < SCENARIOS; s += 1) sum += out[s]!;
  }
  return sum;
}

/**
 * Compares the scenario kernel with a plain implementation on the same grid, the rounds interleaved so that both see the
 * same machine; the sums of both sides are compared, so that neither can skip the work.
 */
export function benchPricing(): PricingBench {
  const options = Array.from({ length: OPTIONS }, (_, i): BaselineOption => {
    const timeToExpiryYears = 0.02 + (i % 10) * 0.1;
    return {
      type: i % 2 === 0 ? "call" : "put",
      forward: 60000,
      strike: 20000 + 200 * i,
      timeToExpiryYears,
      volatility: 0.4 + 0.001 * (i % 100),
      discountFactor: 1 - 0.03 * timeToExpiryYears,
    };
  });
  const scenarios = Array.from(
    { length: SCENARIOS },
    (_, i): BaselineScenario => ({
      priceMultiplier: 0.6 + 0.05 * (i % 17),
      volatilityMultiplier: 0.6 + 0.1 * Math.floor(i / 17),
    }),
  );
  const priceMultiplier = Float64Array.from(scenarios, (scenario) => scenario.priceMultiplier);
  const kernelScenarios: KernelScenarios = {
    priceMultiplier,
    logPriceMultiplier: priceMultiplier.map((multiplier) => Math.log(multiplier)),
    volatilityMultiplier: Float64Array.from(scenarios, (scenario) => scenario.volatilityMultiplier),
    totalVolatility: new Float64Array(SCENARIOS),
    out: new Float64Array(SCENARIOS),
  };
  const prices = OPTIONS * SCENARIOS;
  let baselineNs = Number.POSITIVE_INFINITY;
  let oursNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const baselineSum = sumByBaseline(options, scenarios);
    const middle = performance.now();
    const oursSum = sumByKernel(options, kernelScenarios);
    const end = performance.now();
    if (!(Math.abs(oursSum - baselineSum) <= 1e-9 * baselineSum)) {
      throw new Error(`the two sides price differently: sum of prices ${oursSum} against ${baselineSum}`);
    }
    baselineNs = Math.min(baselineNs, ((middle - start) * 1e6) / prices);
    oursNs = Math.min(oursNs, ((end - middle) * 1e6) / prices);
  }
  return { name: "black76IntoScenarios", baselineNs, oursNs, ratio: oursNs / baselineNs };
}

if (import.meta.main) console.log(JSON.stringify(benchPricing()));
