import type { ComponentName } from "../model/index.ts";
import type { ScenarioSet } from "../scenarios/index.ts";

/** What netting between underlyings reads of a unit; a method makes and reads its own kind. */
export interface UnitNetting {
  readonly kind: string;
}

/** A unit of an account with what its method has asked of it, US dollars. */
export interface MeasuredUnit {
  readonly underlying: string;
  readonly initial: number;
  readonly maintenance: number;
  readonly netting: UnitNetting | null;
}

/** What a method asks of one risk unit, pool currency, requirement positive. */
export interface UnitMeasure {
  /** Sum of the components but those that all methods share: confidence, expected funding and borrowing. */
  readonly requirement: number;
  readonly initial: number;
  readonly maintenance: number;
  readonly componentNames: readonly ComponentName[];
  /** Parallel to componentNames. */
  readonly amounts: readonly number[];
  /** Scenario with the greatest loss; -1 when none loses or none is looked at. */
  readonly worstScenario: number;
  /** Its loss; 0 when there is none. */
  readonly worstLoss: number;
  /** What netting between underlyings reads; absent when the unit takes no part in any. */
  readonly measured?: MeasuredUnit;
  /** What credits leave at least, pool currency; absent for nothing. */
  readonly least?: { readonly initial: number; readonly maintenance: number };
  /** What worstScenario counts in, where that is not the scenario set of the unit's view. */
  readonly scenarios?: Pick<ScenarioSet, "ids" | "labels">;
}

/** What all methods read of a unit, at the prices of its view. */
export interface UnitExposure {
  /** US dollars per unit of the underlying over US dollars per unit of the pool currency. */
  readonly indexPrice: number;
  /** Sum of |quantity x delta| of the positions and of the coin balances that move, units of the underlying. */
  readonly grossDelta: number;
  /** Share of the index charged on the gross delta for the width of its price; 0 when the price is good. */
  readonly confidenceWidth: number;
}

/** What methods that read risk arrays read of a unit besides its losses. */
export interface ScanExposure extends UnitExposure {
  /** Net delta of each expiry (perpetuals are one), units of the underlying. */
  readonly expiryDeltas: readonly number[];
  /** Calendar charge of each expiry, share of the index per unit of delta. */
  readonly expiryRates: readonly number[];
  /** Which of the expiries is the perpetuals'; -1 without any. */
  readonly perpetualExpiry: number;
  /** Net options, calls and puts together, of each strike and expiry, units of the underlying. */
  readonly strikeQuantities: readonly number[];
  /** Units of the underlying that all positions stand for, longs and shorts added; an option counts in full. */
  readonly grossNotional: number;
}

/** Charge for not knowing the price better than to its confidence width; part of initial margin only. */
export function confidenceCharge(exposure: UnitExposure): number {
  return exposure.confidenceWidth * exposure.indexPrice * exposure.grossDelta;
}
