import { createRandom } from "@plimsoll/risk";
import type { RecordedAccount } from "./recorded-accounts.ts";

/** One leg of a portfolio, in words that hold at any price: turned into an instrument when the portfolio is built. */
export interface LegRule {
  readonly underlying: string;
  readonly kind: "perpetual" | "future" | "call" | "put";
  /** Signed multiple of the notional. */
  readonly weight: number;
  /** Strike, in deviations of the expiry above the forward; calls and puts only. */
  readonly deviations: number;
  /** Least days to the expiry; 0 for a perpetual. */
  readonly tenorDays: number;
  readonly settlement: "linear" | "inverse";
}

/** A portfolio of a backtest: what it holds is built at the first hour, and again whenever its nearest expiry has passed. */
export interface PortfolioRule {
  readonly portfolioId: string;
  readonly kind: string;
  readonly legs: readonly LegRule[];
  /** Coins held as collateral, multiples of the notional. */
  readonly coins: readonly { readonly underlying: string; readonly weight: number }[];
  /** Whether perpetuals are added at the building so that the delta is 0. */
  readonly hedgesDelta: boolean;
  /** A real account, held as it was; then there are no legs. Null of a generated one. */
  readonly recorded: RecordedAccount | null;
}

/** Notional of a portfolio at the moment it is built, US dollars. */
export const notionalUsd = 1_000_000;

/** Tenor at which portfolios of perpetuals alone are closed and opened again. */
export const perpetualRollDays = 28;

interface Draw {
  readonly underlying: string;
  readonly other: string;
  readonly near: number;
  readonly far: number;
  /** Deviations of the nearer and of the farther strike, both above 0. */
  readonly inner: number;
  readonly outer: number;
  readonly side: 1 | -1;
}

type Template = (draw: Draw) => Pick<PortfolioRule, "legs"> & Partial<PortfolioRule>;

function leg(kind: LegRule["kind"], weight: number, draw: Draw, deviations = 0, tenorDays = draw.near): LegRule {
  const isPerpetual = kind === "perpetual";
  return {
    underlying: draw.underlying,
    kind,
    weight,
    deviations,
    tenorDays: isPerpetual ? 0 : tenorDays,
    settlement: "linear",
  };
}

/** The kinds of portfolio that the generator knows, each a function of what was drawn. */
const templates: Readonly<Record<string, Template>> = {
  long_perpetual: (d) => ({ legs: [leg("perpetual", 1, d)] }),
  short_perpetual: (d) => ({ legs: [leg("perpetual", -1, d)] }),
  short_straddle: (d) => ({ legs: [leg("call", -1, d), leg("put", -1, d)] }),
  short_strangle: (d) => ({ legs: [leg("call", -1, d, d.inner), leg("put", -1, d, -d.inner)] }),
  long_straddle: (d) => ({ legs: [leg("call", 1, d), leg("put", 1, d)] }),
  short_put: (d) => ({ legs: [leg("put", -1, d, -d.inner)] }),
  covered_call: (d) => ({
    legs: [{ ...leg("call", -1, d, d.inner), settlement: "inverse" }],
    coins: [{ underlying: d.underlying, weight: 1 }],
  }),
  put_spread: (d) => ({ legs: [leg("put", -1, d, -d.inner), leg("put", 1, d, -d.outer)] }),
  call_spread: (d) => ({ legs: [leg("call", -1, d, d.inner), leg("call", 1, d, d.outer)] }),
  iron_condor: (d) => ({
    legs: [
      leg("put", 1, d, -d.outer),
      leg("put", -1, d, -d.inner),
      leg("call", -1, d, d.inner),
      leg("call", 1, d, d.outer),
    ],
  }),
  risk_reversal: (d) => ({ legs: [leg("put", -d.side, d, -d.inner), leg("call", d.side, d, d.inner)] }),
  ratio_spread: (d) => ({ legs: [leg("call", 1, d, d.inner), leg("call", -2, d, d.outer)] }),
  calendar: (d) => ({ legs: [leg("call", -1, d), leg("call", 1, d, 0, d.far)] }),
  delta_neutral: (d) => ({
    legs: [leg("call", -1, d, d.inner / 2), leg("put", -1, d, -d.inner)],
    hedgesDelta: true,
  }),
  futures_basis: (d) => ({ legs: [leg("perpetual", d.side, d), leg("future", -d.side, d)] }),
  relative_value: (d) => ({
    legs: [leg("perpetual", d.side, d), { ...leg("perpetual", -d.side, d), underlying: d.other }],
  }),
};

/** Names of the kinds, in the order in which they are dealt. */
export const portfolioKinds = Object.keys(templates);

/**
 * Typical portfolios, by seed and number: portfolio n is the same whatever the others are. Kinds are dealt in turn, so that
 * each comes as often as the others; underlying, tenors, strikes and side are drawn. `underlyings` is sorted; with a single
 * one there is no pair to hold against each other, and that kind is left out.
 */
export function generatePortfolios(underlyings: readonly string[], count: number, seed: number): PortfolioRule[] {
  const kinds = portfolioKinds.filter((kind) => kind !== "relative_value" || underlyings.length > 1);
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(seed, index);
    const underlying = random.pick(underlyings);
    const others = underlyings.filter((name) => name !== underlying);
    const near = random.pick([7, 7, 28]);
    const inner = 0.5 + random.uniform();
    const draw: Draw = {
      underlying,
      other: others.length > 0 ? random.pick(others) : underlying,
      near,
      far: near === 7 ? 28 : 84,
      inner,
      outer: inner + 0.5 + random.uniform(),
      side: random.chance(0.5) ? 1 : -1,
    };
    const kind = kinds[index % kinds.length]!;
    const { legs, coins = [], hedgesDelta = false } = templates[kind]!(draw);
    return {
      portfolioId: `${kind}-${String(index + 1).padStart(4, "0")}`,
      kind,
      legs,
      coins,
      hedgesDelta,
      recorded: null,
    };
  });
}
