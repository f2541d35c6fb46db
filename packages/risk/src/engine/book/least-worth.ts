import type { OptionInstrument } from "../../model/index.ts";

/** A price at which the payoff of options bends. Beyond `at` the worth grows by `weight` more per unit of the price. */
interface Kink {
  readonly at: number;
  readonly weight: number;
}

/** The worth of holdings by the price of one underlying: constant + slope x price + the payoffs of options. */
export interface WorthByPrice {
  readonly constant: number;
  readonly slope: number;
  readonly options: readonly { readonly terms: OptionTerms; readonly size: number }[];
}

/** The terms of an option that its payoff depends on. The `size` beside them is in signed units of the underlying. */
type OptionTerms = Pick<OptionInstrument, "optionType" | "strike" | "expiryMs">;

/** The share of its parts below which a sum counts as 0, as sums of doubles are wrong in their last bits. */
const ROUNDING_SHARE = 1e-12;

/**
 * A worth by price that is linear between its points. The points start at a price of 0, and one slope continues beyond
 * the last.
 */
interface Polyline {
  readonly prices: number[];
  readonly worths: number[];
  readonly endSlope: number;
}

/**
 * Returns the least that holdings can come to be worth whatever prices do, or -Infinity if there is no least. At an
 * expiry its options pay out. Options that expire later are then worth at least the greatest convex function below
 * their payoffs, since the price may still move either way. So a long option covers a short one that expires no later.
 * An option that is sold for longer than its cover stands alone. All expiries share one price; strikes and sizes can
 * carry their forwards.
 */
export function leastWorth({ options, ...linear }: WorthByPrice): number {
  let { constant, slope } = linear;
  const kinks = new Map<number, Kink[]>();
  for (const { terms, size } of options) {
    const { optionType, strike, expiryMs } = terms;
    // A put pays size x (strike - price), and beyond the strike size x (price - strike) more. A call pays only the
    // second part.
    if (optionType === "put") {
      constant += size * strike;
      slope -= size;
    }
    const own = kinks.get(expiryMs);
    if (own === undefined) kinks.set(expiryMs, [{ at: strike, weight: size }]);
    else own.push({ at: strike, weight: size });
  }
  const latestFirst = [...kinks].sort(([a], [b]) => b - a).map(([, own]) => own);
  return leastOf(constant, slope, latestFirst);
}

function leastOf(constant: number, slope: number, expiries: readonly (readonly Kink[])[]): number {
  const endSlope = slope + expiries.reduce((sum, kinks) => sum + kinks.reduce((own, { weight }) => own + weight, 0), 0);
  let size = Math.abs(slope);
  let worthSize = Math.abs(constant);
  for (const kinks of expiries) {
    for (const { at, weight } of kinks) {
      size += Math.abs(weight);
      worthSize += Math.abs(weight) * at;
    }
  }
  if (endSlope < -ROUNDING_SHARE * size) return Number.NEGATIVE_INFINITY;
  let line: Polyline = { prices: [0], worths: [0], endSlope: 0 };
  for (const [index, kinks] of expiries.entries()) line = addKinks(index === 0 ? line : convexBelow(line), kinks);
  let least = Number.POSITIVE_INFINITY;
  for (const [index, price] of line.prices.entries()) {
    least = Math.min(least, constant + slope * price + line.worths[index]!);
  }
  return Math.abs(least) <= ROUNDING_SHARE * worthSize ? 0 : least;
}

/** Returns the line with the payoffs of one expiry added. */
function addKinks(line: Polyline, kinks: readonly Kink[]): Polyline {
  const sorted = kinks.toSorted((a, b) => a.at - b.at);
  const prices = [...new Set([...line.prices, ...sorted.map(({ at }) => at)])].sort((a, b) => a - b);
  const worths: number[] = [];
  let point = 0;
  let kink = 0;
  let weight = 0;
  let weightedAt = 0;
  for (const price of prices) {
    while (kink < sorted.length && sorted[kink]!.at <= price) {
      weight += sorted[kink]!.weight;
      weightedAt += sorted[kink]!.weight * sorted[kink]!.at;
      kink += 1;
    }
    while (point + 1 < line.prices.length && line.prices[point + 1]! <= price) point += 1;
    worths.push(worthAt(line, point, price) + (weight * price - weightedAt));
  }
  return { prices, worths, endSlope: line.endSlope + weight };
}

/** Returns the worth at a price that lies at or beyond `point` and before the next point. */
function worthAt({ prices, worths, endSlope }: Polyline, point: number, price: number): number {
  const from = prices[point]!;
  if (price === from) return worths[point]!;
  const next = point + 1;
  const slope = next < prices.length ? (worths[next]! - worths[point]!) / (prices[next]! - from) : endSlope;
  return worths[point]! + slope * (price - from);
}

/**
 * Returns the greatest convex function that is nowhere above a line. It is the line's lower hull, and ends with the
 * line's own last slope.
 */
function convexBelow({ prices, worths, endSlope }: Polyline): Polyline {
  const hull: number[] = [];
  const slopeBetween = (a: number, b: number) => (worths[b]! - worths[a]!) / (prices[b]! - prices[a]!);
  for (let point = 0; point < prices.length; point += 1) {
    while (hull.length > 1 && slopeBetween(hull.at(-2)!, hull.at(-1)!) >= slopeBetween(hull.at(-1)!, point)) {
      hull.pop();
    }
    hull.push(point);
  }
  while (hull.length > 1 && slopeBetween(hull.at(-2)!, hull.at(-1)!) >= endSlope) hull.pop();
  return { prices: hull.map((point) => prices[point]!), worths: hull.map((point) => worths[point]!), endSlope };
}
