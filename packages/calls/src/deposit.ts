import { type Severity, type SeverityParameters, severityRank } from "@plimsoll/risk";
import { Decimal } from "decimal.js";
import type { CallContext, StatedMargin } from "./model.ts";

const Exact = Decimal.clone({ precision: 80 });

/** What clears a call, and the level it restores. */
export type Cure = Pick<CallContext, "amountRequired" | "restoreTo">;

/**
 * The least deposit in the pool's currency, in its stated decimals, that brings the account below the leave level of
 * every rung from MARGIN_CALL on and above zero equity, other things equal. The pool's own currency counts in full, so a
 * deposit raises the balance by its amount. "0" below MARGIN_CALL: nothing is owed then.
 */
export function computeCure(margin: StatedMargin, severity: Severity, parameters: SeverityParameters): Cure {
  if (severityRank(severity) < severityRank("MARGIN_CALL")) return { amountRequired: "0", restoreTo: "none" };
  const equity = new Exact(margin.equity);
  const needs: { readonly amount: Decimal; readonly restoreTo: Cure["restoreTo"] }[] = [
    { amount: equity.negated(), restoreTo: "maintenance_margin" },
  ];
  for (const { severity: rung, requirement, leaveRatio } of parameters.rungs) {
    if (severityRank(rung) < severityRank("MARGIN_CALL")) continue;
    const isInitial = requirement === "initial";
    const required = new Exact(isInitial ? margin.initialMargin : margin.maintenanceMargin);
    const balance = new Exact(isInitial ? margin.initialMarginBalance : margin.marginBalance);
    if (required.isZero() && !balance.isNegative()) continue;
    const restoreTo = isInitial ? "initial_margin" : "maintenance_margin";
    needs.push({ amount: required.dividedBy(leaveRatio).minus(balance), restoreTo });
  }
  const largest = needs.reduce((worst, need) => (need.amount.greaterThan(worst.amount) ? need : worst));
  if (largest.amount.isNegative()) return { amountRequired: "0", restoreTo: "none" };
  // The level itself does not clear the call: the next amount that can be stated does.
  const decimals = margin.marginBalance.split(".")[1]?.length ?? 0;
  const smallest = new Exact(10).pow(-decimals);
  const above = largest.amount.toDecimalPlaces(decimals, Decimal.ROUND_DOWN).plus(smallest);
  return { amountRequired: above.toFixed(decimals), restoreTo: largest.restoreTo };
}
