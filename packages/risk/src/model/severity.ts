/** From harmless to gravest; the order is the ladder. */
export const severities = ["NORMAL", "WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"] as const;

export type Severity = (typeof severities)[number];

/** Position on the ladder, 0 for NORMAL. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}
