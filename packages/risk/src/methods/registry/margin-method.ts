import type { ComponentName, Instrument } from "../../model/index.ts";
import { isCurvedPerpetual, isDatedOption } from "../../model/product-traits.ts";
import type { Holding, NamedAmount, NamedScenario } from "../common/index.ts";
import type { SpanParameters, SpanPosition } from "../span/index.ts";

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

/** What netting between underlyings reads of a unit; a method makes and reads its own kind. */
export type UnitNetting =
  | {
      readonly kind: "losses";
      /** US dollars by scenario, of one joint move each; a gain (negative) stands with the share that may offset. */
      readonly losses: Float64Array;
      /** Initial and maintenance margin for a US dollar of worst loss. */
      readonly initialFactor: number;
      readonly maintenanceFactor: number;
    }
  | { readonly kind: "tims"; readonly pnl: Float64Array; readonly minimumCharge: number }
  | {
      readonly kind: "span";
      readonly positions: readonly SpanPosition[];
      readonly parameters: SpanParameters;
      readonly indexPrice: number;
      /** US dollars per unit of the currency of each combined commodity. */
      readonly prices: ReadonlyMap<string, number>;
    };

/** A unit of an account with what its method has asked of it, US dollars. */
export interface MeasuredUnit {
  readonly underlying: string;
  readonly initial: number;
  readonly maintenance: number;
  readonly netting: UnitNetting | null;
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
 * A margin method behind the engine. Its requirement is compared with the balance that all methods share: collateral, unrealised
 * profit and option value, netted by currency and after haircuts. A method whose own rules leave option value out of the balance has it as the
 * component `option_value` instead, which is the same comparison.
 */
export interface MarginMethod {
  /** Why an instrument cannot be margined by the method, in words; null when it can. */
  readonly findUnsupported: (instrument: Instrument) => string | null;
  /** Why what moves with the price of a coin cannot, be it a position or a balance; null when it can. */
  readonly findMissingTerms: (underlying: string) => string | null;
  /** Why a pool counted in any coin cannot; null when it can. */
  readonly coinPoolFault: string | null;
  readonly measure: (unit: MethodUnit) => MethodMeasure;
  /** Null when units neither offset each other nor anything is asked for what is owed. */
  readonly measureAccount: AccountRule | null;
  /** Whether measureAccount asks for debts by a rule of its publisher, so that no charge of ours for them comes on top. */
  readonly chargesLoans?: true;
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
): Pick<MarginMethod, "findUnsupported" | "findMissingTerms"> {
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
