import type { MethodId } from "../methods/method-parameters.ts";
import type { Severity } from "./severity.ts";
import type { PriceQuality } from "./snapshot.ts";

export interface WorstScenario {
  readonly scenarioId: string;
  /** For people: `BTC −16 %, vol up`. */
  readonly label: string;
  /** Loss positive, pool currency. */
  readonly loss: number;
}

export interface Greeks {
  /** Units of the underlying. */
  readonly delta: number;
  /** Units of the underlying per 1 US dollar. */
  readonly gamma: number;
  /** US dollars per volatility point (0.01). */
  readonly vega: number;
  /** US dollars per day. */
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

/** A named part of a requirement, pool currency, requirement positive; a credit is negative. */
export interface MarginComponent {
  readonly name: ComponentName;
  /** The underlying; for what is borrowed the asset. */
  readonly underlying: string;
  readonly amount: number;
}

/** Everything on one underlying. */
export interface RiskUnitResult {
  readonly underlying: string;
  readonly quality: PriceQuality;
  /** Null when the method scans nothing (static), or when no scenario loses. */
  readonly worstScenario: WorstScenario | null;
  readonly greeks: Greeks;
  /** Requirement of the unit before the initial / maintenance factor, pool currency. */
  readonly requirement: number;
}

/** What a note is about. */
export const noteCodes = [
  "at_par",
  "counted_as_settled",
  "correlations_repaired",
  "history_age",
  "history_proxied",
  "approximation_refused",
  "standard_error",
] as const;

/** Something that a requirement rests on and that is not in its figures. */
export interface MarginNote {
  readonly code: (typeof noteCodes)[number];
  /** For people. */
  readonly text: string;
}

/**
 * The amounts that a severity rests on, pool currency: the requirements and the balances they are held against, without value
 * that is paid for already (on both sides) and without what a preset asks beyond the greatest possible loss.
 */
export interface SeverityBasis {
  readonly initialMargin: number;
  readonly initialMarginBalance: number;
  readonly maintenanceMargin: number;
  readonly marginBalance: number;
  /** The most that the pool can come to owe whatever its underlyings do, at least 0; null when nothing bounds it. */
  readonly greatestDebt: number | null;
}

/** How a holding is counted that cannot be margined in full. */
export const assumptions = [
  /** By the rules or at worst it is worth nothing: a balance that is not accepted or not priced, an option that was bought. */
  "counts_for_nothing",
  /** At its last good mark, moved against the holder by the scan range of its underlying. */
  "last_good_mark_widened",
  /** A debt at the last good price of what is owed, raised by the scan range. */
  "last_good_price_widened",
  /** At its mark, with the requirement of `static`: its method has no rule for it. */
  "static_rates",
  /** As if entered at a mark, so that no gain before it counts. */
  "entered_at_mark",
  /** Its unpaid funding is left out, and its mark moved against the holder by the scan range. */
  "funding_not_counted",
  /** Nothing was ever known of it: the figures are without it, and prove nothing good. */
  "nothing_known",
] as const;

export type Assumption = (typeof assumptions)[number];

/** Why a result is not of the whole account: one holding, what is wrong with it, and how it is counted. */
export interface IncompleteReason {
  readonly code: NotMarginedCode;
  /** JSON path in the account, for example `positions[3].instrument_id`. */
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
  readonly assumed: Assumption;
  /** What it adds to equity and both balances beyond the figures of everything else, pool currency; 0 where it is left out. */
  readonly worth: number;
  /** The mark, entry price or price in US dollars that this rests on, before it is widened; null without one. */
  readonly price: number | null;
}

/** The figures that a severity is decided by; without a basis of its own it rests on the margins and balances as they are. */
export type DecidingFigures = Pick<
  MarginedAccount,
  "equity" | "marginBalance" | "initialMarginBalance" | "initialMargin" | "maintenanceMargin"
> &
  Partial<Pick<MarginedAccount, "severityBasis">>;

/** Signs: equity, balances and headroom are gain-positive; margins, losses and components requirement-positive. */
export interface MarginedAccount {
  readonly status: "margined";
  readonly accountId: string;
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly methodId: MethodId;
  /** Names the method, its formulas and the content of its parameters; see methodVersion. */
  readonly methodVersion: string;
  readonly poolCurrency: string;
  /** Collateral at full value + unrealised profit + option value. */
  readonly equity: number;
  /**
   * Collateral, unrealised profit and option value, netted by currency and after maintenance haircuts: what maintenance margin is
   * held against.
   */
  readonly marginBalance: number;
  /** The same after initial haircuts, at most marginBalance: what initial margin is held against. */
  readonly initialMarginBalance: number;
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  /** initialMarginBalance - initialMargin. */
  readonly availableFunds: number;
  /** maintenanceMargin / marginBalance of the severity's basis, rising to 1 at danger; null when that balance is not positive. */
  readonly marginRatio: number | null;
  readonly marginHeadroom: number;
  readonly netOptionValue: number;
  /** Absent where the severity rests on the margins and balances as they are, and nothing bounds what may come to be owed. */
  readonly severityBasis?: SeverityBasis;
  readonly components: readonly MarginComponent[];
  readonly units: readonly RiskUnitResult[];
  /** What to know of the scenarios behind the figures: proxies, repairs, fallbacks, standard errors; absent when nothing. */
  readonly notes?: readonly MarginNote[];
  /** The worst quality of the prices that a material part of the collateral counts at; see collateralQualityOf. */
  readonly collateralQuality: PriceQuality;
  /** What could not be margined in full and how it is counted, in the order of the account; absent when there is nothing. */
  readonly incomplete?: readonly IncompleteReason[];
  /**
   * The figures with all of `incomplete` at the best that may be true of it: a severity beyond these is feared, not proven.
   * Absent with it.
   */
  readonly proven?: DecidingFigures;
}

/** Why a balance counts for what it counts for. */
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
 * One balance, and what it counts for, in pool currency; a debt is negative. What losses in its currency leave of it counts, and
 * of a debt what gains leave, as balance and gains in one currency are one ledger.
 */
export interface CollateralResult {
  readonly asset: string;
  readonly amount: number;
  /** US dollars per unit that the balance counts at before haircuts. */
  readonly priceUsd: number;
  /** The worst quality of the prices behind it. */
  readonly quality: PriceQuality;
  /** Share of what is held that does not count, 0 to 1; 0 for a debt. */
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

/** No number rather than a wrong one: the reason names the field and the value that stopped it. */
export interface NotMarginedAccount {
  readonly status: "not_margined";
  readonly accountId: string;
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly code: NotMarginedCode;
  /** JSON path in the account, for example `positions[3].instrument_id`. */
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
}

export type AccountResult = MarginedAccount | NotMarginedAccount;

/** The index price of one underlying at which a severity starts, other things equal. */
export interface CallPrice {
  readonly underlying: string;
  readonly direction: "up" | "down";
  readonly severity: Exclude<Severity, "NORMAL">;
  /** US dollars per unit; null with a reason. */
  readonly price: number | null;
  /** Signed distance from the index, 0.04 is 4 % above. */
  readonly distance: number | null;
  readonly reason: "not_reached_in_range" | "already_at_or_beyond" | "no_exposure" | "not_margined" | null;
}
