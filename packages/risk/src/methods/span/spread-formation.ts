/**
 * The deltas of one combined commodity that spreads can still use, by expiry. A `gross` ledger offers the longs and the
 * shorts of a tier side by side. A `net` ledger offers only what remains after netting within the tier.
 */
export interface DeltaLedger {
  /** The periods in ascending order, parallel to `remaining`. */
  readonly periods: readonly string[];
  /** The signed deltas left per period. */
  readonly remaining: Float64Array;
  readonly netting: "gross" | "net";
}

/** A leg of a spread with the ledger whose deltas it uses. */
export interface SpreadFormationLeg {
  readonly ledger: DeltaLedger;
  /**
   * The name of the part of the ledger that this leg uses. Legs with the same ledger, part and side count as one leg.
   */
  readonly part: string;
  readonly includes: (period: string) => boolean;
  readonly deltaPerSpread: number;
  readonly side: "A" | "B";
}

/** Creates a ledger of the given deltas by period. */
export function createDeltaLedger(deltas: ReadonlyMap<string, number>, netting: "gross" | "net"): DeltaLedger {
  const periods = [...deltas.keys()].sort();
  return { periods, remaining: Float64Array.from(periods, (period) => deltas.get(period)!), netting };
}

/**
 * Forms as many spreads as the remaining deltas allow, first with A long and B short, then the reverse. It takes the
 * deltas of these spreads from the ledgers, nearest expiry first. Returns the number of spreads, which need not be
 * whole.
 */
export function formSpreads(legs: readonly SpreadFormationLeg[]): number {
  const draws = groupLegs(legs);
  let formed = 0;
  for (const longSide of ["A", "B"] as const) {
    let count = Number.POSITIVE_INFINITY;
    for (const draw of draws) {
      count = Math.min(count, availableDelta(draw, draw.side === longSide ? 1 : -1) / draw.deltaPerSpread);
    }
    if (!(count > 0) || count === Number.POSITIVE_INFINITY) continue;
    for (const draw of draws) useDelta(draw, draw.side === longSide ? 1 : -1, count * draw.deltaPerSpread);
    formed += count;
  }
  return formed;
}

function groupLegs(legs: readonly SpreadFormationLeg[]): SpreadFormationLeg[] {
  const draws: SpreadFormationLeg[] = [];
  for (const leg of legs) {
    if (!(leg.deltaPerSpread > 0)) {
      throw new RangeError(`SPAN spread: deltaPerSpread is ${leg.deltaPerSpread}; it must be above 0`);
    }
    const index = draws.findIndex(
      ({ ledger, part, side }) => ledger === leg.ledger && part === leg.part && side === leg.side,
    );
    if (index < 0) draws.push(leg);
    else draws[index] = { ...leg, deltaPerSpread: draws[index]!.deltaPerSpread + leg.deltaPerSpread };
  }
  return draws;
}

function availableDelta({ ledger, includes }: SpreadFormationLeg, sign: 1 | -1): number {
  let available = 0;
  for (const [index, period] of ledger.periods.entries()) {
    if (!includes(period)) continue;
    const delta = sign * ledger.remaining[index]!;
    available += ledger.netting === "net" ? delta : Math.max(0, delta);
  }
  return Math.max(0, available);
}

function useDelta({ ledger, includes }: SpreadFormationLeg, sign: 1 | -1, amount: number): void {
  let left = amount;
  for (const [index, period] of ledger.periods.entries()) {
    if (!includes(period)) continue;
    const used = Math.min(left, Math.max(0, sign * ledger.remaining[index]!));
    ledger.remaining[index] = ledger.remaining[index]! - sign * used;
    left -= used;
  }
}
