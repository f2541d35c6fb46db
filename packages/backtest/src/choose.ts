import { InputError } from "@plimsoll/files";
import type { ParameterSet, ScanParameters } from "@plimsoll/risk";
import type { Contender } from "./plan.ts";
import type { PortfolioResult } from "./report-schema.ts";

/** The scan parameters that a search may multiply, by their names on the wire. */
const searchable = {
  price_scan_range: "priceScanRange",
  volatility_up: "volatilityUp",
  volatility_down: "volatilityDown",
  minimum_volatility_up: "minimumVolatilityUp",
  calendar_minimum_move: "calendarMinimumMove",
  basis_rate: "basisRate",
  short_option_rate: "shortOptionRate",
  static_initial_rate: "staticInitialRate",
} as const satisfies Readonly<Record<string, keyof ScanParameters>>;

type Searchable = keyof typeof searchable;

/** The greatest number of combinations in one search. */
const mostCandidates = 64;

/**
 * Builds a contender for each combination of multiples, from words such as `price_scan_range=0.6,0.8,1`. It multiplies
 * these parameters in every scan of the parameter set. Extended moves that would come to lie within the price scan
 * range are removed.
 */
export function buildCandidates(base: readonly Contender[], words: readonly string[]): Contender[] {
  const axes = words.map(readAxis);
  const count = axes.reduce((product, { multiples }) => product * multiples.length, base.length);
  if (count > mostCandidates) {
    throw new InputError(`--choose asks for ${count} combinations; give at most ${mostCandidates}`, {
      mistakeIn: "request",
    });
  }
  let candidates = [...base];
  for (const { name, multiples } of axes) {
    candidates = candidates.flatMap((candidate) =>
      multiples.map((multiple) => ({
        ...candidate,
        name: `${candidate.name} ${name} ×${multiple}`,
        parameters: multiplied(candidate.parameters, name, multiple),
      })),
    );
  }
  return candidates;
}

function readAxis(word: string): { readonly name: Searchable; readonly multiples: readonly number[] } {
  const [name = "", list = ""] = word.split("=");
  const multiples = list.split(",").map(Number);
  const isKnown = Object.hasOwn(searchable, name);
  if (!isKnown || multiples.some((multiple) => !(multiple > 0 && multiple <= 10))) {
    throw new InputError(
      `--choose ${word}: write one of ${Object.keys(searchable).join(", ")}, "=" and multiples above 0 to 10 with commas between`,
      { mistakeIn: "request" },
    );
  }
  return { name: name as Searchable, multiples };
}

function multiplied(parameters: ParameterSet, name: Searchable, multiple: number): ParameterSet {
  const member = searchable[name];
  const scan = parameters.scan.map((one): ScanParameters => {
    const changed = { ...one, [member]: Number((one[member] * multiple).toPrecision(6)) };
    return {
      ...changed,
      extendedMoves: changed.extendedMoves.filter((move) => Math.abs(move) > changed.priceScanRange),
    };
  });
  return { ...parameters, scan };
}

/** The results of one candidate on the portfolios of one underlying. */
export interface CandidateFigures {
  readonly name: string;
  readonly coverage: number;
  /** The kinds of portfolio whose own coverage is below the level asked for. */
  readonly kindsBelow: readonly string[];
  /** The mean over the portfolios that it margined at some step, as a share of the gross notional; 0 without any. */
  readonly averageMarginShare: number;
  /** The number of portfolios that it margined at some step. */
  readonly margined: number;
}

export interface Choice {
  readonly underlying: string;
  readonly candidates: readonly CandidateFigures[];
  /**
   * The candidate with the least average margin among those whose coverage of all portfolios together reaches the
   * level. Null when there is none. A candidate that margins fewer portfolios than another is not chosen, since what it
   * refuses costs it nothing.
   */
  readonly cheapest: string | null;
  /**
   * The candidate with the least average margin among those that reach the level on every kind of portfolio. Null when
   * there is none.
   */
  readonly cheapestOfEveryKind: string | null;
}

/**
 * Finds the cheapest candidates that reach the coverage level. For each underlying, only the portfolios that hold
 * nothing else count.
 */
export function chooseCandidates(results: readonly PortfolioResult[], level: number): Choice[] {
  const names = results[0]?.contenders.map(({ name }) => name) ?? [];
  const underlyings = [...new Set(results.flatMap((result) => result.underlyings))].sort();
  return underlyings.map((underlying) => {
    const own = results.filter((result) => result.underlyings.length === 1 && result.underlyings[0] === underlying);
    const candidates = names.map((name, index) => candidateFigures(name, index, own, level));
    const cheapestOf = (eligible: readonly CandidateFigures[]) =>
      eligible.reduce<CandidateFigures | null>(
        (best, one) => (best === null || one.averageMarginShare < best.averageMarginShare ? one : best),
        null,
      )?.name ?? null;
    const mostMargined = Math.max(...candidates.map(({ margined }) => margined));
    const reaching = candidates.filter(({ coverage, margined }) => coverage >= level && margined === mostMargined);
    return {
      underlying,
      candidates,
      cheapest: cheapestOf(reaching),
      cheapestOfEveryKind: cheapestOf(reaching.filter(({ kindsBelow }) => kindsBelow.length === 0)),
    };
  });
}

function candidateFigures(
  name: string,
  index: number,
  own: readonly PortfolioResult[],
  level: number,
): CandidateFigures {
  const tally = (results: readonly PortfolioResult[]) => {
    const figures = results.map(({ contenders }) => contenders[index]!);
    const observations = figures.reduce((sum, one) => sum + one.observations, 0);
    const exceptions = figures.reduce((sum, one) => sum + one.exceptions, 0);
    const shares = figures.flatMap(({ average_margin_share }) => average_margin_share ?? []);
    return {
      coverage: observations === 0 ? 0 : 1 - exceptions / observations,
      margined: shares.length,
      averageMarginShare: shares.reduce((sum, share) => sum + share, 0) / (shares.length || 1),
    };
  };
  const kinds = [...new Set(own.map(({ kind }) => kind))];
  const kindsBelow = kinds.filter((kind) => tally(own.filter((one) => one.kind === kind)).coverage < level);
  return { name, ...tally(own), kindsBelow };
}
