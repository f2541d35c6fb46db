import type {
  Assumption,
  CallPrice,
  MarginNote,
  MethodId,
  NotMarginedCode,
  PriceQuality,
  ProjectionSearch,
  Severity,
} from "@plimsoll/risk";

/** The numbers of one margined pool of an account as they are told: decimal strings in the pool's currency, rounded against it. */
export interface StatedMargin {
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly methodId: MethodId;
  /** Names the method, its formulas and the content of its parameters. */
  readonly methodVersion: string;
  readonly poolCurrency: string;
  readonly ledgerSequence: number;
  readonly equity: string;
  readonly marginBalance: string;
  readonly initialMarginBalance: string;
  readonly initialMargin: string;
  readonly maintenanceMargin: string;
  readonly availableFunds: string;
  readonly marginRatio: string | null;
  readonly marginHeadroom: string;
  /**
   * Initial margin if the worst of the open orders fill, with what the fills lose; null without orders, or when `notProjected`
   * says why. Beside a number `notProjected` names an order that it is without.
   */
  readonly projectedInitialMargin: string | null;
  /** How that was found; absent where every subset of the orders was tried. */
  readonly projectedBy?: Exclude<ProjectionSearch, "every_subset">;
  readonly notProjected: {
    readonly code: NotMarginedCode;
    readonly field: string;
    readonly value: string;
    readonly remedy: string;
  } | null;
  /** The amounts that the severity rests on, where these are not the margins and balances as they are; see SeverityBasis. */
  readonly severityBasis?: StatedSeverityBasis;
  readonly components: readonly StatedComponent[];
  readonly units: readonly StatedUnit[];
  /** What the figures rest on beside the prices: proxies, repairs, fallbacks, standard errors; absent when nothing. */
  readonly notes?: readonly MarginNote[];
  /** What could not be margined in full; absent when there is nothing. */
  readonly incomplete?: StatedIncomplete;
}

/** Holdings that could not be margined in full, and how they are counted. */
export interface StatedIncomplete {
  /** How many there are. */
  readonly holdings: number;
  /** How many of them leave open what the account is worth; the others count for nothing by the rules. */
  readonly inDoubt: number;
  /** Those in doubt first; of many the first. */
  readonly reasons: readonly StatedReason[];
}

export interface StatedReason {
  readonly code: NotMarginedCode;
  /** JSON path in the account, for example `positions[3].instrument_id`. */
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
  readonly assumed: Assumption;
  /** What it adds to equity and both balances beside all else, in the pool's currency. */
  readonly worth: string;
}

/** SeverityBasis as it is told: requirements and what may come to be owed rounded up, balances down. */
export interface StatedSeverityBasis {
  readonly initialMargin: string;
  readonly initialMarginBalance: string;
  readonly maintenanceMargin: string;
  readonly marginBalance: string;
  /** Null when nothing bounds it. */
  readonly greatestDebt: string | null;
}

export interface StatedComponent {
  readonly name: string;
  readonly underlying: string;
  readonly amount: string;
}

export interface StatedUnit {
  readonly underlying: string;
  readonly quality: PriceQuality;
  readonly worstScenario: { readonly scenarioId: string; readonly label: string; readonly loss: string } | null;
}

/** A call price as it is told. */
export interface StatedRung {
  readonly underlying: string;
  readonly direction: "up" | "down";
  readonly severity: Severity;
  /** US dollars per unit; null with a reason. */
  readonly price: string | null;
  /** Signed percent from the index. */
  readonly distancePct: string | null;
  readonly reason: CallPrice["reason"];
}

/** Where a pool of an account stands in the life of its call. */
export interface CallState {
  readonly severity: Severity;
  /** Sequence of its last event; 0 before the first. */
  readonly sequence: number;
  /** The open call; null while the severity is NORMAL. */
  readonly call: OpenCall | null;
}

export interface OpenCall {
  readonly callId: string;
  readonly openedAtMs: number;
}

/** A pool that never had a call. */
export const noCall: CallState = { severity: "NORMAL", sequence: 0, call: null };

export type CallEventType = "margin.call.opened" | "margin.call.escalated" | "margin.call.eased" | "margin.call.cured";

export type ReasonCode =
  | "initial_margin_breached"
  | "maintenance_margin_breached"
  | "early_warning"
  | "equity_exhausted"
  | "restored";

/** What a change of severity rests on. */
export interface CallContext {
  readonly accountId: string;
  readonly poolId: string;
  /** `live`, `preview:<stage>` or `local`. */
  readonly environment: string;
  readonly occurredAtMs: number;
  /** Time of the snapshot. */
  readonly asOfMs: number;
  /** Age of the oldest price used, at the snapshot's time. */
  readonly priceAgeMs: number;
  readonly priceQuality: PriceQuality;
  readonly engineVersion: string;
  readonly margin: StatedMargin;
  /** Null when there was no time to compute it. */
  readonly ladder: readonly StatedRung[] | null;
  /** Deposit in the pool's currency that ends the call at these prices; "0" when nothing is owed. */
  readonly amountRequired: string;
  /** `no_debt`: with the deposit the pool can never come to owe anything. */
  readonly restoreTo: "initial_margin" | "maintenance_margin" | "no_debt" | "none";
  /** Share of the balance that the requirement of `restoreTo` then stays below; null where it is about a debt. */
  readonly restoreRatio: string | null;
  /** Time granted to respond; null when the venue may act at once. */
  readonly graceMs: number | null;
}

/** The event of one change of severity; the wire names its fields in snake_case. */
export interface CallEventContent {
  readonly schemaVersion: 1;
  readonly eventId: string;
  readonly eventType: CallEventType;
  readonly environment: string;
  readonly occurredAt: string;
  readonly callId: string;
  readonly sequence: number;
  readonly accountId: string;
  /** The pool whose collateral is asked for; `cross` where the account names no other. */
  readonly poolId: string;
  /** The pool's currency. */
  readonly collateralPool: string;
  readonly severity: Severity;
  readonly previousSeverity: Severity;
  readonly reasonCode: ReasonCode;
  readonly reasonText: string;
  readonly currency: string;
  readonly equity: string;
  readonly marginBalance: string;
  readonly initialMarginBalance: string;
  readonly initialMargin: string;
  readonly maintenanceMargin: string;
  readonly availableFunds: string;
  readonly marginRatio: string | null;
  readonly marginHeadroom: string;
  readonly amountRequired: string;
  readonly restoreTo: CallContext["restoreTo"];
  readonly restoreRatio: string | null;
  readonly severityBasis?: StatedSeverityBasis;
  readonly worstScenario: {
    readonly underlying: string;
    readonly scenarioId: string;
    readonly label: string;
    readonly loss: string;
  } | null;
  readonly components: readonly StatedComponent[];
  readonly ladder: readonly StatedRung[];
  /** Why the ladder is empty though there are call prices. */
  readonly ladderMissing?: "out_of_time";
  readonly snapshotId: string;
  /** Time of the snapshot; its oldest price used was `priceAgeMs` old then. */
  readonly asOf: string;
  readonly priceAgeMs: number;
  readonly priceQuality: PriceQuality;
  readonly methodId: MethodId;
  readonly parametersVersion: string;
  readonly engineVersion: string;
  readonly ledgerSequence: number;
  /** What the figures could not be margined with in full; absent when there is nothing. */
  readonly incomplete?: StatedIncomplete;
  readonly respondBy: string | null;
  readonly title: string;
  readonly text: string;
}
