import { poolKeyOf, type Severity, severityRank } from "@plimsoll/risk";
import type { CallContext, CallEventContent, CallEventType, CallState, ReasonCode, StatedUnit } from "./model.ts";
import { callText, callTitle, reasonText } from "./text.ts";

/** A change of severity: the state of the pool's call after it, and the event that announces it. */
export interface ChangedCall {
  readonly state: CallState;
  readonly event: CallEventContent;
}

/**
 * Moves a pool's call to a new severity. A call is opened when the severity leaves NORMAL, keeps its id while it is
 * open, and is cured when the severity returns to NORMAL. The result is null if the severity did not change. Ids depend
 * on pool and sequence only, so that the same change announced twice has one id.
 */
export function changeSeverity(previous: CallState, severity: Severity, context: CallContext): ChangedCall | null {
  if (severity === previous.severity) return null;
  const sequence = previous.sequence + 1;
  const poolKey = poolKeyOf(context.accountId, context.poolId);
  const call = previous.call ?? {
    callId: `MC-${poolKey}-${sequence}`,
    openedAtMs: context.occurredAtMs,
  };
  const { margin } = context;
  const facts = {
    schemaVersion: 1 as const,
    eventId: `${poolKey}/${sequence}`,
    eventType: eventType(previous.severity, severity),
    environment: context.environment,
    occurredAt: new Date(context.occurredAtMs).toISOString(),
    callId: call.callId,
    sequence,
    accountId: context.accountId,
    poolId: context.poolId,
    collateralPool: margin.poolCurrency,
    severity,
    previousSeverity: previous.severity,
    reasonCode: reasonCode(severity),
    currency: margin.poolCurrency,
    equity: margin.equity,
    marginBalance: margin.marginBalance,
    initialMarginBalance: margin.initialMarginBalance,
    initialMargin: margin.initialMargin,
    maintenanceMargin: margin.maintenanceMargin,
    availableFunds: margin.availableFunds,
    marginRatio: margin.marginRatio,
    marginHeadroom: margin.marginHeadroom,
    amountRequired: context.amountRequired,
    restoreTo: context.restoreTo,
    restoreRatio: context.restoreRatio,
    ...(margin.severityBasis && { severityBasis: margin.severityBasis }),
    worstScenario: worstOf(margin.units),
    components: margin.components,
    ladder: context.ladder ?? [],
    ...(context.ladder === null && { ladderMissing: "out_of_time" as const }),
    snapshotId: margin.snapshotId,
    asOf: new Date(context.asOfMs).toISOString(),
    priceAgeMs: context.priceAgeMs,
    priceQuality: context.priceQuality,
    methodId: margin.methodId,
    parametersVersion: margin.parametersVersion,
    engineVersion: context.engineVersion,
    ledgerSequence: margin.ledgerSequence,
    ...(margin.incomplete && { incomplete: margin.incomplete }),
    respondBy: context.graceMs === null ? null : new Date(context.occurredAtMs + context.graceMs).toISOString(),
  };
  const openMs = context.occurredAtMs - call.openedAtMs;
  const told = { ...facts, reasonText: reasonText(facts) };
  return {
    state: { severity, sequence, call: severity === "NORMAL" ? null : call },
    event: { ...told, title: callTitle(told), text: callText(told, openMs) },
  };
}

function eventType(from: Severity, to: Severity): CallEventType {
  if (from === "NORMAL") return "margin.call.opened";
  if (to === "NORMAL") return "margin.call.cured";
  return severityRank(to) > severityRank(from) ? "margin.call.escalated" : "margin.call.eased";
}

function reasonCode(severity: Severity): ReasonCode {
  switch (severity) {
    case "NORMAL":
      return "restored";
    case "WARNING":
      return "early_warning";
    case "MARGIN_CALL":
      return "initial_margin_breached";
    case "REDUCE_ONLY":
    case "LIQUIDATION":
      return "maintenance_margin_breached";
    case "BANKRUPT":
      return "equity_exhausted";
  }
}

/**
 * Finds the unit with the largest loss in its worst scenario. All losses are in the pool's currency, so they compare by
 * size.
 */
function worstOf(units: readonly StatedUnit[]): CallEventContent["worstScenario"] {
  let worst: CallEventContent["worstScenario"] = null;
  for (const { underlying, worstScenario } of units) {
    if (worstScenario === null) continue;
    if (worst === null || Number(worstScenario.loss) > Number(worst.loss)) worst = { underlying, ...worstScenario };
  }
  return worst;
}
