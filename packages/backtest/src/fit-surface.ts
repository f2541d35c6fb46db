import { InputError } from "@plimsoll/files";
import type { MarketBatch } from "@plimsoll/markets";
import { isDatedOption, log, MS_PER_DAY, MS_PER_YEAR } from "@plimsoll/risk";
import { isInstrumentQuote, toNumber } from "@plimsoll/schema";
import { atTheMoneyVolatility, type SurfaceModel } from "./surface.ts";

/** Shorter expiries are noise of their marks, and a smile needs a few strikes. */
const leastDays = 2;
const leastStrikes = 8;
const halfLives = [2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90];

interface Smile {
  readonly underlying: string;
  readonly chain: number;
  readonly days: number;
  readonly atTheMoney: number;
  /** Deviations of moneyness, and volatility over that at the money, less 1. */
  readonly points: readonly (readonly [number, number])[];
}

/**
 * The model with skew and curvature fitted by least squares to the out-of-the-money marks of recorded chains within the
 * model's deviations, and the half-life that misses their terms of volatility least; the level rules stay. Every expiry
 * counts the same for the smile's strikes it has.
 */
export function fitSurface(batches: readonly MarketBatch[], model: SurfaceModel): SurfaceModel {
  const smiles = batches.flatMap((batch, chain) => smilesOf(batch, chain, model));
  const points = smiles.flatMap((smile) => smile.points);
  if (points.length < leastStrikes) {
    throw new InputError(
      `--chain holds ${points.length} usable option marks; give a chain with options from two days on`,
    );
  }
  // Normal equations of y = skew m + curvature m^2 / 2.
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

/** Volatility at the forward, on the line between the marks on its two sides; null when one side has none. */
function interpolatedAtZero(marks: readonly (readonly [number, number])[]): number | null {
  const after = marks.findIndex(([logMoneyness]) => logMoneyness >= 0);
  if (after <= 0) return null;
  const [[x0, y0], [x1, y1]] = [marks[after - 1]!, marks[after]!];
  return y0 + ((y1 - y0) * (0 - x0)) / (x1 - x0);
}

/** Term by term against the model, with the level at 30 days and the longest expiry as the long run; least squares of logs. */
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
