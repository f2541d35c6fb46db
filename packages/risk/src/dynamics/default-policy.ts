import type { DynamicsPolicy, NumberRule } from "./policy.ts";

/**
 * The 99 % quantile of a daily return over its EWMA forecast (lambda 0.94), BTC 3.78, ETH 3.50 and SOL 3.20 on hourly candles
 * of 2018 to 2026: what a day's move takes at 99 %.
 */
const tailMultiplier = 3.8;

/** Our choice: an hour to sell collateral in. */
const liquidationDays = 1 / 24;

/** Stressed by the fall of the day after 2020-03-12. Floors and caps are our choice; caps stay below the extended moves. */
const scanOf = (stressed: number, floor: number, cap: number): NumberRule => ({
  tailMultiplier,
  horizonDays: 1,
  stressed,
  floor,
  cap,
});

/** Floors are what venues publish; the stressed move is that of BTC's 30-day volatility on 2026-02-05. */
const volatilityOf = (floor: number): NumberRule => ({
  tailMultiplier,
  horizonDays: 1,
  stressed: 0.55,
  floor,
  cap: 1,
});

/** Stressed by the worst hour of the history: BTC -24 %, ETH -27 %. */
const haircutOf = (stressed: number, floor: number, cap: number): NumberRule => ({
  tailMultiplier,
  horizonDays: liquidationDays,
  stressed,
  floor,
  cap,
});

/** How the shipped parameters follow the market where the operator sets no policy. */
export const defaultDynamicsPolicy: DynamicsPolicy = {
  // RiskMetrics' daily weight, from memory (docs/sources.md, Volatility by exponential weights).
  ewmaLambda: 0.94,
  rangeDays: 10,
  minimumReturns: 60,
  longRunReturns: 3_650,
  buffer: { fraction: 0.25, releaseAbove: 1 },
  // Tools (a) and (c), not (b): on BTC since 2019 they take the peak-to-trough from 6.4 to 2.3 at an average range of 18 %,
  // and the stressed weight to 2.0 at 23 % (docs/methods/dynamic-parameters.md).
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
      // SOL's root mean square return over ETH's on the same candles: 0.063 / 0.047.
      proxy: { underlying: "ETH", multiplier: 1.35 },
    },
  ],
  haircuts: [
    { asset: "BTC", haircut: haircutOf(0.24, 0.02, 0.2) },
    { asset: "ETH", haircut: haircutOf(0.27, 0.03, 0.25) },
  ],
};
