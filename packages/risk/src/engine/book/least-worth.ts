import type { OptionInstrument } from "../../model/index.ts";

/** Where the payoff of options bends: beyond `at` the worth grows by `weight` more per unit of the price. */
interface Kink {
  readonly at: number;
  readonly weight: number;
}

/** Holdings as their worth goes by the price of one underlying: constant + slope x price + the payoffs of options. */
export interface WorthByPrice {
  readonly constant: number;
  readonly slope: number;
  readonly options: readonly { readonly terms: OptionTerms; readonly size: number }[];
}

/** `size` is signed units of the underlying. */
type OptionTerms = Pick<OptionInstrument, "optionType" | "strike" | "expiryMs">;

/** Sums of decimals differ from the decimal sum in their last bits: what is smaller than this share of its parts is 0. */
const ROUNDING_SHARE = 1e-12;

/** Linear between its points, which start at a price of 0, and with one slope beyond the last. */
interface Polyline {
  readonly prices: number[];
  readonly worths: number[];
  readonly endSlope: number;
}

/**
 * The least that holdings can come to be worth when prices may do anything; -Infinity when there is no least. At an expiry its
 * options pay out, and what expires later is then worth at least the greatest convex function below its own payoffs, since
 * the later price may still move either way from there. So a long option covers a short one that expires no later, and an option sold
 * for longer than what covers it stands alone. The price is one for all expiries; strikes and sizes can carry their forwards.
 */
export function leastWorth({ options, ...linear }: WorthByPrice): number {
  let { constant, slope } = linear;
  const kinks = new Map<number, Kink[]>();
  for (const { terms, size } of options) {
    const { optionType, strike, expiryMs } = terms;
    // A put pays size x (strike - price), and beyond the strike size x (price - strike) more; a call pays only the latter.
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

/** The line with the payoffs of one expiry added. */
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

/** Worth at a price at or beyond a point and before the next. */
function worthAt({ prices, worths, endSlope }: Polyline, point: number, price: number): number {
  const from = prices[point]!;
  if (price === from) return worths[point]!;
  const next = point + 1;
  const slope = next < prices.length ? (worths[next]! - worths[point]!) / (prices[next]! - from) : endSlope;
  return worths[point]! + slope * (price - from);
}

/** The greatest convex function that is nowhere above a line: its lower hull, which ends with the line's own last slope. */
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
