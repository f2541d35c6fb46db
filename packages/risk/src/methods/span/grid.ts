/** One SPAN risk scenario. Numbers start at 1, as in risk parameter files. */
export interface SpanScenario {
  readonly number: number;
  /** The price move in price scan ranges, such as 1/3, -1 or the extreme multiplier. */
  readonly priceFraction: number;
  /** The volatility move in volatility scan ranges: 1, 0 or -1. */
  readonly volatilityFraction: number;
  /** The share of the loss that counts: 1, or the covered fraction of an extreme move. */
  readonly weight: number;
  /** The scenario with the same price move and the opposite volatility move. It is null for the extreme moves. */
  readonly pairedNumber: number | null;
}

/**
 * One point at which the composite delta is measured. The delta there counts with `weight`, and the weights of a grid
 * add up to 1.
 */
export interface SpanDeltaPoint {
  readonly priceFraction: number;
  readonly weight: number;
}

/**
 * The scenarios and delta points of a clearing organisation. They are data, because risk parameter files carry their
 * own.
 */
export interface SpanGrid {
  readonly scenarios: readonly SpanScenario[];
  readonly deltaPoints: readonly SpanDeltaPoint[];
}

/** One scenario as a list of moves states it, before it has a number and a pair. */
export type SpanScenarioMove = Omit<SpanScenario, "number" | "pairedNumber">;

const priceFractions = [0, 1 / 3, -1 / 3, 2 / 3, -2 / 3, 1, -1];

/**
 * The weights of the composite delta by price move. From memory they are 0.270, 0.217, 0.110 and 0.037. A public
 * inventory of a real NSE Clearing file (nsccl.20260625) lists 0.037, 0.111 and 0.217 in `deltaPointDef`. Only with
 * 0.111 do all seven add up to 1, so 0.111 is used (docs/sources.md, SPAN: scan risk). Volatility is not moved at these
 * points.
 */
export const spanDeltaPoints: readonly SpanDeltaPoint[] = priceFractions.map((priceFraction) => {
  const third = Math.abs(priceFraction);
  return { priceFraction, weight: third === 0 ? 0.27 : third < 0.5 ? 0.217 : third < 1 ? 0.111 : 0.037 };
});

/**
 * Builds the 16 scenarios (docs/sources.md, SPAN: scenarios). Each price move comes with volatility up, then down. The
 * two extreme moves follow with volatility unmoved, and `coveredFraction` of their loss counts. `extremeMultiplier` is
 * at least 1 and `coveredFraction` in (0, 1]. 2 with 0.35 is the older pair (still NSE's), 3 with 0.33 the current CME
 * one. Throws a RangeError for other values.
 */
export function buildSpanGrid(extremeMultiplier: number, coveredFraction: number): SpanGrid {
  if (!(extremeMultiplier >= 1 && extremeMultiplier < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`SPAN grid: extremeMultiplier is ${extremeMultiplier}; it must be at least 1`);
  }
  const moves: SpanScenarioMove[] = [];
  for (const priceFraction of priceFractions) {
    for (const volatilityFraction of [1, -1]) moves.push({ priceFraction, volatilityFraction, weight: 1 });
  }
  for (const priceFraction of [extremeMultiplier, -extremeMultiplier]) {
    moves.push({ priceFraction, volatilityFraction: 0, weight: coveredFraction });
  }
  return { scenarios: numberSpanScenarios(moves), deltaPoints: spanDeltaPoints };
}

/**
 * Numbers the moves from 1, and pairs those of equal price move and opposite volatility move. Throws a RangeError if no
 * scenario leaves the price unmoved, a weight is outside (0, 1], or a figure is not finite.
 */
export function numberSpanScenarios(moves: readonly SpanScenarioMove[]): SpanScenario[] {
  if (!moves.some((move) => move.priceFraction === 0)) {
    throw new RangeError("SPAN grid: no scenario has priceFraction 0; add the one without a price move");
  }
  return moves.map((move, index) => {
    const { priceFraction, volatilityFraction, weight } = move;
    if (!(weight > 0 && weight <= 1)) {
      throw new RangeError(`SPAN grid: weight of scenario ${index + 1} is ${weight}; it must be above 0 and at most 1`);
    }
    if (!Number.isFinite(priceFraction) || !Number.isFinite(volatilityFraction)) {
      throw new RangeError(
        `SPAN grid: scenario ${index + 1} moves by ${priceFraction}, ${volatilityFraction}; give finite numbers`,
      );
    }
    const paired = moves.findIndex(
      (other) =>
        volatilityFraction !== 0 &&
        other.priceFraction === priceFraction &&
        other.volatilityFraction === -volatilityFraction,
    );
    return { ...move, number: index + 1, pairedNumber: paired < 0 ? null : paired + 1 };
  });
}
