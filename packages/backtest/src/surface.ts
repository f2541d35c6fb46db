import { exp, log, pow } from "@plimsoll/risk";

/**
 * The stated model of implied volatilities where only a level is known. Figures fitted with least squares to Deribit's BTC
 * and ETH chains of January and February 2026 (smile) and to its BTC index of 2023 to 2025 (level), see docs/backtest.
 */
export interface SurfaceModel {
  /** Relative slope and curvature of the smile: atm x (1 + skew m + curvature m^2 / 2), m in deviations of moneyness. */
  readonly skew: number;
  readonly curvature: number;
  /** m is held at this beyond it: the wings are flat. */
  readonly mostDeviations: number;
  /** Days in which half of the distance of variance from its long run is made up. */
  readonly halfLifeDays: number;
  /** Level where there is no index: scale x realised ^ power, at least floor. */
  readonly realisedScale: number;
  readonly realisedPower: number;
  readonly floor: number;
  /** Between two values of the index the level moves with realised volatility to this power. */
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

/** Tenor of the index: Deribit's is a 30-day volatility. */
const levelDays = 30;

/** Level at a realised volatility, without an index. */
export function levelOfRealised(realised: number, model: SurfaceModel): number {
  return Math.max(model.floor, model.realisedScale * pow(realised, model.realisedPower));
}

/** (1 - e^(-k t)) / (k t): the average over t of a distance that decays, 1 at 0. */
function meanDecay(days: number, halfLifeDays: number): number {
  const decayed = (Math.LN2 * days) / halfLifeDays;
  return decayed < 1e-8 ? 1 : (1 - exp(-decayed)) / decayed;
}

/**
 * At-the-money volatility of a tenor: variance returns from now to its long run, so that the average over 30 days is the
 * level squared. Never below half of the level, which a long run far above it would ask for.
 */
export function atTheMoneyVolatility(level: number, longRun: number, days: number, model: SurfaceModel): number {
  const share = meanDecay(days, model.halfLifeDays) / meanDecay(levelDays, model.halfLifeDays);
  const variance = longRun * longRun + (level * level - longRun * longRun) * share;
  return Math.sqrt(Math.max(variance, (level * level) / 4));
}

/** Volatility of a strike from that at the money of its expiry. */
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
