import { computeDeposit } from "@plimsoll/calls";
import {
  attributeChange,
  blendInWindows,
  type ChangeFigures,
  type Cure,
  changeSteps,
  closeShare,
  contributionsOf,
  createMarginEngine,
  crossPoolId,
  findCures,
  type MarginEngine,
  type MarginedPool,
  type MarginState,
  type Pool,
  restoredBy,
  type Severity,
  severityOfResult,
} from "@plimsoll/risk";
import {
  accountId,
  decimal,
  methodId,
  poolId,
  quantityText,
  ratioText,
  requirementText,
  severity,
  snapshotId,
  statedMargin,
  stateMargin,
  subtractAmounts,
  symbol,
  toNumber,
  toWire,
  utcTime,
  valueText,
} from "@plimsoll/schema";
import * as z from "zod";
import { type MarginInputs, marginInputs } from "./margin-inputs.ts";

/** The contracts of a reduction are rounded up to this many decimals. */
const QUANTITY_DECIMALS = 8;

const figures = {
  equity: decimal,
  margin_balance: decimal,
  initial_margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
};

const holding = z.strictObject({
  id: z.string(),
  kind: z.enum(["position", "balance"]),
  underlying: symbol.nullable(),
  quantity: decimal,
  scenario_loss: decimal.nullable(),
  initial_margin: decimal,
  maintenance_margin: decimal,
});

/** The figures of the pool after the cure. */
const cured = { margin_ratio: decimal.nullable(), initial_margin: decimal, maintenance_margin: decimal };

const cure = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("deposit"), asset: symbol, amount: decimal, ...cured }),
  z.strictObject({
    kind: z.literal("reduction"),
    instrument_id: z.string(),
    /** The contracts to trade; negative is a sale. */
    quantity: decimal,
    share: z.number().gt(0).max(1),
    notional_usd: decimal,
    ...cured,
  }),
]);

/**
 * The JSON object that `plimsoll explain --json` prints: why an account has its severity, and what would restore a
 * better one.
 */
export const explainReport = z.strictObject({
  schema_version: z.literal(1),
  account_id: accountId,
  pool_id: poolId.default(crossPoolId),
  method_id: methodId,
  /** The currency of every amount except `notional_usd`. */
  pool_currency: symbol,
  as_of: utcTime,
  /**
   * The age of the oldest price used, in milliseconds at the time of the snapshot. Prices of collateral are included.
   */
  price_age_ms: z.int().min(0).default(0),
  /** The severity by these figures alone, as if there had been no earlier sweeps. */
  severity,
  margin: statedMargin,
  /**
   * The rungs from mild to grave: what is required, the balance against it, and the ratios at which each severity
   * starts and ends.
   */
  levels: z.array(
    z.strictObject({
      severity,
      requirement: z.enum(["initial", "maintenance"]),
      required: decimal,
      balance: decimal,
      ratio: decimal.nullable(),
      enter_ratio: decimal,
      leave_ratio: decimal,
      is_reached: z.boolean(),
      /** The balance that may still be lost before the severity is reached. It is negative once that is reached. */
      distance: decimal,
    }),
  ),
  holdings: z.array(holding),
  /**
   * The loss in the worst scenarios, and the part of it that no single holding explains. Both are null when the method
   * names no scenario.
   */
  scenario_loss: decimal.nullable(),
  unexplained_loss: decimal.nullable(),
  /** What changed since an earlier result. It is null without one that can be compared. */
  change: z
    .strictObject({
      since: z.strictObject({ snapshot_id: snapshotId, as_of: utcTime, severity }),
      total: z.strictObject(figures),
      rows: z.array(z.strictObject({ step: z.enum(changeSteps), ...figures, folded_because: z.string().nullable() })),
    })
    .nullable(),
  cures: z.strictObject({
    /** The severity that the cures restore. Each cure is verified by margining the account with it. */
    restores: severity,
    list: z.array(cure),
  }),
  inputs: marginInputs,
});
export type ExplainReport = z.infer<typeof explainReport>;

export interface ExplainQuestion {
  /** The id of the pool whose state is explained. */
  readonly poolId: string;
  readonly state: MarginState;
  readonly inputs: MarginInputs;
  readonly result: MarginedPool;
  readonly engine: MarginEngine;
  readonly restores: Severity;
  readonly earlier: MarginState | null;
}

/** Explains the result of a margined account. `change` is null if the earlier state cannot be compared. */
export function reportExplanation(question: ExplainQuestion): ExplainReport {
  const { state, inputs, result, engine, restores, earlier } = question;
  const { snapshot, parameters, pool } = state;
  const { poolCurrency } = pool;
  const contributions = contributionsOf(engine, snapshot, pool, result);
  const cures = findCures(engine, snapshot, parameters, pool, restores);
  return explainReport.parse({
    schema_version: 1,
    account_id: pool.accountId,
    pool_id: question.poolId,
    method_id: pool.methodId,
    pool_currency: poolCurrency,
    as_of: new Date(snapshot.asOfMs).toISOString(),
    price_age_ms: engine.oldestPriceAgeMs(pool),
    severity: severityOfResult(result, parameters.severity),
    margin: toWire(stateMargin(result, pool.ledgerSequence)),
    levels: levelsOf(result, state),
    holdings: contributions.holdings.map(({ scenarioLoss, initialMargin, maintenanceMargin, quantity, ...held }) => ({
      ...held,
      quantity: quantityText(quantity),
      scenario_loss: scenarioLoss === null ? null : requirementText(scenarioLoss, poolCurrency),
      initial_margin: requirementText(initialMargin, poolCurrency),
      maintenance_margin: requirementText(maintenanceMargin, poolCurrency),
    })),
    scenario_loss:
      contributions.scenarioLoss === null ? null : requirementText(contributions.scenarioLoss, poolCurrency),
    unexplained_loss: residualText(contributions.unexplainedLoss, contributions.scenarioLoss, poolCurrency),
    change: earlier === null ? null : changeSince(earlier, state),
    cures: { restores, list: cures.map((found) => stateCure(found, question)) },
    inputs,
  });
}

function levelsOf(result: MarginedPool, { parameters }: MarginState) {
  const { poolCurrency } = result;
  return parameters.severity.rungs.map(({ severity: name, requirement, enterRatio, leaveRatio }) => {
    const isInitial = requirement === "initial";
    const basis = result.severityBasis ?? { ...result, greatestDebt: null };
    const required = isInitial ? basis.initialMargin : basis.maintenanceMargin;
    const balance = isInitial ? basis.initialMarginBalance : basis.marginBalance;
    const canOwe = basis.greatestDebt !== 0;
    const start = required / enterRatio;
    const held = valueText(balance, poolCurrency);
    return {
      severity: name,
      requirement,
      required: requirementText(required, poolCurrency),
      balance: held,
      ratio: balance > 0 ? ratioText(required / balance) : null,
      enter_ratio: ratioText(enterRatio),
      leave_ratio: ratioText(leaveRatio),
      is_reached: canOwe && balance <= start && (required > 0 || balance < 0),
      distance: subtractAmounts(held, requirementText(start, poolCurrency)),
    };
  });
}

function changeSince(earlier: MarginState, state: MarginState) {
  const change = attributeChange(earlier, state);
  const before = createMarginEngine(earlier.snapshot, earlier.parameters).margin(earlier.pool);
  if (change === null || before.status !== "margined") return null;
  const { poolCurrency } = state.pool;
  const stated = (row: ChangeFigures) => ({
    equity: valueText(row.equity, poolCurrency),
    margin_balance: valueText(row.marginBalance, poolCurrency),
    initial_margin_balance: valueText(row.initialMarginBalance, poolCurrency),
    initial_margin: requirementText(row.initialMargin, poolCurrency),
    maintenance_margin: requirementText(row.maintenanceMargin, poolCurrency),
  });
  return {
    since: {
      snapshot_id: earlier.snapshot.snapshotId,
      as_of: new Date(earlier.snapshot.asOfMs).toISOString(),
      severity: severityOfResult(before, earlier.parameters.severity),
    },
    total: stated(change.total),
    rows: change.rows.map((row) => ({ step: row.step, ...stated(row), folded_because: row.foldedBecause })),
  };
}

/**
 * States a cure in amounts that can be traded or paid. They are rounded up, so that the cure never falls short, and the
 * account is margined again with the stated amounts to verify them.
 */
function stateCure(found: Cure, { engine, state, result, restores }: ExplainQuestion) {
  const { pool, parameters, snapshot } = state;
  const after = restoredBy(engine, parameters, restores);
  const stated = ({ marginRatio, initialMargin, maintenanceMargin }: MarginedPool) => ({
    margin_ratio: marginRatio === null ? null : ratioText(marginRatio),
    initial_margin: requirementText(initialMargin, pool.poolCurrency),
    maintenance_margin: requirementText(maintenanceMargin, pool.poolCurrency),
  });
  if (found.kind === "deposit") {
    // The amount is the one that a call states, where it restores the severity. A deposit that changes haircuts takes
    // the amount that the search found.
    const told = computeDeposit(stateMargin(result, pool.ledgerSequence), restores, parameters.severity);
    const restored = after(withDeposit(pool, told.amountRequired));
    const amount = restored === null ? requirementText(found.amount, pool.poolCurrency) : told.amountRequired;
    return {
      kind: found.kind,
      asset: found.asset,
      amount,
      ...stated(restored ?? after(withDeposit(pool, amount)) ?? found.result),
    };
  }
  const { instruments } = blendInWindows(snapshot);
  const quoted = instruments.find(({ instrument }) => instrument.instrumentId === found.instrumentId)!;
  const held = Math.abs(found.quantity) / found.share;
  const rounded = Math.min(
    held,
    Math.ceil(Math.abs(found.quantity) * 10 ** QUANTITY_DECIMALS) / 10 ** QUANTITY_DECIMALS,
  );
  const restated = after(closeShare(pool, quoted, rounded / held));
  const [share, reduced] = restated === null ? [found.share, found.result] : [rounded / held, restated];
  return {
    kind: found.kind,
    instrument_id: found.instrumentId,
    quantity: quantityText(Math.sign(found.quantity) * held * share),
    share,
    notional_usd: requirementText(found.notionalUsd, "USD"),
    ...stated(reduced),
  };
}

function withDeposit(pool: Pool, amount: string): Pool {
  return {
    ...pool,
    collateral: [...pool.collateral, { asset: pool.poolCurrency, amount: toNumber(amount) }],
  };
}

/** Writes the unexplained loss, or 0 where it is only the rounding of the sum. */
function residualText(residual: number | null, total: number | null, currency: string): string | null {
  if (residual === null || total === null) return null;
  return requirementText(Math.abs(residual) <= 1e-9 * Math.abs(total) ? 0 : residual, currency);
}
