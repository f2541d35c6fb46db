import type { StatedMargin, StatedRung, StatedSeverityBasis } from "@plimsoll/calls";
import {
  type CallPrice,
  crossPoolId,
  type MarginedPool,
  type NotMarginedCode,
  type NotMarginedPool,
  noteCodes,
  type ProjectedMargin,
  projectionSearches,
  type Severity,
  type SeverityBasis,
} from "@plimsoll/risk";
import * as z from "zod";
import { methodId } from "./account-events.ts";
import {
  AmountError,
  callPriceText,
  distancePercentText,
  ratioText,
  requirementText,
  subtractAmounts,
  valueText,
} from "./amounts.ts";
import { type AssumedEntry, assumedEntries } from "./assumed-entries.ts";
import { ladderRung, severity, severityBasis } from "./call-event.ts";
import { notMarginedCode, statedIncomplete, stateIncomplete } from "./incomplete.ts";
import { accountId, decimal, poolId, sequence, symbol } from "./primitives.ts";
import { priceQuality, snapshotId } from "./snapshot.ts";
import { fromWire, toWire } from "./wire.ts";

const component = z.strictObject({ name: z.string(), underlying: symbol, amount: decimal });

const unit = z.strictObject({
  underlying: symbol,
  quality: priceQuality,
  /** It is null if the method scans no scenarios, or no scenario loses. */
  worst_scenario: z.strictObject({ scenario_id: z.string(), label: z.string(), loss: decimal }).nullable(),
});

const note = z.strictObject({
  code: z.enum(noteCodes),
  text: z.string(),
});

/** The margin of one pool in the pool's currency, rounded against it. */
export const statedMargin = z.strictObject({
  snapshot_id: snapshotId,
  parameters_version: z.string(),
  method_id: methodId,
  method_version: z.string(),
  pool_currency: symbol,
  ledger_sequence: sequence,
  equity: decimal,
  margin_balance: decimal,
  initial_margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
  available_funds: decimal,
  margin_ratio: decimal.nullable(),
  margin_headroom: decimal,
  /**
   * Initial margin if the worst subset of the open orders fills, including what those fills lose. It is null if there
   * are no orders, or if `not_projected` says why it could not be computed. If both are given, `not_projected` names an
   * order that the number leaves out.
   */
  projected_initial_margin: decimal.nullable().default(null),
  /**
   * The search that found the projected margin; see ProjectionSearch. It is absent if every subset of the orders was
   * tried.
   */
  projected_by: z.enum(projectionSearches).exclude(["every_subset"]).exactOptional(),
  not_projected: z
    .strictObject({ code: notMarginedCode, field: z.string(), value: z.string(), remedy: z.string() })
    .nullable()
    .default(null),
  /** The amounts that the severity was decided on. It is absent if they are the margins and balances above. */
  severity_basis: severityBasis.exactOptional(),
  components: z.array(component),
  units: z.array(unit),
  notes: z.array(note).exactOptional(),
  /** Holdings that could not be margined in full, and how they count. It is absent if there are none. */
  incomplete: statedIncomplete.exactOptional(),
});

const lateRung = ladderRung.extend({
  severity: severity.exclude(["NORMAL"]),
  reason: z.enum(["not_reached_in_range", "already_at_or_beyond", "no_exposure", "not_margined"]).nullable(),
});

const rowBase = {
  account_id: accountId,
  pool_id: poolId.default(crossPoolId),
  severity,
  /** Number of consecutive sweeps below the level at which the severity may come down. */
  clean_sweeps: z.int().min(0),
  /** Number of the pool's last call event; 0 if there was none. */
  sequence,
  /** The open call. It is null while the severity is NORMAL. */
  call: z.strictObject({ call_id: z.string(), opened_at_ms: z.int() }).nullable(),
  /** Margin ratio last written to the history. It is null if none was written, or if the balance was not positive. */
  history_ratio: decimal.nullable(),
  /**
   * The call prices that were missing in the last call event for want of time, and their snapshot. The ladder is null
   * until there is time to compute it.
   */
  late_ladder: z.strictObject({ snapshot_id: snapshotId, ladder: z.array(lateRung).nullable() }).exactOptional(),
  /**
   * The snapshot of the pass that last computed late call prices and the projection of the orders. It is present only
   * if these take more than one account's share of a pass.
   */
  extras_turn: snapshotId.exactOptional(),
  /** Entry prices assumed for positions without a usable one. It is absent if there are none. */
  assumed_entries: assumedEntries.exactOptional(),
};

/** The latest result of one pool of an account within its shard's block. */
export const marginRow = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("margined"), ...rowBase, margin: statedMargin }),
  z.strictObject({
    status: z.literal("not_margined"),
    ...rowBase,
    snapshot_id: snapshotId,
    /** It is null if the ledger's item could not be read. */
    ledger_sequence: sequence.nullable(),
    code: notMarginedCode,
    field: z.string(),
    value: z.string(),
    remedy: z.string(),
    /** The last good figures. Their snapshot says how old they are. */
    last_good: statedMargin.nullable(),
  }),
]);
interface RowBase {
  readonly accountId: string;
  readonly poolId: string;
  readonly severity: Severity;
  readonly cleanSweeps: number;
  readonly sequence: number;
  readonly call: { readonly callId: string; readonly openedAtMs: number } | null;
  readonly historyRatio: string | null;
  readonly lateLadder?: LateLadder;
  readonly extrasTurn?: string;
  readonly assumedEntries?: readonly AssumedEntry[];
}

/** Call prices that became known after their event was sent. */
export interface LateLadder {
  readonly snapshotId: string;
  readonly ladder: readonly StatedRung[] | null;
}

export interface MarginedRow extends RowBase {
  readonly status: "margined";
  readonly margin: StatedMargin;
}

export interface NotMarginedRow extends RowBase {
  readonly status: "not_margined";
  readonly snapshotId: string;
  readonly ledgerSequence: number | null;
  readonly code: NotMarginedCode;
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
  readonly lastGood: StatedMargin | null;
}

export type MarginRow = MarginedRow | NotMarginedRow;

/** The results of all accounts of a shard on one snapshot. */
const marginBlock = z.strictObject({
  schema_version: z.literal(1),
  shard: z.int().min(0),
  snapshot_id: snapshotId,
  parameters_version: z.string(),
  rows: z.array(marginRow),
});
export type MarginBlockWire = z.infer<typeof marginBlock>;

export interface MarginBlock {
  readonly shard: number;
  readonly snapshotId: string;
  readonly parametersVersion: string;
  /** Sorted by account id, the cross pool of each first. */
  readonly rows: readonly MarginRow[];
}

/**
 * States a kernel result as it is stored and published, each number rounded against the account. `projected` is the
 * kernel's result for the pool's open orders, null if there are none.
 */
export function stateMargin(
  result: MarginedPool,
  ledgerSequence: number,
  projected: ProjectedMargin | NotMarginedPool | null = null,
): StatedMargin {
  const { snapshotId, parametersVersion, methodId, methodVersion, poolCurrency } = result;
  const marginBalance = valueText(result.marginBalance, poolCurrency);
  const initialMarginBalance = valueText(result.initialMarginBalance, poolCurrency);
  const initialMargin = requirementText(result.initialMargin, poolCurrency);
  const maintenanceMargin = requirementText(result.maintenanceMargin, poolCurrency);
  return {
    snapshotId,
    parametersVersion,
    methodId,
    methodVersion,
    poolCurrency,
    ledgerSequence,
    equity: valueText(result.equity, poolCurrency),
    marginBalance,
    initialMarginBalance,
    initialMargin,
    maintenanceMargin,
    availableFunds: subtractAmounts(initialMarginBalance, initialMargin),
    marginRatio: result.marginRatio === null ? null : ratioText(result.marginRatio),
    marginHeadroom: subtractAmounts(marginBalance, maintenanceMargin),
    ...stateProjection(projected, poolCurrency),
    ...(result.severityBasis && { severityBasis: stateBasis(result.severityBasis, poolCurrency) }),
    components: result.components.map(({ name, underlying, amount }) => ({
      name,
      underlying,
      amount: requirementText(amount, poolCurrency),
    })),
    units: result.units.map(({ underlying, quality, worstScenario }) => ({
      underlying,
      quality,
      worstScenario: worstScenario && {
        scenarioId: worstScenario.scenarioId,
        label: worstScenario.label,
        loss: requirementText(worstScenario.loss, poolCurrency),
      },
    })),
    ...(result.notes && { notes: result.notes }),
    ...(result.incomplete && { incomplete: stateIncomplete(result.incomplete, poolCurrency) }),
  };
}

function stateBasis(basis: SeverityBasis, poolCurrency: string): StatedSeverityBasis {
  return {
    initialMargin: requirementText(basis.initialMargin, poolCurrency),
    initialMarginBalance: valueText(basis.initialMarginBalance, poolCurrency),
    maintenanceMargin: requirementText(basis.maintenanceMargin, poolCurrency),
    marginBalance: valueText(basis.marginBalance, poolCurrency),
    greatestDebt: basis.greatestDebt === null ? null : requirementText(basis.greatestDebt, poolCurrency),
  };
}

/** States the kernel's result for a pool's open orders as it is stored and published. */
export function stateProjection(
  projected: ProjectedMargin | NotMarginedPool | null,
  poolCurrency: string,
): Pick<StatedMargin, "projectedInitialMargin" | "projectedBy" | "notProjected"> {
  if (projected === null) return { projectedInitialMargin: null, notProjected: null };
  if (projected.status === "not_margined") {
    const { code, field, value, remedy } = projected;
    return { projectedInitialMargin: null, notProjected: { code, field, value, remedy } };
  }
  try {
    const { projectedInitialMargin, search, leftOut: [notProjected = null] = [] } = projected;
    return {
      projectedInitialMargin: requirementText(projectedInitialMargin, poolCurrency),
      ...(search !== "every_subset" && { projectedBy: search }),
      notProjected,
    };
  } catch (error) {
    // An absurd order must not spoil the margin of what is held.
    if (!(error instanceof AmountError)) throw error;
    const remedy = "reduce the quantities of the open orders to what a venue can hold";
    const refusal = { code: "limit_exceeded" as const, field: "open_orders", value: error.message, remedy };
    return { projectedInitialMargin: null, notProjected: refusal };
  }
}

/**
 * States the call prices of an account. All prices of one direction have as many decimals as the nearest of them needs.
 */
export function stateLadder(callPrices: readonly CallPrice[]): StatedRung[] {
  return callPrices.map(({ underlying, direction, severity, price, distance, reason }) => ({
    underlying,
    direction,
    severity,
    price: price === null ? null : callPriceText(price, direction, gapTo(callPrices, underlying, direction)),
    distancePct: distance === null ? null : distancePercentText(distance),
    reason,
  }));
}

/** Returns the distance between the index price and the nearest call price in one direction, in US dollars. */
function gapTo(callPrices: readonly CallPrice[], underlying: string, direction: CallPrice["direction"]): number {
  return Math.min(
    ...callPrices.map((rung) =>
      rung.underlying === underlying && rung.direction === direction && rung.price !== null && rung.distance !== null
        ? Math.abs(rung.distance) * (rung.price / (1 + rung.distance))
        : Number.POSITIVE_INFINITY,
    ),
  );
}

export function encodeBlock(block: MarginBlock): MarginBlockWire {
  return marginBlock.parse(toWire({ schemaVersion: 1, ...block }));
}

/** Parses a stored block; throws a ZodError when it is not one. */
export function decodeBlock(wire: unknown): MarginBlock {
  const { schemaVersion: _, ...block } = fromWire(marginBlock.parse(wire));
  return block;
}
