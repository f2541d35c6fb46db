/** The severities from harmless to gravest. Their order is that of the ladder. */
export const severities = ["NORMAL", "WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"] as const;

export type Severity = (typeof severities)[number];

/** Returns the place of a severity on the ladder, from 0 for NORMAL. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}
