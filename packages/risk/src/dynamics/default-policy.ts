import type { DynamicsPolicy, NumberRule } from "./policy.ts";

/**
 * Multiple of the daily EWMA volatility (lambda 0.94) that a price scan range covers. The 99 % quantile of a daily
 * return over its forecast is 3.78 for BTC, 3.50 for ETH and 3.20 for SOL, on hourly candles of 2018 to 2026.
 */
const tailMultiplier = 3.8;

/** Time to sell collateral: one hour. This is our choice. */
const liquidationDays = 1 / 24;

/**
 * Builds the rule of a price scan range. The stressed value is the fall of the day after 2020-03-12. Floors and caps
 * are our choice; caps stay below the extended moves.
 */
const scanOf = (stressed: number, floor: number, cap: number): NumberRule => ({
  tailMultiplier,
  horizonDays: 1,
  stressed,
  floor,
  cap,
});

/**
 * Builds the rule of a volatility scan. Floors are those that venues publish; the stressed move is that of BTC's 30-day
 * volatility on 2026-02-05.
 */
const volatilityOf = (floor: number): NumberRule => ({
  tailMultiplier,
  horizonDays: 1,
  stressed: 0.55,
  floor,
  cap: 1,
});

/** Builds the rule of a haircut. The stressed value is the worst hour of the history: BTC -24 %, ETH -27 %. */
const haircutOf = (stressed: number, floor: number, cap: number): NumberRule => ({
  tailMultiplier,
  horizonDays: liquidationDays,
  stressed,
  floor,
  cap,
});

/** The policy by which parameters follow the market if the operator sets none. */
export const defaultDynamicsPolicy: DynamicsPolicy = {
  // The daily weight of RiskMetrics (docs/sources.md, Volatility by exponential weights).
  ewmaLambda: 0.94,
  rangeDays: 10,
  minimumReturns: 60,
  longRunReturns: 3_650,
  buffer: { fraction: 0.25, releaseAbove: 1 },
  // Tools (a) and (c) are used and (b) is not. On BTC since 2019, (a) and (c) reduce the peak-to-trough ratio from 6.4
  // to 2.3 at an average range of 18 %; the stressed weight reaches 2.0 at 23 % (docs/methods/dynamic-parameters.md).
  stressedWeight: null,
  longRunFloor: true,
  increaseLimit: 0.5,
  decreaseLimitPerDay: 0.02,
  tolerance: 0.01,
  underlyings: [
    { underlying: "BTC", priceScanRange: scanOf(0.5, 0.12, 0.32), volatilityUp: volatilityOf(0.4), proxy: null },
    { underlying: "ETH", priceScanRange: scanOf(0.53, 0.14, 0.32), volatilityUp: volatilityOf(0.4), proxy: null },
    {
      underlying: "*",
      priceScanRange: scanOf(0.53, 0.2, 0.32),
      volatilityUp: volatilityOf(0.5),
      // The ratio of the root mean square returns of SOL and ETH on the same candles: 0.063 / 0.047.
      proxy: { underlying: "ETH", multiplier: 1.35 },
    },
  ],
  haircuts: [
    { asset: "BTC", haircut: haircutOf(0.24, 0.02, 0.2) },
    { asset: "ETH", haircut: haircutOf(0.27, 0.03, 0.25) },
  ],
};
