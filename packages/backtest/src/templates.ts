import { createRandom } from "@plimsoll/risk";
import type { RecordedAccount } from "./recorded-accounts.ts";

/** One leg of a portfolio in terms that hold at any price. It becomes an instrument when the portfolio is built. */
export interface LegRule {
  readonly underlying: string;
  readonly kind: "perpetual" | "future" | "call" | "put";
  /** The signed multiple of the portfolio's notional; negative is short. */
  readonly weight: number;
  /** The distance of the strike above the forward, in deviations of the expiry. It counts for calls and puts only. */
  readonly deviations: number;
  /** The least number of days to the expiry; 0 for a perpetual. */
  readonly tenorDays: number;
  readonly settlement: "linear" | "inverse";
}

/**
 * A portfolio of a backtest. Its holding is built at the first step, and again whenever its nearest expiry has passed.
 */
export interface PortfolioRule {
  readonly portfolioId: string;
  readonly kind: string;
  readonly legs: readonly LegRule[];
  /** The coins held as collateral, as multiples of the notional. */
  readonly coins: readonly { readonly underlying: string; readonly weight: number }[];
  /** Whether perpetuals are added when the holding is built, so that its delta is 0. */
  readonly hedgesDelta: boolean;
  /**
   * The recorded account that is held as it was, in which case there are no legs. It is null for a generated portfolio.
   */
  readonly recorded: RecordedAccount | null;
}

/** The notional of a portfolio when it is built, in US dollars. */
export const notionalUsd = 1_000_000;

/** The least tenor in days after which portfolios of perpetuals alone are closed and opened again. */
export const perpetualRollDays = 28;

interface Draw {
  readonly underlying: string;
  readonly other: string;
  readonly near: number;
  readonly far: number;
  /** The distances of the nearer and of the farther strike from the forward, in deviations; both are above 0. */
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

/** The kinds of portfolio that the generator knows. Each is a function of what was drawn. */
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

/** The names of the kinds, in the order in which they are dealt. */
export const portfolioKinds = Object.keys(templates);

/**
 * Generates typical portfolios by seed and number: portfolio n is the same whatever the others are. Kinds are dealt in
 * turn, so that each comes as often as the others. Underlying, tenors, strikes and side are drawn. `underlyings` must
 * be sorted. With a single underlying, the kind `relative_value` is left out, because it needs a pair.
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
