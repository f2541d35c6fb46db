import type { ComponentName, Instrument, ParameterSet, ScanParameters, UnderlyingState } from "../model/index.ts";
import { isCurvedPerpetual, isDatedOption } from "../model/product-traits.ts";
import type { ScenarioSet } from "../scenarios/index.ts";
import type { ParameterRules } from "./bounds.ts";
import type { Holding, NamedAmount, NamedScenario } from "./common/holding.ts";
import type { BothMargins } from "./common/scan-factors.ts";
import type { SizedParameters } from "./size/parameters.ts";
import type { MeasuredUnit, ScanExposure, UnitMeasure, UnitNetting } from "./unit-measure.ts";

/** A net position with what a method needs besides its quote. */
export interface MethodHolding extends Holding {
  /** US dollars per unit of the currency it settles in. */
  readonly settlementPriceUsd: number;
  /** Gain since entry of a future or perpetual, US dollars; 0 for options, whose value counts instead. */
  readonly unrealisedProfitUsd: number;
}

/** Everything an account holds on one underlying, at the prices of one view of it. */
export interface MethodUnit {
  readonly underlying: string;
  /** US dollars. */
  readonly indexPrice: number;
  readonly asOfMs: number;
  /** Sorted by settlement currency, then by instrument id; none when only balances move with the underlying. */
  readonly holdings: readonly MethodHolding[];
  /** Whether the pool is counted in the coin of this underlying. */
  readonly poolIsCoin: boolean;
  /**
   * Balances whose worth in the pool moves with the underlying, US dollars: the coin in a cash pool, everything else in the
   * coin's pool; unrealised profit and option value included. Negative is owed.
   */
  readonly balanceUsd: number;
  /** The same without option value, for methods that scan what options are worth in cash. */
  readonly balanceWithoutOptionsUsd: number;
  /** The same object for all accounts at these prices: what is priced once is kept with it. */
  readonly prices: object;
}

/** What a method asks of one unit, US dollars, requirement positive. */
export interface MethodMeasure {
  /** Not below maintenance. */
  readonly initial: number;
  readonly maintenance: number;
  /** Add up to `initial`. */
  readonly components: readonly NamedAmount<ComponentName>[];
  /** Null when the method scans nothing or no scenario loses. */
  readonly worstScenario: NamedScenario | null;
  /** Absent when nothing of the unit offsets another underlying. */
  readonly netting?: UnitNetting;
}

/** What an account owes of one asset: a balance below 0. */
export interface Debt {
  readonly asset: string;
  /** US dollars, above 0. */
  readonly valueUsd: number;
}

/** What a method asks of an account beyond its units, US dollars; negative is a credit. */
export interface AccountCharge {
  readonly name: ComponentName;
  /** The underlying credited, or the asset owed. */
  readonly underlying: string;
  readonly initial: number;
  readonly maintenance: number;
}

/** Charges and credits between the units of one account; units in the order of their names. */
export type AccountRule = (units: readonly MeasuredUnit[], debts: readonly Debt[]) => readonly AccountCharge[];

/**
 * Reads the risk arrays that all accounts at the same prices share: the engine sums them over the positions of a unit and adds the
 * balances that move.
 */
export interface ArraysRule {
  readonly reads: "risk_arrays";
  /** `losses` are by scenario of `prices.set`, in pool currency; there may be more room behind them. */
  readonly measure: (
    losses: Float64Array,
    prices: ScannedPrices,
    exposure: ScanExposure,
    poolPriceUsd: number,
  ) => UnitMeasure;
  /** The most it asks for one US dollar of a balance that moves: coin in a cash pool, or a US dollar in the coin's own pool. */
  readonly askedForBalance: (set: ScenarioSet, poolIsCoin: boolean) => BothMargins;
}

/** Reads positions and balances themselves, at their quotes. */
export interface HoldingsRule {
  readonly reads: "holdings";
  readonly measure: (unit: MethodUnit) => MethodMeasure;
}

/** Asks nothing of a unit by itself: the engine revalues the whole account in joint scenarios and asks for what their tail requires. */
export interface JointRule {
  readonly reads: "joint_scenarios";
}

/** How a method measures what an account holds on one underlying. */
export type UnitRule = ArraysRule | HoldingsRule | JointRule;

/** What a scan reads of the prices of one underlying. */
export interface ScannedPrices {
  readonly state: Pick<UnderlyingState, "underlying">;
  readonly scan: ScanParameters;
  readonly set: ScenarioSet;
}

/**
 * A margin method behind the engine, with its parameters. Its requirement is compared with the balance that all methods share:
 * collateral, unrealised profit and option value, netted by currency and after haircuts. A method whose own rules leave option
 * value out of the balance has it as the component `option_value` instead, which is the same comparison.
 *
 * All that the engine must know of a method is a member here, so that no other file asks for the id of a method.
 */
export interface MarginMethod {
  readonly unit: UnitRule;
  /** Why an instrument cannot be margined, in words, or null when it can. The member is null where the method revalues any instrument. */
  readonly findUnsupported: ((instrument: Instrument) => string | null) | null;
  /** Why what moves with the price of a coin cannot, be it a position or a balance; null when it can. */
  readonly findMissingTerms: (underlying: string) => string | null;
  /** Why a pool counted in any coin cannot; null when it can. */
  readonly coinPoolFault: string | null;
  /** Null when units neither offset each other nor anything is asked for what is owed. */
  readonly measureAccount: AccountRule | null;
  /** Whether measureAccount asks for debts by a rule of its publisher, so that no charge of ours for them comes on top. */
  readonly chargesLoans: boolean;
  /**
   * Whether it asks for balances whose worth moves with a price. Of a method that looks at positions only, a coin that is owed
   * costs the fixed rates of the scan.
   */
  readonly chargesBalances: boolean;
  /** Whether the joint scenarios are the least that the whole account is asked for, beside what the units ask. */
  readonly hasJointFloor: boolean;
  /** Whether it never asks for more than the account can lose. A preset keeps its published number. */
  readonly isWithinLoss: boolean;
  /** Whether it asks of a unit the sum of what it asks of each instrument in it, whatever else is held. */
  readonly isAdditive: boolean;
  /** Groups of underlyings that are measured together; `all` when any two may be. */
  readonly measuredTogether: "all" | readonly (readonly string[])[];
  /**
   * How the dearest of many open orders are found. `by_scenario`: the requirement is the greatest over the scenarios that the
   * engine sums, with charges beside it, so that orders are chosen scenario by scenario. `by_subset`: subsets are tried.
   */
  readonly orderSearch: "by_scenario" | "by_subset";
}

/** The members of a method that measures each position by itself, or each unit, and nothing beyond them. */
export const plainMethod = {
  coinPoolFault: null,
  measureAccount: null,
  chargesLoans: false,
  chargesBalances: true,
  hasJointFloor: false,
  isWithinLoss: false,
  isAdditive: false,
  measuredTogether: [],
  orderSearch: "by_subset",
} as const satisfies Partial<MarginMethod>;

/** The members of a method that revalues any instrument and any balance, on any underlying. */
export const supportsAll = {
  findUnsupported: null,
  findMissingTerms: () => null,
} as const satisfies Partial<MarginMethod>;

/** The rule of a method that measures positions and balances themselves. */
export function readsHoldings(measure: (unit: MethodUnit) => MethodMeasure): HoldingsRule {
  return { reads: "holdings", measure };
}

/** Whether the requirement of a method, or the floor under it, is measured over all underlyings of an account at once. */
export function isMeasuredJointly({ unit, hasJointFloor }: MarginMethod): boolean {
  return hasJointFloor || unit.reads === "joint_scenarios";
}

/** A method as the registry has it: the folder of a method exports one. */
export interface MethodRegistration<Parameters extends SizedParameters = SizedParameters>
  extends ParameterRules<Parameters> {
  /** Number of its formulas: rises when the same parameters would give another requirement. */
  readonly formulas: number;
  /** The method with its own parameters of a set; built once for a set. */
  build(own: Parameters, set: ParameterSet): MarginMethod;
  /** What of the set besides its own parameters its requirement rests on, for its version; absent for nothing. */
  restsOn?(own: Parameters, set: ParameterSet): object;
}

/** Keeps what `build` makes of a unit's prices, for all accounts that meet the same prices. */
export function rememberByPrices<Kept>(build: (unit: MethodUnit) => Kept): (unit: MethodUnit) => Kept {
  const known = new WeakMap<object, Kept>();
  return (unit) => {
    let kept = known.get(unit.prices);
    if (kept === undefined) {
      kept = build(unit);
      known.set(unit.prices, kept);
    }
    return kept;
  };
}

/** Linear positions in units that pay US dollars: their quote currency may be worth a little more or less. */
export function inUsDollars({ holdings }: MethodUnit): Holding[] {
  return holdings.map(({ quoted, quantity, settlementPriceUsd }) => {
    const isLinear = quoted.instrument.settlement === "linear";
    return { quoted, quantity: isLinear ? quantity * settlementPriceUsd : quantity };
  });
}

/** Value of the options at their marks, long positive, US dollars. */
export function optionValueUsd(holdings: readonly MethodHolding[]): number {
  let value = 0;
  for (const { quoted, quantity, settlementPriceUsd } of holdings) {
    const { instrument, markPrice } = quoted;
    if (isDatedOption(instrument)) value += quantity * instrument.contractSize * markPrice * settlementPriceUsd;
  }
  return value;
}

/** The row of an underlying, or the one for any not listed. */
export function findRow<Row extends { readonly underlying: string }>(
  rows: readonly Row[],
  underlying: string,
): Row | undefined {
  return rows.find((row) => row.underlying === underlying) ?? rows.find((row) => row.underlying === "*");
}

/** Supports dated and perpetual contracts and options on the underlyings that have terms, and balances that move with these. */
export function supports(
  terms: string,
  hasTerms: (underlying: string) => boolean,
): { readonly [Member in "findUnsupported" | "findMissingTerms"]: NonNullable<MarginMethod[Member]> } {
  const findMissingTerms = (underlying: string) =>
    hasTerms(underlying) ? null : `${terms} have no row for ${underlying}`;
  return {
    findMissingTerms,
    findUnsupported: (instrument) =>
      isCurvedPerpetual(instrument)
        ? `${terms} have no rule for a ${instrument.kind}`
        : findMissingTerms(instrument.underlying),
  };
}
