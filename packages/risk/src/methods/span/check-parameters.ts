import type { SpanCommodityParameters, SpanInterSpread, SpanParameters, SpanSpreadLeg, SpanTier } from "./model.ts";

/**
 * Throws a RangeError for parameters out of bounds and for tables that name something that does not exist. It refuses a
 * combined commodity that occurs twice, and what `checkSpanCommodity` and `checkSpanInterSpread` refuse.
 */
export function checkSpanParameters(parameters: SpanParameters): void {
  if (checked.has(parameters)) return;
  const commodities = new Map<string, SpanCommodityParameters>();
  for (const commodity of parameters.commodities) {
    if (commodities.has(commodity.combinedCommodity)) refuse(commodity.combinedCommodity, "parameters twice", "once");
    commodities.set(commodity.combinedCommodity, commodity);
    checkSpanCommodity(commodity);
  }
  for (const spread of parameters.interSpreads) checkSpanInterSpread(spread, commodities);
  checked.add(parameters);
}

/** Parameter sets already found sound. One set serves thousands of pools, so it is checked once. */
const checked = new WeakSet<SpanParameters>();

/**
 * Throws a RangeError for parameters of one combined commodity that are out of bounds. It refuses rates below 0, a
 * price scan range of 0 or below, and an initial ratio below 1. It also refuses calendar spreads with fewer than two
 * legs, with a leg without deltas or in another commodity, or with a tier that does not exist.
 */
export function checkSpanCommodity(commodity: SpanCommodityParameters): void {
  const name = commodity.combinedCommodity;
  if (!(commodity.initialToMaintenanceRatio >= 1)) {
    refuse(name, `initialToMaintenanceRatio ${commodity.initialToMaintenanceRatio}`, "at least 1");
  }
  if (!(commodity.priceScanRange > 0)) refuse(name, `priceScanRange ${commodity.priceScanRange}`, "above 0");
  if (!(commodity.shortOptionMinimumRate >= 0)) {
    refuse(name, `shortOptionMinimumRate ${commodity.shortOptionMinimumRate}`, "at least 0");
  }
  for (const rates of commodity.deliveryRates) {
    if (!(rates.ratePerSpreadDelta >= 0 && rates.ratePerOutrightDelta >= 0)) {
      refuse(name, `a delivery rate of ${rates.period} below 0`, "at least 0");
    }
  }
  for (const spread of commodity.intraSpreads) {
    const spreadName = `${name} calendar spread ${spread.priority}`;
    if (!(spread.charge >= 0)) refuse(spreadName, `charge ${spread.charge}`, "at least 0");
    checkLegs(spreadName, spread.legs);
    for (const leg of spread.legs) {
      if (leg.combinedCommodity !== name) refuse(spreadName, `a leg in ${leg.combinedCommodity}`, name);
      checkTier(spreadName, leg, commodity.intraTiers);
    }
  }
}

/**
 * Throws a RangeError for a spread between combined commodities that is out of bounds. It refuses a rate below 0 or, as
 * a share, above 1. It also refuses fewer than two legs, a leg without deltas, and a leg whose commodity or tier does
 * not exist. `commodities` maps the name of a combined commodity to its tiers.
 */
export function checkSpanInterSpread(
  spread: SpanInterSpread,
  commodities: ReadonlyMap<string, Pick<SpanCommodityParameters, "interTiers">>,
): void {
  const name = `inter-commodity spread ${spread.priority}`;
  if (!(spread.creditRate >= 0)) refuse(name, `creditRate ${spread.creditRate}`, "at least 0");
  if (spread.method !== "flat" && !(spread.creditRate <= 1))
    refuse(name, `creditRate ${spread.creditRate}`, "at most 1");
  checkLegs(name, spread.legs);
  for (const leg of spread.legs) {
    const commodity = commodities.get(leg.combinedCommodity);
    if (commodity === undefined) refuse(name, `a leg in ${leg.combinedCommodity}`, "a commodity with parameters");
    checkTier(name, leg, commodity.interTiers);
  }
}

function checkLegs(name: string, legs: readonly SpanSpreadLeg[]): void {
  if (legs.length < 2) refuse(name, `${legs.length} legs`, "at least two");
  for (const { deltaPerSpread } of legs) {
    if (!(deltaPerSpread > 0)) refuse(name, `deltaPerSpread ${deltaPerSpread}`, "above 0");
  }
}

function checkTier(name: string, leg: SpanSpreadLeg, tiers: readonly SpanTier[]): void {
  if (leg.period !== null || leg.tier === 0 || tiers.some(({ tier }) => tier === leg.tier)) return;
  refuse(name, `tier ${leg.tier}`, `a tier of ${leg.combinedCommodity}`);
}

function refuse(owner: string, found: string, allowed: string): never {
  throw new RangeError(`SPAN parameters: ${owner} has ${found}; it must be ${allowed}`);
}
