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

/**
 * The margin of one pool as it is stated to the outside. Amounts are decimal strings in the pool's currency, rounded
 * against the account.
 */
export interface StatedMargin {
  readonly snapshotId: string;
  readonly parametersVersion: string;
  readonly methodId: MethodId;
  /** Identifies the method, its formulas and the content of its parameters. */
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
   * Initial margin if the worst subset of the open orders fills, including what those fills lose. It is null if there
   * are no orders, or if `notProjected` says why it could not be computed. If both are given, `notProjected` names an
   * order that the number leaves out.
   */
  readonly projectedInitialMargin: string | null;
  /** The search that found the projected margin. It is absent if every subset of the orders was tried. */
  readonly projectedBy?: Exclude<ProjectionSearch, "every_subset">;
  readonly notProjected: {
    readonly code: NotMarginedCode;
    readonly field: string;
    readonly value: string;
    readonly remedy: string;
  } | null;
  /**
   * The amounts that the severity was decided on. It is absent if they are the margins and balances above; see
   * SeverityBasis.
   */
  readonly severityBasis?: StatedSeverityBasis;
  readonly components: readonly StatedComponent[];
  readonly units: readonly StatedUnit[];
  /**
   * Facts other than prices that affect the figures: proxies, repairs, fallbacks and standard errors. It is absent if
   * there are none.
   */
  readonly notes?: readonly MarginNote[];
  /** What could not be margined in full. It is absent if everything could be. */
  readonly incomplete?: StatedIncomplete;
}

/** Holdings that could not be margined in full, and how they are counted. */
export interface StatedIncomplete {
  /** The number of such holdings. */
  readonly holdings: number;
  /** The number of them that leave the worth of the account in doubt. The others count for nothing by the rules. */
  readonly inDoubt: number;
  /** One reason per holding, those in doubt first. A long list is cut. */
  readonly reasons: readonly StatedReason[];
}

export interface StatedReason {
  readonly code: NotMarginedCode;
  /** JSON path in the account, for example `positions[3].instrument_id`. */
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
  readonly assumed: Assumption;
  /** The amount in the pool's currency that this holding adds to equity and to both balances. */
  readonly worth: string;
}

/** SeverityBasis in decimal strings. Requirements and the greatest debt are rounded up, balances down. */
export interface StatedSeverityBasis {
  readonly initialMargin: string;
  readonly initialMarginBalance: string;
  readonly maintenanceMargin: string;
  readonly marginBalance: string;
  /** The most that the pool can ever owe. It is null if there is no bound. */
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

/** A call price in decimal strings. */
export interface StatedRung {
  readonly underlying: string;
  readonly direction: "up" | "down";
  readonly severity: Severity;
  /** In US dollars per unit. It is null if there is no such price, and `reason` says why. */
  readonly price: string | null;
  /** Distance from the index price in percent: negative below it. */
  readonly distancePct: string | null;
  readonly reason: CallPrice["reason"];
}

/** The severity of a pool and its open call, if any. */
export interface CallState {
  readonly severity: Severity;
  /** Number of the last event of this pool; 0 before the first. */
  readonly sequence: number;
  /** The open call; null while the severity is NORMAL. */
  readonly call: OpenCall | null;
}

export interface OpenCall {
  readonly callId: string;
  readonly openedAtMs: number;
}

/** The state of a pool that never had a call. */
export const noCall: CallState = { severity: "NORMAL", sequence: 0, call: null };

export type CallEventType = "margin.call.opened" | "margin.call.escalated" | "margin.call.eased" | "margin.call.cured";

export type ReasonCode =
  | "initial_margin_breached"
  | "maintenance_margin_breached"
  | "early_warning"
  | "equity_exhausted"
  | "restored";

/** All that the event of a change of severity is made from. */
export interface CallContext {
  readonly accountId: string;
  readonly poolId: string;
  /** The value is `live`, `preview:<stage>` or `local`. */
  readonly environment: string;
  readonly occurredAtMs: number;
  /** Time of the snapshot. */
  readonly asOfMs: number;
  /** Age of the oldest price used, in milliseconds before the snapshot's time. */
  readonly priceAgeMs: number;
  readonly priceQuality: PriceQuality;
  readonly engineVersion: string;
  readonly margin: StatedMargin;
  /** It is null if there was no time to compute the ladder. */
  readonly ladder: readonly StatedRung[] | null;
  /** The deposit in the pool's currency that ends the call at these prices. It is "0" if nothing is asked for. */
  readonly amountRequired: string;
  /** The level that the deposit restores. With `no_debt` the pool can never owe anything after it. */
  readonly restoreTo: "initial_margin" | "maintenance_margin" | "no_debt" | "none";
  /**
   * Once the deposit is made, the requirement named by `restoreTo` is below this share of the balance. It is null if
   * the deposit covers equity or a debt instead.
   */
  readonly restoreRatio: string | null;
  /** Time to respond in milliseconds. It is null if the venue may act at once. */
  readonly graceMs: number | null;
}

/** The event of one change of severity. On the wire its fields have snake_case names. */
export interface CallEventContent {
  readonly schemaVersion: 1;
  readonly eventId: string;
  readonly eventType: CallEventType;
  readonly environment: string;
  readonly occurredAt: string;
  readonly callId: string;
  readonly sequence: number;
  readonly accountId: string;
  /** The pool whose collateral counts. It is `cross` if the account has no pools beside its cross pool. */
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
  /** Why the ladder is empty although call prices exist. */
  readonly ladderMissing?: "out_of_time";
  readonly snapshotId: string;
  /** Time of the snapshot. At that time the oldest price used was `priceAgeMs` old. */
  readonly asOf: string;
  readonly priceAgeMs: number;
  readonly priceQuality: PriceQuality;
  readonly methodId: MethodId;
  readonly parametersVersion: string;
  readonly engineVersion: string;
  readonly ledgerSequence: number;
  /** Holdings that could not be margined in full. It is absent if there are none. */
  readonly incomplete?: StatedIncomplete;
  readonly respondBy: string | null;
  readonly title: string;
  readonly text: string;
}
