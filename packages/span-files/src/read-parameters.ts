import type {
  SpanCommodityParameters,
  SpanGrid,
  SpanInterSpread,
  SpanIntraSpread,
  SpanScenario,
  SpanSpreadLeg,
  SpanTier,
} from "@plimsoll/risk";
import {
  booleanField,
  childrenNamed,
  faultIn,
  numberField,
  textField,
  wordField,
  type XmlElement,
} from "./xml-elements.ts";

/** The rate ids of the account type that is margined. `initial` is null when the file has maintenance rates only. */
export interface RateIds {
  readonly maintenance: string;
  readonly initial: string | null;
}

/** A product family of a combined commodity. An empty exchange stands for any exchange. */
export interface ProductLink {
  readonly exchange: string;
  readonly productId: string;
  readonly productType: string;
  readonly element: XmlElement;
}

/** Reads the scenarios and delta points of a pointDef. */
export function readGrid(element: XmlElement): SpanGrid {
  const points = childrenNamed(element, "scanPointDef");
  const scenarios = points.map((point): SpanScenario => {
    const number = numberField(point, "point");
    const paired = numberField(point, "pairedPoint", 0);
    return {
      number,
      priceFraction: moveOf(point, "priceScanDef"),
      volatilityFraction: moveOf(point, "volScanDef"),
      weight: numberField(point, "weight", 1),
      pairedNumber: paired === 0 || paired === number ? null : paired,
    };
  });
  scenarios.sort((a, b) => a.number - b.number);
  for (const [index, { number, pairedNumber }] of scenarios.entries()) {
    if (number !== index + 1) throw faultIn(element, `<scanPointDef> numbers are not 1 to ${scenarios.length}`);
    if (pairedNumber !== null && !scenarios.some((other) => other.number === pairedNumber)) {
      throw faultIn(element, `<pairedPoint> of point ${number} is ${pairedNumber}; there is no such point`);
    }
  }
  if (!scenarios.some(({ priceFraction }) => priceFraction === 0)) {
    throw faultIn(element, "no <scanPointDef> leaves the price where it is");
  }
  const deltaPoints = childrenNamed(element, "deltaPointDef").map((point) => ({
    priceFraction: moveOf(point, "priceScanDef"),
    weight: numberField(point, "weight"),
  }));
  return { scenarios, deltaPoints };
}

/** Returns mult × numerator / denominator of a move, or 0 if the point has no such move. */
function moveOf(point: XmlElement, name: string): number {
  const move = childrenNamed(point, name)[0];
  if (move === undefined) return 0;
  const denominator = numberField(move, "denominator", 1);
  if (denominator === 0) throw faultIn(move, "<denominator> is 0");
  return (numberField(move, "mult", 1) * numberField(move, "numerator", 0)) / denominator;
}

const weightedPriceRiskMethods = {
  NORMAL: "normal",
  SCANRANGE: "scan_range",
  SCANRANGE_CAP: "scan_range_cap",
} as const;

/** Returns the product families of a ccDef. A link without a product matches no product. */
export function readLinks(element: XmlElement): ProductLink[] {
  return childrenNamed(element, "pfLink").map((link) => ({
    exchange: textField(link, "exch", ""),
    productId: textField(link, "pfId", ""),
    productType: textField(link, "pfType", ""),
    element: link,
  }));
}

/**
 * Reads the parameters that a ccDef states. If a rate is given under several ids, the maintenance one counts, or else
 * the first. The price scan range is that of the commodity's scan tier. Without a tier it is `contractScanRange`, which
 * its contracts state; undefined if they state none.
 */
export function readCommodity(
  element: XmlElement,
  { maintenance, initial }: RateIds,
  contractScanRange: number | undefined,
): SpanCommodityParameters {
  const method = wordField(
    element,
    "wfprMeth",
    Object.keys(weightedPriceRiskMethods) as (keyof typeof weightedPriceRiskMethods)[],
    "NORMAL",
  );
  const weightedPriceRiskMethod = weightedPriceRiskMethods[method];
  const somTiers = childrenNamed(element, "somTiers").flatMap((tiers) => childrenNamed(tiers, "tier"));
  const scanTiers = childrenNamed(element, "scanTiers").flatMap((tiers) => childrenNamed(tiers, "tier"));
  const scanRate = scanTiers.flatMap((tier) => childrenNamed(tier, "scanRate"))[0];
  const priceScanRange = scanRate === undefined ? contractScanRange : numberField(scanRate, "priceScan");
  if (priceScanRange === undefined && weightedPriceRiskMethod !== "normal") {
    throw faultIn(element, "its credits are capped at a scan range that the file does not give");
  }
  const initialRow = childrenNamed(element, "adjRate").findLast((rate) => textField(rate, "r") === initial);
  return {
    combinedCommodity: textField(element, "cc"),
    currency: textField(element, "currency"),
    weightedPriceRiskMethod,
    intraTiers: readTiers(element, "intraTiers"),
    interTiers: readTiers(element, "interTiers"),
    intraSpreads: childrenNamed(element, "dSpread").map((spread) => readIntraSpread(spread, maintenance)),
    deliveryRates: childrenNamed(element, "spotRate").map((rate) => ({
      period: textField(rate, "pe"),
      ratePerSpreadDelta: numberField(rate, "sprd", 0),
      ratePerOutrightDelta: numberField(rate, "outr", 0),
    })),
    shortOptionMinimumRate: somTiers[0] === undefined ? 0 : (rateOf(somTiers[0], maintenance) ?? 0),
    shortOptionMinimumMethod: wordField(element, "somMeth", ["GROSS", "MAX"], "GROSS") === "MAX" ? "maximum" : "gross",
    limitNetOptionValue: booleanField(element, "capAnov", false),
    priceScanRange: priceScanRange ?? 1,
    initialToMaintenanceRatio: initialRow === undefined ? 1 : numberField(initialRow, "val"),
  };
}

/** Returns the combined commodities of the legs of a spread. */
export function readSpreadCommodities(spread: XmlElement): string[] {
  const legs = spread.children.filter(({ name }) => name.endsWith("Leg"));
  return [...new Set(legs.map((leg) => textField(leg, "cc", "")))];
}

/**
 * Reads a spread between combined commodities. A dSpread works by delta, or flat if its chargeMeth is F. An sSpread
 * works by scanning.
 */
export function readInterSpread(spread: XmlElement, rateId: string): SpanInterSpread {
  const row = {
    priority: numberField(spread, "spread"),
    isSuper: spread.parent?.name === "superSpreads",
    creditRate: requireRate(spread, rateId),
  };
  if (spread.name === "dSpread") {
    const method = chargeMethodOf(spread, "W") === "F" ? "flat" : "delta";
    return { ...row, method, legs: readLegs(spread) };
  }
  const legs = childrenNamed(spread, "sLeg").map(
    (leg, index): SpanSpreadLeg => ({
      combinedCommodity: textField(leg, "cc"),
      tier: 0,
      period: null,
      deltaPerSpread: 1,
      side: index === 0 ? "A" : "B",
    }),
  );
  return { ...row, method: "scanning", legs };
}

function readIntraSpread(spread: XmlElement, rateId: string): SpanIntraSpread {
  return {
    priority: numberField(spread, "spread"),
    chargeMethod: chargeMethodOf(spread, "F") === "F" ? "flat" : "weighted_price_risk",
    charge: requireRate(spread, rateId),
    legs: readLegs(spread),
  };
}

/**
 * Returns F for a flat charge or W for one by weighted price risk. The third method, P (flat per month and spread), is
 * refused.
 */
function chargeMethodOf(spread: XmlElement, fallback: "F" | "W"): "F" | "W" {
  return wordField(spread, "chargeMeth", ["F", "W"], fallback);
}

function readLegs(spread: XmlElement): SpanSpreadLeg[] {
  const unknown = spread.children.find(({ name }) => name === "rpLeg" || name === "dSpread");
  if (unknown !== undefined) {
    throw faultIn(unknown, `a spread with <${unknown.name}> is not known here; known are legs by tier and by period`);
  }
  return spread.children
    .filter(({ name }) => name === "tLeg" || name === "pLeg")
    .map((leg) => ({
      combinedCommodity: textField(leg, "cc"),
      tier: leg.name === "tLeg" ? numberField(leg, "tn") : 0,
      period: leg.name === "pLeg" ? textField(leg, "pe") : null,
      deltaPerSpread: numberField(leg, "i", 1),
      side: wordField(leg, "rs", ["A", "B"]),
    }));
}

function readTiers(element: XmlElement, name: string): SpanTier[] {
  return childrenNamed(element, name)
    .flatMap((tiers) => childrenNamed(tiers, "tier"))
    .filter((tier) => tier.fields.has("sPe"))
    .map((tier) => ({
      tier: numberField(tier, "tn"),
      firstPeriod: textField(tier, "sPe"),
      lastPeriod: textField(tier, "ePe"),
    }));
}

function rateOf(element: XmlElement, rateId: string): number | undefined {
  const rates = childrenNamed(element, "rate");
  const rate = rates.find((entry) => entry.fields.get("r") === rateId) ?? rates[0];
  return rate === undefined ? undefined : numberField(rate, "val");
}

function requireRate(spread: XmlElement, rateId: string): number {
  const rate = rateOf(spread, rateId);
  if (rate === undefined) throw faultIn(spread, "the spread has no <rate>");
  return rate;
}
