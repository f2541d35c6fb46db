import { computeDeposit } from "@plimsoll/calls";
import {
  attributeChange,
  blendInWindows,
  type ChangeFigures,
  type Cure,
  closeShare,
  contributionsOf,
  createMarginEngine,
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
  type Explanation,
  explanation,
  quantityText,
  ratioText,
  requirementText,
  stateMargin,
  subtractAmounts,
  toNumber,
  toWire,
  valueText,
} from "@plimsoll/schema";

/** The contracts of a reduction are rounded up to this many decimals. */
const QUANTITY_DECIMALS = 8;

/** A margined pool, and the severity that cures are to restore. */
export interface CureQuestion {
  readonly state: MarginState;
  readonly result: MarginedPool;
  readonly engine: MarginEngine;
  readonly restores: Severity;
}

export interface ExplainQuestion extends CureQuestion {
  /** The id of the pool whose state is explained. */
  readonly poolId: string;
  readonly earlier: MarginState | null;
}

/** Explains the result of a margined pool. `change` is null if the earlier state cannot be compared. */
export function explainPool(question: ExplainQuestion): Explanation {
  const { state, result, engine, earlier } = question;
  const { snapshot, parameters, pool } = state;
  const { poolCurrency } = pool;
  const contributions = contributionsOf(engine, snapshot, pool, result);
  return explanation.parse({
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
    cures: curesOf(question),
  });
}

/** Finds what would restore the severity that is asked for, and states it in amounts that can be traded or paid. */
export function curesOf(question: CureQuestion): Explanation["cures"] {
  const { engine, state, restores } = question;
  const found = findCures(engine, state.snapshot, state.parameters, state.pool, restores);
  return { restores, list: found.map((one) => stateCure(one, question)) };
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
function stateCure(
  found: Cure,
  { engine, state, result, restores }: CureQuestion,
): Explanation["cures"]["list"][number] {
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
