import type { StatedMargin, StatedRung } from "@plimsoll/calls";
import type { CallPrice, MarginedAccount, NotMarginedCode, Severity } from "@plimsoll/risk";
import { z } from "zod";
import { methodId } from "./account-events.ts";
import {
  callPriceText,
  distancePercentText,
  ratioText,
  requirementText,
  subtractAmounts,
  valueText,
} from "./amounts.ts";
import { severity } from "./call-event.ts";
import { accountId, decimal, sequence, symbol } from "./primitives.ts";
import { priceQuality, snapshotId } from "./snapshot.ts";
import { fromWire, toWire } from "./wire.ts";

const component = z.strictObject({ name: z.string(), underlying: symbol, amount: decimal });

const unit = z.strictObject({
  underlying: symbol,
  quality: priceQuality,
  /** Null when the method scans nothing, or no scenario loses. */
  worst_scenario: z.strictObject({ scenario_id: z.string(), label: z.string(), loss: decimal }).nullable(),
});

/** The numbers of one margined account, in its pool's currency, rounded against it. */
export const statedMargin = z.strictObject({
  snapshot_id: snapshotId,
  parameters_version: z.string(),
  method_id: methodId,
  pool_currency: symbol,
  ledger_sequence: sequence,
  equity: decimal,
  margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
  available_funds: decimal,
  margin_ratio: decimal.nullable(),
  margin_headroom: decimal,
  components: z.array(component),
  units: z.array(unit),
});

const rowBase = {
  account_id: accountId,
  severity,
  /** Sweeps in a row below the level that would let the severity come down. */
  clean_sweeps: z.int().min(0),
  /** Sequence of the account's last call event; 0 when there was none. */
  sequence,
  /** The open call; null while the severity is NORMAL. */
  call: z.strictObject({ call_id: z.string(), opened_at_ms: z.int() }).nullable(),
  /** Margin ratio last written to the history: null when none was, or the balance was not positive. */
  history_ratio: decimal.nullable(),
};

/** The latest result of one account within its shard's block. */
export const marginRow = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("margined"), ...rowBase, margin: statedMargin }),
  z.strictObject({
    status: z.literal("not_margined"),
    ...rowBase,
    snapshot_id: snapshotId,
    /** Null when the ledger's item could not be read. */
    ledger_sequence: sequence.nullable(),
    code: z.enum([
      "instrument_not_in_snapshot",
      "instrument_expired",
      "volatility_missing",
      "currency_not_priced",
      "collateral_not_accepted",
      "parameters_missing",
      "unsupported_instrument",
      "prices_blocked",
      "limit_exceeded",
      "ledger_unreadable",
    ]),
    field: z.string(),
    value: z.string(),
    remedy: z.string(),
    /** The last numbers there were; its snapshot tells their age. */
    last_good: statedMargin.nullable(),
  }),
]);
interface RowBase {
  readonly accountId: string;
  readonly severity: Severity;
  readonly cleanSweeps: number;
  readonly sequence: number;
  readonly call: { readonly callId: string; readonly openedAtMs: number } | null;
  readonly historyRatio: string | null;
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
export const marginBlock = z.strictObject({
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
  /** Sorted by account id. */
  readonly rows: readonly MarginRow[];
}

/** The numbers of a kernel result as they are stored and told: each rounded against the account. */
export function stateMargin(result: MarginedAccount, ledgerSequence: number): StatedMargin {
  const { snapshotId, parametersVersion, methodId, poolCurrency } = result;
  const marginBalance = valueText(result.marginBalance, poolCurrency);
  const initialMargin = requirementText(result.initialMargin, poolCurrency);
  const maintenanceMargin = requirementText(result.maintenanceMargin, poolCurrency);
  return {
    snapshotId,
    parametersVersion,
    methodId,
    poolCurrency,
    ledgerSequence,
    equity: valueText(result.equity, poolCurrency),
    marginBalance,
    initialMargin,
    maintenanceMargin,
    availableFunds: subtractAmounts(marginBalance, initialMargin),
    marginRatio: result.marginRatio === null ? null : ratioText(result.marginRatio),
    marginHeadroom: subtractAmounts(marginBalance, maintenanceMargin),
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
  };
}

/** The call prices of an account as they are told. */
export function stateLadder(callPrices: readonly CallPrice[]): StatedRung[] {
  return callPrices.map(({ underlying, direction, severity, price, distance, reason }) => ({
    underlying,
    direction,
    severity,
    price: price === null ? null : callPriceText(price, direction),
    distancePct: distance === null ? null : distancePercentText(distance),
    reason,
  }));
}

export function encodeBlock(block: MarginBlock): MarginBlockWire {
  return marginBlock.parse(toWire({ schemaVersion: 1, ...block }));
}

/** Parses a stored block; throws a ZodError when it is not one. */
export function decodeBlock(wire: unknown): MarginBlock {
  const { schemaVersion: _, ...block } = fromWire(marginBlock.parse(wire));
  return block;
}
