import { InputError } from "@plimsoll/files";
import type { MarketBatch } from "@plimsoll/markets";
import { isDatedOption, log, MS_PER_DAY, MS_PER_YEAR } from "@plimsoll/risk";
import { isInstrumentQuote, toNumber } from "@plimsoll/schema";
import { atTheMoneyVolatility, type SurfaceModel } from "./surface.ts";

/** A smile needs this many days to its expiry, and this many strikes. Marks of nearer expiries are too noisy to fit. */
const leastDays = 2;
const leastStrikes = 8;
const halfLives = [2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90];

interface Smile {
  readonly underlying: string;
  readonly chain: number;
  readonly days: number;
  readonly atTheMoney: number;
  /** Pairs of a strike's moneyness in deviations, and its volatility relative to that at the money, less 1. */
  readonly points: readonly (readonly [number, number])[];
}

/**
 * Fits the model to recorded option chains by least squares, and returns it with a new skew, curvature and half-life.
 * Skew and curvature are fitted to the out-of-the-money marks within the model's deviations. The half-life is the one
 * that misses the terms of at-the-money volatility least. The level rules stay, and every mark counts the same.
 */
export function fitSurface(batches: readonly MarketBatch[], model: SurfaceModel): SurfaceModel {
  const smiles = batches.flatMap((batch, chain) => smilesOf(batch, chain, model));
  const points = smiles.flatMap((smile) => smile.points);
  if (points.length < leastStrikes) {
    throw new InputError(
      `--chain holds ${points.length} usable option marks; give a chain with options from two days on`,
    );
  }
  // Sums of the normal equations of y = skew m + curvature m^2 / 2.
  let [mm, mq, qq, my, qy] = [0, 0, 0, 0, 0];
  for (const [m, y] of points) {
    const q = (m * m) / 2;
    mm += m * m;
    mq += m * q;
    qq += q * q;
    my += m * y;
    qy += q * y;
  }
  const determinant = mm * qq - mq * mq;
  const skew = (my * qq - qy * mq) / determinant;
  const curvature = (qy * mm - my * mq) / determinant;
  return { ...model, skew: digits(skew), curvature: digits(curvature), halfLifeDays: bestHalfLife(smiles, model) };
}

function digits(value: number): number {
  return Number(value.toPrecision(4));
}

function smilesOf(batch: MarketBatch, chain: number, model: SurfaceModel): Smile[] {
  const observedAtMs = Date.parse(batch.observed_at);
  const expiries = new Map<string, { underlying: string; days: number; forward: number; marks: [number, number][] }>();
  for (const quote of batch.quotes) {
    if (!isInstrumentQuote(quote) || !isDatedOption(quote) || quote.mark_volatility === null) continue;
    const days = (Date.parse(quote.expiry) - observedAtMs) / MS_PER_DAY;
    const [forward, strike] = [toNumber(quote.forward_price), toNumber(quote.strike)];
    const isOutOfTheMoney = (quote.option_type === "call") === strike >= forward;
    const volatility = toNumber(quote.mark_volatility);
    if (days < leastDays || !isOutOfTheMoney || !(volatility > 0)) continue;
    const key = `${quote.underlying} ${quote.expiry}`;
    const known = expiries.get(key) ?? { underlying: quote.underlying, days, forward, marks: [] };
    known.marks.push([log(strike / forward), volatility]);
    expiries.set(key, known);
  }
  return [...expiries.values()].flatMap(({ underlying, days, marks }): Smile[] => {
    if (marks.length < leastStrikes) return [];
    const atTheMoney = interpolatedAtZero(marks.sort((a, b) => a[0] - b[0]));
    if (atTheMoney === null) return [];
    const deviation = atTheMoney * Math.sqrt((days * MS_PER_DAY) / MS_PER_YEAR);
    const points = marks
      .map(([logMoneyness, volatility]) => [logMoneyness / deviation, volatility / atTheMoney - 1] as const)
      .filter(([m]) => Math.abs(m) <= model.mostDeviations);
    return [{ underlying, chain, days, atTheMoney, points }];
  });
}

/**
 * Returns the volatility at the forward, on the line between the nearest marks on its two sides. Returns null when one
 * side has no mark.
 */
function interpolatedAtZero(marks: readonly (readonly [number, number])[]): number | null {
  const after = marks.findIndex(([logMoneyness]) => logMoneyness >= 0);
  if (after <= 0) return null;
  const [[x0, y0], [x1, y1]] = [marks[after - 1]!, marks[after]!];
  return y0 + ((y1 - y0) * (0 - x0)) / (x1 - x0);
}

/**
 * Returns the half-life whose modelled terms of volatility are nearest to the marks, by least squares of logarithms.
 * The model takes its level at 30 days from the marks, and the longest expiry as its long run.
 */
function bestHalfLife(smiles: readonly Smile[], model: SurfaceModel): number {
  const groups = Map.groupBy(smiles, ({ underlying, chain }) => `${underlying} ${chain}`);
  const missOf = (halfLifeDays: number) => {
    let miss = 0;
    for (const group of groups.values()) {
      const term = group.toSorted((a, b) => a.days - b.days);
      const after = term.findIndex(({ days }) => days >= 30);
      if (after <= 0) continue;
      const [near, far] = [term[after - 1]!, term[after]!];
      const share = (30 - near.days) / (far.days - near.days);
      const level = near.atTheMoney + (far.atTheMoney - near.atTheMoney) * share;
      for (const { days, atTheMoney } of term) {
        const modelled = atTheMoneyVolatility(level, term.at(-1)!.atTheMoney, days, { ...model, halfLifeDays });
        miss += log(modelled / atTheMoney) ** 2;
      }
    }
    return miss;
  };
  return halfLives.reduce((best, one) => (missOf(one) < missOf(best) ? one : best), model.halfLifeDays);
}
