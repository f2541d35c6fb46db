import type {
  SpanCommodityParameters,
  SpanGrid,
  SpanInterSpread,
  SpanIntraSpread,
  SpanScenario,
  SpanSpreadLeg,
  SpanTier,
} from "@plimsoll/risk";
import { SpanFileError } from "./span-file.ts";
import { childrenNamed, numberField, textField, type XmlElement } from "./xml-elements.ts";

/** A product family of a combined commodity. */
export interface ProductLink {
  readonly exchange: string;
  readonly productId: string;
  readonly productType: string;
  readonly scale: number;
}

/** A combined commodity as its ccDef states it; the price scan range comes from its contracts when it has no scan tier. */
export interface CommodityDefinition {
  readonly parameters: Omit<SpanCommodityParameters, "initialToMaintenanceRatio" | "priceScanRange">;
  readonly priceScanRange: number | null;
  /** Adjustment factor by rate id. */
  readonly adjustments: ReadonlyMap<string, number>;
  readonly links: readonly ProductLink[];
}

/** Scenarios and delta points of a pointDef. */
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
    if (number !== index + 1) throw new SpanFileError(`<scanPointDef> numbers are not 1 to ${scenarios.length}`);
    if (pairedNumber !== null && (pairedNumber < 1 || pairedNumber > scenarios.length)) {
      throw new SpanFileError(`<pairedPoint> of point ${number} is ${pairedNumber}; there is no such point`);
    }
  }
  const deltaPoints = childrenNamed(element, "deltaPointDef").map((point) => ({
    priceFraction: moveOf(point, "priceScanDef"),
    weight: numberField(point, "weight"),
  }));
  return { scenarios, deltaPoints };
}

/** mult x numerator / denominator of a move, 0 when it has none. */
function moveOf(point: XmlElement, name: string): number {
  const move = childrenNamed(point, name)[0];
  if (move === undefined) return 0;
  return (numberField(move, "mult", 1) * numberField(move, "numerator", 0)) / numberField(move, "denominator", 1);
}

const weightedPriceRiskMethods = {
  NORMAL: "normal",
  SCANRANGE: "scan_range",
  SCANRANGE_CAP: "scan_range_cap",
} as const;

/** A ccDef. Rates of several ids: `rateId`, else the first. */
export function readCommodity(element: XmlElement, rateId: string): CommodityDefinition {
  const name = textField(element, "cc");
  const method = textField(element, "wfprMeth", "NORMAL");
  if (!(method in weightedPriceRiskMethods)) {
    throw new SpanFileError(`<wfprMeth> of ${name} is ${method}; known are NORMAL, SCANRANGE and SCANRANGE_CAP`);
  }
  const somMethod = textField(element, "somMeth", "GROSS");
  if (somMethod !== "GROSS" && somMethod !== "MAX") {
    throw new SpanFileError(`<somMeth> of ${name} is ${somMethod}; known are GROSS and MAX`);
  }
  const somTiers = childrenNamed(element, "somTiers").flatMap((tiers) => childrenNamed(tiers, "tier"));
  const scanTiers = childrenNamed(element, "scanTiers").flatMap((tiers) => childrenNamed(tiers, "tier"));
  const scanRate = scanTiers.flatMap((tier) => childrenNamed(tier, "scanRate"))[0];
  return {
    parameters: {
      combinedCommodity: name,
      currency: textField(element, "currency"),
      weightedPriceRiskMethod: weightedPriceRiskMethods[method as keyof typeof weightedPriceRiskMethods],
      intraTiers: readTiers(element, "intraTiers"),
      interTiers: readTiers(element, "interTiers"),
      intraSpreads: childrenNamed(element, "dSpread").map((spread) => readIntraSpread(spread, rateId)),
      deliveryRates: childrenNamed(element, "spotRate").map((rate) => ({
        period: textField(rate, "pe"),
        ratePerSpreadDelta: numberField(rate, "sprd", 0),
        ratePerOutrightDelta: numberField(rate, "outr", 0),
      })),
      shortOptionMinimumRate: somTiers[0] === undefined ? 0 : (rateOf(somTiers[0], rateId) ?? 0),
      shortOptionMinimumMethod: somMethod === "MAX" ? "maximum" : "gross",
      limitNetOptionValue: textField(element, "capAnov", "0") === "1",
    },
    priceScanRange: scanRate === undefined ? null : numberField(scanRate, "priceScan"),
    adjustments: new Map(
      childrenNamed(element, "adjRate").map((rate) => [textField(rate, "r"), numberField(rate, "val")]),
    ),
    links: childrenNamed(element, "pfLink").map((link) => ({
      exchange: textField(link, "exch", ""),
      productId: textField(link, "pfId"),
      productType: textField(link, "pfType", ""),
      scale: numberField(link, "sc", 1),
    })),
  };
}

/** Spreads between combined commodities: dSpread rows by delta (or flat, chargeMeth F), sSpread rows by scanning. */
export function readInterSpreads(element: XmlElement, rateId: string): SpanInterSpread[] {
  const delta = childrenNamed(element, "dSpread").map(
    (spread): SpanInterSpread => ({
      priority: numberField(spread, "spread"),
      method: textField(spread, "chargeMeth", "W") === "F" ? "flat" : "delta",
      isSuper: false,
      creditRate: requireRate(spread, rateId),
      legs: readLegs(spread),
    }),
  );
  const scanning = childrenNamed(element, "sSpread").map(
    (spread): SpanInterSpread => ({
      priority: numberField(spread, "spread"),
      method: "scanning",
      isSuper: false,
      creditRate: requireRate(spread, rateId),
      legs: childrenNamed(spread, "sLeg").map((leg, index) => ({
        combinedCommodity: textField(leg, "cc"),
        tier: 0,
        period: null,
        deltaPerSpread: 1,
        side: index === 0 ? "A" : "B",
      })),
    }),
  );
  return [...delta, ...scanning];
}

function readIntraSpread(spread: XmlElement, rateId: string): SpanIntraSpread {
  return {
    priority: numberField(spread, "spread"),
    chargeMethod: textField(spread, "chargeMeth", "F") === "F" ? "flat" : "weighted_price_risk",
    charge: requireRate(spread, rateId),
    legs: readLegs(spread),
  };
}

function readLegs(spread: XmlElement): SpanSpreadLeg[] {
  return spread.children
    .filter(({ name }) => name === "tLeg" || name === "pLeg")
    .map((leg) => {
      const side = textField(leg, "rs");
      if (side !== "A" && side !== "B") throw new SpanFileError(`<rs> of a spread leg is ${side}; it must be A or B`);
      return {
        combinedCommodity: textField(leg, "cc"),
        tier: leg.name === "tLeg" ? numberField(leg, "tn") : 0,
        period: leg.name === "pLeg" ? textField(leg, "pe") : null,
        deltaPerSpread: numberField(leg, "i", 1),
        side,
      };
    });
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
  if (rate === undefined) throw new SpanFileError(`Spread ${textField(spread, "spread")} has no <rate>`);
  return rate;
}
