import type { MethodId } from "../methods/method-parameters.ts";
import type { Severity } from "./parameters.ts";
import type { PriceQuality } from "./snapshot.ts";

export interface WorstScenario {
  readonly scenarioId: string;
  /** The text for people, for example `BTC −16 %, vol up`. */
  readonly label: string;
  /** The loss in the pool currency. A loss is positive. */
  readonly loss: number;
}

export interface Greeks {
  /** The delta in units of the underlying. */
  readonly delta: number;
  /** The gamma in units of the underlying per 1 US dollar. */
  readonly gamma: number;
  /** The vega in US dollars per volatility point (0.01). */
  readonly vega: number;
  /** The theta in US dollars per day. */
  readonly theta: number;
}

export type ComponentName =
  | "scan_risk"
  | "extended_scan_excess"
  | "calendar_charge"
  | "basis_charge"
  | "short_option_minimum"
  | "confidence_charge"
  | "static_charge"
  | "futures_margin"
  | "short_option_margin"
  | "spread_relief"
  | "option_value"
  | "locked_profit"
  | "initial_addition"
  | "maintenance_brackets"
  | "span_risk"
  | "minimum_charge"
  | "worst_case"
  | "roll_shock"
  | "delta_shock"
  | "okx_core_risk"
  | "okx_vega_term_structure"
  | "okx_basis"
  | "okx_interest_rate"
  | "minimum_delta_excess"
  | "maximum_loss"
  | "short_option_contingency"
  | "vega_spread_contingency"
  | "delta_spread_contingency"
  | "gross_future_contingency"
  | "perpetual_contingency"
  | "option_contingency"
  | "stablecoin_spread_contingency"
  | "okx_stablecoin"
  | "fee_provision"
  | "funding_provision"
  | "borrowing_margin"
  | "currency_offset_credit"
  | "inter_commodity_credit"
  | "product_group_credit"
  | "open_interest_charge"
  | "value_at_risk"
  | "expected_shortfall"
  | "stress_excess"
  | "var_floor_excess"
  | "concentration_charge"
  | "liquidation_cost"
  | "loss_bound_credit"
  | "size_minimum"
  | "collateral_haircut"
  | "depeg_charge"
  | "expected_funding"
  | "borrowing_charge"
  | "perpetual_margin"
  | "option_margin"
  | "unpriced_holding";

/** A named part of a requirement, in the pool currency. A requirement is positive, a credit negative. */
export interface MarginComponent {
  readonly name: ComponentName;
  /** The underlying, or for a loan the borrowed asset. */
  readonly underlying: string;
  readonly amount: number;
}

/** The risk of all holdings on one underlying. */
export interface RiskUnitResult {
  readonly underlying: string;
  readonly quality: PriceQuality;
  /** The worst scenario, or null when the method scans nothing (static) or no scenario loses. */
  readonly worstScenario: WorstScenario | null;
  readonly greeks: Greeks;
  /** The requirement of the unit before the factor between initial and maintenance margin, in the pool currency. */
  readonly requirement: number;
}

/** The subjects that a note may have. */
export const noteCodes = [
  "at_par",
  "counted_as_settled",
  "correlations_repaired",
  "history_age",
  "history_proxied",
  "approximation_refused",
  "standard_error",
] as const;

/** A fact on which a requirement rests and which its figures do not show. */
export interface MarginNote {
  readonly code: (typeof noteCodes)[number];
  /** The text for people. */
  readonly text: string;
}

/**
 * The amounts on which a severity rests, in the pool currency: the requirements and the balances held against them.
 * Value that is paid for already is left out on both sides. So is the part that a preset asks beyond the greatest
 * possible loss.
 */
export interface SeverityBasis {
  readonly initialMargin: number;
  readonly initialMarginBalance: number;
  readonly maintenanceMargin: number;
  readonly marginBalance: number;
  /**
   * The most that the pool can come to owe, whatever its underlyings do. It is at least 0, and null when nothing bounds
   * it.
   */
  readonly greatestDebt: number | null;
}

/** The ways in which a holding counts that cannot be margined in full. */
export const assumptions = [
  /**
   * It is worth nothing by the rules or at worst. This applies to a balance that is not accepted or not priced, and to
   * an option that was bought.
   */
  "counts_for_nothing",
  /** It counts at its last good mark, moved against the holder by the scan range of its underlying. */
  "last_good_mark_widened",
  /** A debt counts at the last good price of the owed asset, raised by the scan range. */
  "last_good_price_widened",
  /** It counts at its mark with the requirement of `static`, because its method has no rule for it. */
  "static_rates",
  /** It counts as if it was entered at a mark, so that no gain before that mark counts. */
  "entered_at_mark",
  /** Its unpaid funding is left out, and its mark is moved against the holder by the scan range. */
  "funding_not_counted",
  /** Nothing was ever known of it. The figures leave it out, so they are no evidence that the pool is safe. */
  "nothing_known",
] as const;

export type Assumption = (typeof assumptions)[number];

/** Why a result does not cover the whole pool: one holding, its fault, and the way it counts instead. */
export interface IncompleteReason {
  readonly code: NotMarginedCode;
  /** The JSON path in the pool, for example `positions[3].instrument_id`. */
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
  readonly assumed: Assumption;
  /**
   * The amount in the pool currency that it adds to equity and both balances, beyond the figures of all other holdings.
   * It is 0 where the holding is left out.
   */
  readonly worth: number;
  /**
   * The price behind the assumption before it is widened: the mark, the entry price or the price in US dollars. It is
   * null without one.
   */
  readonly price: number | null;
}

/**
 * The figures that decide a severity. Without `severityBasis` the severity rests on the margins and balances as they
 * are.
 */
export type DecidingFigures = Pick<
  MarginedPool,
  "equity" | "marginBalance" | "initialMarginBalance" | "initialMargin" | "maintenanceMargin"
> &
  Partial<Pick<MarginedPool, "severityBasis">>;

/**
 * The result of a pool that could be margined. Gains are positive in equity, balances and headroom. Requirements are
 * positive in margins, losses and components.
 */
export interface MarginedPool {
  readonly status: "margined";
  readonly accountId: string;
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly methodId: MethodId;
  /** The version names the method, its formulas and the content of its parameters; see methodVersion. */
  readonly methodVersion: string;
  readonly poolCurrency: string;
  /** Collateral at full value + unrealised profit + option value. */
  readonly equity: number;
  /**
   * The balance that maintenance margin is held against: collateral, unrealised profit and option value, netted by
   * currency and after maintenance haircuts.
   */
  readonly marginBalance: number;
  /** The balance that initial margin is held against: the same sum after initial haircuts, at most marginBalance. */
  readonly initialMarginBalance: number;
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  /** initialMarginBalance - initialMargin. */
  readonly availableFunds: number;
  /**
   * maintenanceMargin / marginBalance of the severity's basis, which rises to 1 at danger. It is null when that balance
   * is not positive. It is 0 instead when that balance and requirement are both 0 and the pool's own margin balance is
   * positive.
   */
  readonly marginRatio: number | null;
  readonly marginHeadroom: number;
  readonly netOptionValue: number;
  /**
   * The amounts behind the severity. The field is absent where the severity rests on the margins and balances as they
   * are, and nothing bounds the possible debt.
   */
  readonly severityBasis?: SeverityBasis;
  readonly components: readonly MarginComponent[];
  readonly units: readonly RiskUnitResult[];
  /**
   * Notes on the scenarios behind the figures: proxies, repairs, fallbacks and standard errors. The field is absent
   * when there are none.
   */
  readonly notes?: readonly MarginNote[];
  /** The worst quality among the prices of a material part of the collateral; see collateralQualityOf. */
  readonly collateralQuality: PriceQuality;
  /**
   * The holdings that could not be margined in full and how each counts, in the order of the pool. The field is
   * absent when there are none.
   */
  readonly incomplete?: readonly IncompleteReason[];
  /**
   * The figures with every holding of `incomplete` at its best possible value. A severity graver than these figures
   * show is feared, not proven. The field is absent when `incomplete` is.
   */
  readonly proven?: DecidingFigures;
}

/** The reasons for the amount that a balance counts for. */
export const collateralReasons = [
  "pool_currency",
  "debt",
  "own_losses",
  "market_price",
  "par",
  "at_par",
  "redemption_rate",
  "rate_cap",
  "rate_collapsed",
  "pool_fair_price",
  "band",
  "depeg",
  "wrong_way",
  "concentration",
  "not_accepted",
  "not_priced",
  "no_rule",
] as const;

export type CollateralReason = (typeof collateralReasons)[number];

/**
 * One balance and the amount that counts, in the pool currency, negative for a debt. Balance and gains in one currency
 * form one ledger. Losses in the currency therefore reduce what counts of a balance, and gains reduce what counts of a
 * debt.
 */
export interface CollateralResult {
  readonly asset: string;
  readonly amount: number;
  /** The US dollars per unit at which the balance counts before haircuts. */
  readonly priceUsd: number;
  /** The worst quality among the prices behind the balance. */
  readonly quality: PriceQuality;
  /** The share of the held value that does not count, from 0 to 1. It is 0 for a debt. */
  readonly initialHaircut: number;
  readonly maintenanceHaircut: number;
  readonly countedInitial: number;
  readonly countedMaintenance: number;
  readonly reasons: readonly CollateralReason[];
}

export type NotMarginedCode =
  | "instrument_not_in_snapshot"
  | "instrument_expired"
  | "settlement_average_missing"
  | "funding_missing"
  | "volatility_missing"
  | "currency_not_priced"
  | "collateral_not_accepted"
  | "token_state_unusable"
  | "parameters_missing"
  | "unsupported_instrument"
  | "prices_blocked"
  | "limit_exceeded"
  | "ledger_unreadable"
  | "state_unreadable"
  | "out_of_time";

/**
 * A pool that gets no number because any number might be wrong. The result names the field and the value that stopped
 * the calculation.
 */
export interface NotMarginedPool {
  readonly status: "not_margined";
  readonly accountId: string;
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly code: NotMarginedCode;
  /** The JSON path in the pool, for example `positions[3].instrument_id`. */
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
}

export type PoolResult = MarginedPool | NotMarginedPool;

/** The index price of one underlying at which a severity starts, all else equal. */
export interface CallPrice {
  readonly underlying: string;
  readonly direction: "up" | "down";
  readonly severity: Exclude<Severity, "NORMAL">;
  /** The call price in US dollars per unit, or null with a reason. */
  readonly price: number | null;
  /** The signed distance from the index, where 0.04 is 4 % above it. */
  readonly distance: number | null;
  readonly reason: "not_reached_in_range" | "already_at_or_beyond" | "no_exposure" | "not_margined" | null;
}
