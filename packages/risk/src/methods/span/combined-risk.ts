/** The parts that make up the requirement of one combined commodity, in its currency. */
export interface SpanRiskParts {
  readonly scanRisk: number;
  readonly intraCharge: number;
  readonly deliveryCharge: number;
  /** Credit for spreads with other combined commodities, positive. */
  readonly interCredit: number;
  readonly shortOptionMinimum: number;
  /** Value of long premium-style options less that of short ones. */
  readonly netOptionValue: number;
}

/** Requirement positive. A total is below 0 when option value exceeds the risk and is not limited to it. */
export interface SpanRequirement {
  /** Scan risk + calendar charge + delivery charge - credit. */
  readonly commodityRisk: number;
  /** The greater of commodity risk and short option minimum. */
  readonly riskMaintenance: number;
  readonly riskInitial: number;
  /** Option value that counts against maintenance risk; the same as the net option value unless it is limited. */
  readonly optionValueCredit: number;
  readonly totalMaintenance: number;
  readonly totalInitial: number;
}

/**
 * Risk = max(scan + calendar + delivery - credit, short option minimum); initial risk is `initialToMaintenanceRatio`
 * times that; a total is risk - net option value (docs/sources.md, SPAN: requirement). With `limitNetOptionValue` the
 * credit is at most the risk, so that long options never free cash: the element `capAnov` of a risk parameter file,
 * which importers read as "option value limit".
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

/** Charge of the delivery month: one rate for deltas that spreads have used, another for the rest. */
export function spanDeliveryCharge(
  deltaInSpreads: number,
  deltaOutright: number,
  rates: { readonly ratePerSpreadDelta: number; readonly ratePerOutrightDelta: number },
): number {
  return Math.abs(deltaInSpreads) * rates.ratePerSpreadDelta + Math.abs(deltaOutright) * rates.ratePerOutrightDelta;
}

/**
 * Short option minimum: rate x short options, all of them (`gross`) or the greater of calls and puts (`maximum`). The two
 * methods are the `somMeth` values GROSS and MAX of risk parameter files.
 */
export function shortOptionMinimum(
  shortCalls: number,
  shortPuts: number,
  rate: number,
  method: "gross" | "maximum",
): number {
  return rate * (method === "gross" ? shortCalls + shortPuts : Math.max(shortCalls, shortPuts));
}
