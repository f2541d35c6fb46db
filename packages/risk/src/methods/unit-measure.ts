import type { ComponentName, ParameterSet } from "../model/index.ts";
import type { ScenarioSet } from "../scenarios/index.ts";

/** An initial and a maintenance margin, or a factor for each. */
export interface BothMargins {
  readonly initial: number;
  readonly maintenance: number;
}

/**
 * Returns the initial and the maintenance margin for one unit of worst loss. The scan gives one of the two directly,
 * and the ratio of the set gives the other.
 */
export function scanFactors({
  scanGives,
  maintenanceToInitialRatio: ratio,
}: Pick<ParameterSet, "scanGives" | "maintenanceToInitialRatio">): BothMargins {
  return scanGives === "initial" ? { initial: 1, maintenance: ratio } : { initial: 1 / ratio, maintenance: 1 };
}

/**
 * Returns the members of a parameter set on which scanned requirements depend: the scans, and which of the
 * two margins they give.
 */
export function scannedTerms({ scan, scanGives, maintenanceToInitialRatio }: ParameterSet): object {
  return { scan, scanGives, maintenanceToInitialRatio };
}

/** What a unit contributes to netting between underlyings. Each method makes its own kind and reads only that kind. */
export interface UnitNetting {
  readonly kind: string;
}

/** A unit of a pool with what its method has required for it, in US dollars. */
export interface MeasuredUnit {
  readonly underlying: string;
  readonly initial: number;
  readonly maintenance: number;
  readonly netting: UnitNetting | null;
}

/** What a method requires for one unit, in pool currency. Requirements are positive. */
export interface UnitMeasure {
  /** The sum of the components except those that all methods share: confidence, expected funding and borrowing. */
  readonly requirement: number;
  readonly initial: number;
  readonly maintenance: number;
  readonly componentNames: readonly ComponentName[];
  /** The amount of each component, in the order of `componentNames`. */
  readonly amounts: readonly number[];
  /** The index of the scenario with the greatest loss. It is -1 when no scenario loses or the method looks at none. */
  readonly worstScenario: number;
  /** The loss in that scenario, or 0 when there is none. */
  readonly worstLoss: number;
  /** What netting between underlyings reads of the unit. Absent when the unit takes no part in netting. */
  readonly measured?: MeasuredUnit;
  /** The least margin that must remain after credits, in pool currency. Absent when credits may leave nothing. */
  readonly least?: { readonly initial: number; readonly maintenance: number };
  /** The scenarios that `worstScenario` indexes, given only when they are not the scenario set of the unit's view. */
  readonly scenarios?: Pick<ScenarioSet, "ids" | "labels">;
}

/** The exposure of a unit that all methods read, at the prices of its view. */
export interface UnitExposure {
  /**
   * The index price of the underlying in pool currency: its price in US dollars / the price of the pool
   * currency in US dollars.
   */
  readonly indexPrice: number;
  /** The sum of |quantity x delta| over the positions and the coin balances that move, in units of the underlying. */
  readonly grossDelta: number;
  /**
   * The share of the index price charged on the gross delta because the price is uncertain. It is 0
   * when the price is good.
   */
  readonly confidenceWidth: number;
}

/** The exposure of a unit that methods with risk arrays read besides its losses. */
export interface ScanExposure extends UnitExposure {
  /** The net delta of each expiry in units of the underlying. All perpetuals together count as one expiry. */
  readonly expiryDeltas: readonly number[];
  /** The calendar charge of each expiry, as a share of the index price per unit of delta. */
  readonly expiryRates: readonly number[];
  /** The index of the perpetuals' entry among the expiries, or -1 when the unit has no perpetuals. */
  readonly perpetualExpiry: number;
  /** The net option quantity of each pair of strike and expiry, calls and puts added, in units of the underlying. */
  readonly strikeQuantities: readonly number[];
  /**
   * The sum of the sizes of all positions in units of the underlying, longs and shorts added. Options count in full.
   */
  readonly grossNotional: number;
}

/**
 * Returns the charge for an index price that is known only to its confidence width. It is in pool currency and part of
 * initial margin only.
 */
export function confidenceCharge(exposure: UnitExposure): number {
  return exposure.confidenceWidth * exposure.indexPrice * exposure.grossDelta;
}
