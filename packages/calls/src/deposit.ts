import { type Severity, type SeverityParameters, severityRank } from "@plimsoll/risk";
import { Decimal } from "decimal.js";
import type { CallContext, StatedMargin } from "./model.ts";

const Exact = Decimal.clone({ precision: 80 });

/** The deposit that ends a call, and the level that it restores. */
export type Cure = Pick<CallContext, "amountRequired" | "restoreTo" | "restoreRatio">;

const noCure: Cure = { amountRequired: "0", restoreTo: "none", restoreRatio: null };

/** Computes the deposit that ends the call of a pool at a severity. Below MARGIN_CALL nothing is asked for. */
export function computeCure(margin: StatedMargin, severity: Severity, parameters: SeverityParameters): Cure {
  return severityRank(severity) < severityRank("MARGIN_CALL") ? noCure : computeDeposit(margin, "NORMAL", parameters);
}

/**
 * Computes the least deposit that brings the pool to the severity `restores` or better and keeps it there if prices
 * stay. It is in the pool's currency, with as many decimals as the margin balance is stated in. After it the pool is
 * below the leave ratios of all graver rungs and its equity is above zero, or it has covered the most that it can ever
 * owe. The pool's own currency has no haircut, so a deposit raises the balance by its full amount.
 */
export function computeDeposit(margin: StatedMargin, restores: Severity, parameters: SeverityParameters): Cure {
  const basis = margin.severityBasis ?? { ...margin, greatestDebt: null };
  const needs: Need[] = [
    { amount: new Exact(margin.equity).negated(), restoreTo: "maintenance_margin", restoreRatio: null },
  ];
  for (const { severity: rung, requirement, leaveRatio } of parameters.rungs) {
    if (severityRank(rung) <= severityRank(restores)) continue;
    const isInitial = requirement === "initial";
    const required = new Exact(isInitial ? basis.initialMargin : basis.maintenanceMargin);
    const balance = new Exact(isInitial ? basis.initialMarginBalance : basis.marginBalance);
    if (required.isZero() && !balance.isNegative()) continue;
    const restoreTo = isInitial ? "initial_margin" : "maintenance_margin";
    needs.push({ amount: required.dividedBy(leaveRatio).minus(balance), restoreTo, restoreRatio: leaveRatio });
  }
  const largest = needs.reduce((worst, need) => (need.amount.greaterThan(worst.amount) ? need : worst));
  if (largest.amount.isNegative()) return noCure;
  const decimals = margin.marginBalance.split(".")[1]?.length ?? 0;
  // Reaching the level exactly does not end the call, so one unit of the last stated decimal is added. Covering the
  // greatest debt exactly is enough.
  const smallest = new Exact(10).pow(-decimals);
  const aboveLevel = largest.amount.toDecimalPlaces(decimals, Decimal.ROUND_DOWN).plus(smallest);
  if (basis.greatestDebt !== null && aboveLevel.greaterThanOrEqualTo(basis.greatestDebt)) {
    return { amountRequired: basis.greatestDebt, restoreTo: "no_debt", restoreRatio: null };
  }
  const { restoreTo, restoreRatio } = largest;
  return { amountRequired: aboveLevel.toFixed(decimals), restoreTo, restoreRatio: restoreRatio?.toString() ?? null };
}

interface Need {
  readonly amount: Decimal;
  readonly restoreTo: Exclude<Cure["restoreTo"], "none" | "no_debt">;
  readonly restoreRatio: number | null;
}
