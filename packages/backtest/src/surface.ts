import { exp, log, pow } from "@plimsoll/risk";

/**
 * The stated model of implied volatilities where only a level is known. The smile is fitted by least squares to
 * Deribit's BTC and ETH chains of January and February 2026. The level is fitted to Deribit's BTC index of 2023 to
 * 2025. See docs/backtest.
 */
export interface SurfaceModel {
  /**
   * Relative slope and curvature of the smile: atm x (1 + skew m + curvature m^2 / 2), with m in deviations of
   * moneyness.
   */
  readonly skew: number;
  readonly curvature: number;
  /** The greatest m that counts. Beyond it the wings are flat. */
  readonly mostDeviations: number;
  /** The days in which variance makes up half of its distance from its long run. */
  readonly halfLifeDays: number;
  /** The level where there is no volatility index: scale x realised ^ power, at least floor. */
  readonly realisedScale: number;
  readonly realisedPower: number;
  readonly floor: number;
  /** Between two values of the volatility index, the level moves with realised volatility to this power. */
  readonly intradayPower: number;
}

export const defaultSurfaceModel: SurfaceModel = {
  skew: -0.1,
  curvature: 0.115,
  mostDeviations: 2.5,
  halfLifeDays: 15,
  realisedScale: 0.869,
  realisedPower: 0.657,
  floor: 0.25,
  intradayPower: 0.5,
};

/** The tenor of the volatility index in days, as Deribit's is a 30-day volatility. */
const levelDays = 30;

/** Returns the level at a realised volatility, both per year, where there is no volatility index. */
export function levelOfRealised(realised: number, model: SurfaceModel): number {
  return Math.max(model.floor, model.realisedScale * pow(realised, model.realisedPower));
}

/** Returns (1 - e^(-k t)) / (k t): the average up to t of a distance that decays from 1. */
function meanDecay(days: number, halfLifeDays: number): number {
  const decayed = (Math.LN2 * days) / halfLifeDays;
  return decayed < 1e-8 ? 1 : (1 - exp(-decayed)) / decayed;
}

/**
 * Returns the at-the-money volatility of a tenor, per year. Variance returns from now to its long run, so that its
 * average over 30 days is the level squared. The result is at least half of the level, because a long run far above the
 * level would ask for less.
 */
export function atTheMoneyVolatility(level: number, longRun: number, days: number, model: SurfaceModel): number {
  const share = meanDecay(days, model.halfLifeDays) / meanDecay(levelDays, model.halfLifeDays);
  const variance = longRun * longRun + (level * level - longRun * longRun) * share;
  return Math.sqrt(Math.max(variance, (level * level) / 4));
}

/** Returns the volatility of a strike, from the at-the-money volatility of its expiry. */
export function smileVolatility(
  atTheMoney: number,
  forward: number,
  strike: number,
  years: number,
  { skew, curvature, mostDeviations }: SurfaceModel,
): number {
  const deviations = log(strike / forward) / (atTheMoney * Math.sqrt(years));
  const m = Math.max(-mostDeviations, Math.min(mostDeviations, deviations));
  return atTheMoney * (1 + skew * m + (curvature * m * m) / 2);
}
