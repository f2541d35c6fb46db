/** The parts that make up the requirement of one combined commodity, in its currency. */
export interface SpanRiskParts {
  readonly scanRisk: number;
  readonly intraCharge: number;
  readonly deliveryCharge: number;
  /** The credit for spreads with other combined commodities. It is positive and lowers the requirement. */
  readonly interCredit: number;
  readonly shortOptionMinimum: number;
  /** The value of long premium-style options less that of short ones. */
  readonly netOptionValue: number;
}

/**
 * The requirement of one combined commodity, positive. A total is below 0 if option value exceeds the risk and is not
 * limited to it.
 */
export interface SpanRequirement {
  /** Scan risk + calendar charge + delivery charge - credit. */
  readonly commodityRisk: number;
  /** The greater of commodity risk and short option minimum. */
  readonly riskMaintenance: number;
  readonly riskInitial: number;
  /** The option value that counts against maintenance risk. It equals the net option value unless it is limited. */
  readonly optionValueCredit: number;
  readonly totalMaintenance: number;
  readonly totalInitial: number;
}

/**
 * Combines the parts of one combined commodity (docs/sources.md, SPAN: requirement). Risk = max(scan + calendar +
 * delivery - credit, short option minimum). Initial risk is `initialToMaintenanceRatio` times that, and a total is risk
 * - net option value. With `limitNetOptionValue` the option value that counts is at most the risk, so that long options
 * never free cash. This is the element `capAnov` of a risk parameter file, which importers read as "option value
 * limit".
 */
export function combineSpanRisk(
  parts: SpanRiskParts,
  {
    initialToMaintenanceRatio,
    limitNetOptionValue,
  }: { initialToMaintenanceRatio: number; limitNetOptionValue: boolean },
): SpanRequirement {
  const commodityRisk = parts.scanRisk + parts.intraCharge + parts.deliveryCharge - parts.interCredit;
  const riskMaintenance = Math.max(commodityRisk, parts.shortOptionMinimum);
  const riskInitial = riskMaintenance * initialToMaintenanceRatio;
  const creditAgainst = (risk: number) =>
    limitNetOptionValue ? Math.min(parts.netOptionValue, risk) : parts.netOptionValue;
  return {
    commodityRisk,
    riskMaintenance,
    riskInitial,
    optionValueCredit: creditAgainst(riskMaintenance),
    totalMaintenance: riskMaintenance - creditAgainst(riskMaintenance),
    totalInitial: riskInitial - creditAgainst(riskInitial),
  };
}

/**
 * Returns the charge of the delivery month. Deltas that spreads have used are charged one rate, and all other deltas
 * another.
 */
export function spanDeliveryCharge(
  deltaInSpreads: number,
  deltaOutright: number,
  rates: { readonly ratePerSpreadDelta: number; readonly ratePerOutrightDelta: number },
): number {
  return Math.abs(deltaInSpreads) * rates.ratePerSpreadDelta + Math.abs(deltaOutright) * rates.ratePerOutrightDelta;
}

/**
 * Returns the short option minimum: rate x short options. `gross` counts all of them, and `maximum` counts the greater
 * of calls and puts. The two methods are the `somMeth` values GROSS and MAX of risk parameter files.
 */
export function shortOptionMinimum(
  shortCalls: number,
  shortPuts: number,
  rate: number,
  method: "gross" | "maximum",
): number {
  return rate * (method === "gross" ? shortCalls + shortPuts : Math.max(shortCalls, shortPuts));
}
