import { exp, type Instrument, type Quoted, type Random } from "@plimsoll/risk";
import type { ChainView, OptionExpiry } from "./chain-view.ts";

/** One leg of a structure. `units` is in units of the underlying, positive if bought and negative if sold. */
export interface Leg {
  readonly quoted: Quoted<Instrument>;
  readonly units: number;
}

/**
 * Draws the legs of one trade of about `units` of the underlying. The result is empty if the chain lacks what the trade
 * needs.
 */
export type Structure = (random: Random, chain: ChainView, units: number) => Leg[];

/** The kinds of trades that are held on an options venue, with the weight with which each is drawn. */
export const structures: readonly { readonly name: string; readonly weight: number; readonly draw: Structure }[] = [
  { name: "short strangle", weight: 18, draw: shortStrangle },
  { name: "vertical spread", weight: 14, draw: verticalSpread },
  { name: "iron condor", weight: 10, draw: ironCondor },
  { name: "covered call", weight: 14, draw: coveredCall },
  { name: "protective put", weight: 6, draw: protectivePut },
  { name: "calendar", weight: 10, draw: calendar },
  { name: "delta-neutral basis", weight: 8, draw: basisTrade },
  { name: "long straddle", weight: 8, draw: longStraddle },
  { name: "leveraged perpetual", weight: 12, draw: leveragedPerpetual },
];

/** Draws one option, bought or sold, which fills up a count of positions. */
export function singleOption(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  if (!expiry) return [];
  const side = random.chance(0.5) ? "calls" : "puts";
  const deviations = (side === "calls" ? 1 : -1) * (0.2 + 1.6 * random.uniform());
  return [option(expiry, side, deviations, random.chance(0.55) ? -units : units)];
}

function shortStrangle(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  if (!expiry) return [];
  const width = 0.8 + 0.7 * random.uniform();
  return [option(expiry, "calls", width, -units), option(expiry, "puts", -width, -units)];
}

function verticalSpread(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  if (!expiry) return [];
  const near = 0.3 + 0.7 * random.uniform();
  const far = near + 0.5 + 0.5 * random.uniform();
  const sign = random.chance(0.6) ? -1 : 1;
  return random.chance(0.5)
    ? [option(expiry, "calls", near, sign * units), option(expiry, "calls", far, -sign * units)]
    : [option(expiry, "puts", -near, sign * units), option(expiry, "puts", -far, -sign * units)];
}

function ironCondor(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  if (!expiry) return [];
  const near = 0.6 + 0.4 * random.uniform();
  const far = near + 0.6;
  return [
    option(expiry, "calls", near, -units),
    option(expiry, "calls", far, units),
    option(expiry, "puts", -near, -units),
    option(expiry, "puts", -far, units),
  ];
}

function coveredCall(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  if (!expiry || !chain.perpetual) return [];
  return [{ quoted: chain.perpetual, units }, option(expiry, "calls", 0.5 + 0.8 * random.uniform(), -units)];
}

function protectivePut(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  if (!expiry || !chain.perpetual) return [];
  return [{ quoted: chain.perpetual, units }, option(expiry, "puts", -(0.3 + 0.7 * random.uniform()), units)];
}

function calendar(random: Random, chain: ChainView, units: number): Leg[] {
  const near = drawExpiry(random, chain);
  const later = near ? chain.expiries.filter((expiry) => expiry.days > near.days * 1.5) : [];
  if (!near || later.length === 0) return [];
  const side = random.chance(0.5) ? "calls" : "puts";
  const sign = random.chance(0.75) ? 1 : -1;
  return [option(near, side, 0, -sign * units), option(random.pick(later), side, 0, sign * units)];
}

function basisTrade(random: Random, chain: ChainView, units: number): Leg[] {
  if (!chain.perpetual || chain.futures.length === 0) return [];
  const sign = random.chance(0.7) ? 1 : -1;
  return [
    { quoted: chain.perpetual, units: sign * units },
    { quoted: random.pick(chain.futures), units: -sign * units },
  ];
}

function longStraddle(random: Random, chain: ChainView, units: number): Leg[] {
  const expiry = drawExpiry(random, chain);
  return expiry ? [option(expiry, "calls", 0, units), option(expiry, "puts", 0, units)] : [];
}

function leveragedPerpetual(random: Random, chain: ChainView, units: number): Leg[] {
  return chain.perpetual ? [{ quoted: chain.perpetual, units: random.chance(0.7) ? units : -units }] : [];
}

const typicalDays = 21;

/** Draws an expiry. Expiries some weeks away are the most likely ones. */
function drawExpiry(random: Random, chain: ChainView): OptionExpiry | undefined {
  if (chain.expiries.length === 0) return undefined;
  return random.pickWeighted(
    chain.expiries.map((expiry) => ({
      ...expiry,
      weight: expiry.days / (expiry.days + typicalDays) / (1 + expiry.days / 60),
    })),
  );
}

/** Returns the option whose strike is nearest to the forward moved by `deviations` standard deviations. */
function option(expiry: OptionExpiry, side: "calls" | "puts", deviations: number, units: number): Leg {
  const target = expiry.forwardPrice * exp(deviations * expiry.volatility * Math.sqrt(expiry.days / 365));
  const quoted = expiry[side].reduce((best, candidate) =>
    Math.abs(candidate.instrument.strike - target) < Math.abs(best.instrument.strike - target) ? candidate : best,
  );
  return { quoted, units };
}
