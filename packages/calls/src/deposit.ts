import { type Severity, type SeverityParameters, severityRank } from "@plimsoll/risk";
import { Decimal } from "decimal.js";
import type { CallContext, StatedMargin } from "./model.ts";

const Exact = Decimal.clone({ precision: 80 });

/** What ends a call, and the level it restores. */
export type Cure = Pick<CallContext, "amountRequired" | "restoreTo" | "restoreRatio">;

const noCure: Cure = { amountRequired: "0", restoreTo: "none", restoreRatio: null };

/** What ends the call of an account at a severity; nothing is owed below MARGIN_CALL. */
export function computeCure(margin: StatedMargin, severity: Severity, parameters: SeverityParameters): Cure {
  return severityRank(severity) < severityRank("MARGIN_CALL") ? noCure : computeDeposit(margin, "NORMAL", parameters);
}

/**
 * The least deposit in the pool's currency, in its stated decimals, that brings the account to a severity and keeps it there,
 * other things equal: below the leave levels of all graver rungs and above zero equity, or to where it can never come to owe
 * anything. The pool's own currency counts in full, so a deposit raises the balance by its amount.
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
  // The level itself does not end the call: the next amount that can be stated does. A debt that is covered is no debt.
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
