import { type Contribution, measureContributions, type TailMeasure } from "../../measures/index.ts";
import { addUp, measureVar } from "../../methods/var/requirement.ts";
import type { MarginNote } from "../../model/index.ts";
import type { Book } from "../book/book.ts";
import { findJointMarket, isJointFault } from "../market/joint-market.ts";
import type { Market } from "../market/market.ts";
import type { CurrencyValue } from "../value/currency-value.ts";
import { addPositions, computeBalanceParts, computeJointParts } from "./joint-losses.ts";

/** A scenario by its name, with the loss of the whole book in it, in pool currency. */
export interface NamedLoss {
  /** The id of the scenario, which is the date of a historical one. */
  readonly scenarioId: string;
  readonly label: string;
  readonly loss: number;
}

/** The contribution of one position or balance to a figure of the tail; see Contribution. */
export interface PartContribution extends Contribution {
  /** The id of the instrument, or the asset of a balance. */
  readonly partId: string;
  readonly kind: "position" | "balance";
  readonly underlying: string;
  readonly quantity: number;
}

/** A value at risk or expected shortfall of a book with its parts, in pool currency. */
export interface VarExplanation {
  readonly measure: TailMeasure;
  readonly level: number;
  readonly horizonHours: number;
  readonly scenarioCount: number;
  /** The figure of the simulated tail. All components add up to it. A delta-gamma approximation has no part in it. */
  readonly figure: number;
  readonly parts: readonly PartContribution[];
  readonly underlyings: readonly (Contribution & { readonly underlying: string })[];
  /** The scenarios that the figure is computed from, greatest loss first. */
  readonly tail: readonly (NamedLoss & { readonly weight: number })[];
  /** All stress scenarios, greatest loss first. */
  readonly stresses: readonly NamedLoss[];
  readonly notes: readonly MarginNote[];
}

/**
 * Explains the tail of a book that has been valued, whatever its method. Returns null if the market has no joint
 * scenarios, if they lack moves of an underlying, or if nothing in the book moves.
 */
export function explainVar(
  market: Market,
  book: Book,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): VarExplanation | null {
  const joint = findJointMarket(market);
  if (isJointFault(joint)) return null;
  if (book.units.some(({ underlying }) => joint.coins.has(underlying) && joint.columnsOf(underlying) === null))
    return null;
  const { tailCount, stressCount, scenarioCount, parameters, weights, ids, labels } = joint;
  const { measure, level, horizonHours } = parameters;
  const priced = { market, book, joint, values, poolPriceUsd };
  const positions = book.units.flatMap((unit) =>
    unit.instrumentIndexes.map((instrument, position) => {
      const losses = new Float64Array(scenarioCount);
      addPositions(losses, priced, unit, position, position + 1);
      const partId = market.snapshot.instruments[instrument]!.instrument.instrumentId;
      const quantity = unit.quantities[position]!;
      return { partId, kind: "position" as const, underlying: unit.underlying, quantity, losses };
    }),
  );
  const balances = computeBalanceParts(priced).map(({ asset, amount, underlying, losses }) => ({
    partId: asset,
    kind: "balance" as const,
    underlying,
    quantity: amount,
    losses,
  }));
  const held = [...positions, ...balances];
  if (held.length === 0) return null;
  const inTail = <Part extends { readonly losses: Float64Array }>(part: Part) => ({
    ...part,
    losses: part.losses.subarray(0, tailCount),
  });
  const byPart = measureContributions(held.map(inTail), level, measure, weights);
  const units = computeJointParts(priced);
  const byUnit = measureContributions(
    units.map((part) => ({ quantity: 0, losses: part.losses.subarray(0, tailCount) })),
    level,
    measure,
    weights,
  );
  const losses = addUp(units, scenarioCount);
  const nameLoss = (s: number): NamedLoss => ({ scenarioId: ids[s]!, label: labels[s]!, loss: losses[s]! });
  const stresses = Array.from({ length: stressCount }, (_, s) => nameLoss(tailCount + s));
  return {
    measure,
    level,
    horizonHours,
    scenarioCount: tailCount,
    figure: byPart.total,
    parts: held.map(({ losses: _, ...named }, index) => ({ ...named, ...byPart.parts[index]! })),
    underlyings: units.map(({ underlying }, index) => ({ underlying, ...byUnit.parts[index]! })),
    tail: byPart.tail.indexes.map((s, place) => ({ ...nameLoss(s), weight: byPart.tail.weights[place]! })),
    stresses: stresses.sort((a, b) => b.loss - a.loss),
    notes: measureVar(units, joint).notes,
  };
}
