import type { MethodId } from "@plimsoll/risk";

/**
 * What happens to initial and maintenance margin when a parameter grows:
 *
 * - `raises`: they never fall.
 * - `lowers`: they never rise.
 * - `range`: they never fall for one position by itself, but books of several positions can break this.
 * - `rise`: they never fall for one future or one sold option. A bought option can break this too, since it gains when
 *   volatility rises.
 * - `unused`: they do not depend on the parameter in the engine.
 * - `shape`: they follow no order, as with counts, dates and powers.
 */
export type KnobLaw = "raises" | "lowers" | "range" | "rise" | "unused" | "shape";

/** A law, or a law with the least value to which the parameter may be lowered. */
export type Knob = KnobLaw | readonly [KnobLaw, number];

/** The parameters of the set that affect every method. */
export const sharedKnobs: Readonly<Record<string, Knob>> = {
  fundingHorizonHours: "raises",
  maintenanceToInitialRatio: "raises",
  "scan[].staticInitialRate": "raises",
  "scan[].staticMaintenanceRate": "raises",
};

/** The charges for size, which are the same in every method. */
export const sizeKnobs: Readonly<Record<string, Knob>> = {
  "size[].openInterest.notionalUsd": "raises",
  "size[].openInterest.lowerUsd": "lowers",
  "size[].openInterest.upperUsd": "lowers",
  "size[].concentration.freeUsd": "lowers",
  "size[].concentration.ratePerMillionUsd": "raises",
  "size[].concentration.maximumRate": "raises",
  "size[].liquidation.futureRate": "raises",
  "size[].liquidation.optionRate": "raises",
  "size[].liquidation.impactPerRootMillionUsd": "raises",
  "size[].minimum.futureRate": "raises",
  "size[].minimum.shortOptionRate": "raises",
};

/** The scan parameters of the set, which `portfolio` reads. */
export const scanKnobs: Readonly<Record<string, Knob>> = {
  "scan[].priceScanRange": "range",
  "scan[].priceStepsPerSide": "shape",
  "scan[].volatilityUp": "range",
  "scan[].volatilityDown": "range",
  "scan[].shortTermPower": "shape",
  "scan[].longTermPower": "shape",
  "scan[].minimumDaysToExpiry": "shape",
  "scan[].minimumVolatilityUp": "range",
  "scan[].extendedMoves[]": "range",
  "scan[].extendedFactor": "raises",
  "scan[].extendedDampenerUsd": "lowers",
  "scan[].calendarMinimumMove": "raises",
  "scan[].calendarAnnualisedMove": "raises",
  "scan[].basisRate": "raises",
  "scan[].shortOptionRate": "raises",
};

const standard: Readonly<Record<string, Knob>> = {
  "futures[].initial.base": "raises",
  "futures[].initial.incrementPerUnit": "raises",
  "futures[].maintenance.base": "raises",
  "futures[].maintenance.incrementPerUnit": "raises",
  "options.initialRate": "raises",
  "options.initialMinimumRate": "raises",
  "options.maintenanceRate": "raises",
  "options.putMaintenanceMarkRate": "raises",
  "options.closingFeeRate": "raises",
};

/**
 * Returns the laws of the scan that a preset reads for a coin or currency. Parameters that the preset does not read are
 * `unused`.
 */
function presetScan(rows: string, unused: readonly string[]): Readonly<Record<string, Knob>> {
  const left: readonly string[] = [...unused, "staticInitialRate", "staticMaintenanceRate"];
  const own = Object.entries(scanKnobs)
    .map(([path, law]) => [path.replace("scan[].", ""), law] as const)
    .filter(([key]) => key !== "extendedMoves[]" || !unused.includes("extendedFactor"));
  const laws = [...own.filter(([key]) => !left.includes(key)), ...left.map((key) => [key, "unused"] as const)];
  return Object.fromEntries(laws.map(([key, law]) => [`${rows}[].scan.${key}`, law]));
}

const deriveVolatility: Readonly<Record<string, Knob>> = {
  "volatility.volatilityUp": "rise",
  "volatility.volatilityDown": "range",
  "volatility.shortTermPower": "shape",
  "volatility.longTermPower": "shape",
  "volatility.minimumDaysToExpiry": "shape",
  "volatility.minimumVolatilityUp": "rise",
  "scenarios[].priceMultiplier": "range",
  "scenarios[].dampening": "raises",
  "basis.upMultiplier": "range",
  "basis.downMultiplier": "range",
  "basis.constantFactor": "raises",
  "basis.annualFactor": "raises",
  // The engine trusts its prices in full. The confidence charge that all methods share stands in for these two.
  "trust.confidenceThreshold": "unused",
  "trust.confidenceRate": "unused",
  "trust.pegThreshold": "raises",
  "trust.pegFactor": "raises",
};

/** Every number among the parameters of each method, with its law. A new parameter must be given a law. */
export const methodKnobs: Readonly<Record<MethodId, Readonly<Record<string, Knob>>>> = {
  static: {},
  isolated: standard,
  standard,
  span: {
    extremeMultiplier: ["range", 1],
    coveredFraction: "raises",
    "underlyings[].priceScanRate": "range",
    "underlyings[].volatilityScanRange": "range",
    "underlyings[].lookAheadYears": "shape",
    "underlyings[].calendarRate": "raises",
    "underlyings[].shortOptionMinimumRate": "raises",
    "underlyings[].initialToMaintenanceRatio": ["raises", 1],
    "credits[].priority": "shape",
    "credits[].creditRate": "lowers",
    "credits[].legs[].notionalPerSpread": "shape",
  },
  tims: {
    pointCount: "shape",
    "classes[].down": "range",
    "classes[].up": "range",
    "classes[].minimumRate": "raises",
    "productGroups[].offset": "lowers",
    portfolioOffset: "lowers",
  },
  portfolio: { "offsets[].gainShare": "lowers", "offsets[].decorrelation": "raises" },
  portfolio_deribit: {
    ...presetScan("currencies", ["basisRate", "shortOptionRate"]),
    "currencies[].pnlOffset": "lowers",
    "currencies[].maximumOffsettablePnlUsd": "lowers",
    "currencies[].deltaShock.thresholdUsd": "lowers",
    "currencies[].deltaShock.slopePerUnit": "raises",
    "currencies[].deltaShock.maximumRate": "raises",
    "currencies[].maintenanceFactor": "raises",
    decorrelation: "raises",
  },
  portfolio_okx: {
    "lists[].spotMoves[]": "range",
    "lists[].volatilityUp": "range",
    "lists[].volatilityDown": "range",
    "lists[].extremeMove": "range",
    "lists[].extremeLossShare": "raises",
    "lists[].thetaDays": "range",
    "lists[].vegaTermPoints": "raises",
    "lists[].basisAnnualisedMove": "raises",
    "lists[].rateShift": "range",
    "lists[].unwindFutureRate": "raises",
    "lists[].unwindOptionRate": "raises",
    "lists[].minimumChargeTiers[].upToUsd": "lowers",
    "lists[].minimumChargeTiers[].multiplier": ["raises", 1],
    "lists[].initialFactor": ["raises", 1],
    "depeg[].fromIndexPrice": "raises",
    "depeg[].brackets[].upToUsd": "lowers",
    "depeg[].brackets[].rate": "raises",
    "borrowing[].initialRate": "raises",
    "borrowing[].maintenanceRate": "raises",
  },
  portfolio_paradex: {
    "scenarios[].spotMove": "range",
    "scenarios[].volatilityMove": "rise",
    "scenarios[].weight": "raises",
    shortTermPower: "shape",
    longTermPower: "shape",
    minimumDaysToExpiry: "shape",
    netDeltaRate: "raises",
    hedgedDeltaRate: "raises",
    maintenanceFactor: "raises",
    feeProvisionRate: "raises",
    optionFeeCapRate: "raises",
  },
  portfolio_bybit: {
    ...presetScan("coins", [
      "extendedFactor",
      "extendedDampenerUsd",
      "calendarMinimumMove",
      "calendarAnnualisedMove",
      "basisRate",
      "shortOptionRate",
    ]),
    "coins[].shortOptionRate": "raises",
    "coins[].grossFutureRate": "raises",
    "coins[].vegaSpreadRate": "raises",
    "coins[].deltaSpreadRate": "raises",
    "coins[].stablecoinSpreadRate": "raises",
    "coins[].initialFactor": ["raises", 1],
  },
  derive_pmrm_2: {
    ...deriveVolatility,
    "skew.linearCap": "range",
    "skew.linearCapPerRootYear": "shape",
    "skew.absoluteCap": "range",
    "skew.absoluteCapPerRootYear": "shape",
    "skew.minimumWidth": "shape",
    "skew.widthScale": "shape",
    "skew.volatilityConstant": "shape",
    "skew.volatilityPerRootYear": "shape",
    "discount.ownedBase": "shape",
    "discount.ownedRateMultiplier": "unused",
    "discount.ownedRateAddend": "shape",
    "discount.owedBase": "shape",
    "discount.owedRateMultiplier": "unused",
    "discount.owedRateAddend": "shape",
    "contingency.perpetualMaintenanceRate": "raises",
    "contingency.perpetualAdditionalInitialRate": "raises",
    "contingency.optionMaintenanceRate": "raises",
    "contingency.optionAdditionalInitialRate": "raises",
    initialFactor: "raises",
    maintenanceFactor: "raises",
  },
  derive_pmrm_1: {
    ...deriveVolatility,
    "discount.ownedBase": "lowers",
    "discount.ownedRateMultiplier": "unused",
    "discount.ownedRateAddend": "raises",
    "contingency.perpetualRate": "raises",
    "contingency.baseRate": "raises",
    "contingency.optionRate": "raises",
    initialFactor: ["raises", 1],
  },
  derive_srm: {
    "depeg.threshold": "raises",
    "depeg.factor": "raises",
    "markets[].perpetual.initialRate": "raises",
    "markets[].perpetual.maintenanceRate": "raises",
    "markets[].option.maximumSpotRate": "raises",
    "markets[].option.minimumSpotRate": "raises",
    "markets[].option.callMaintenanceSpotRate": "raises",
    "markets[].option.putMaintenanceSpotRate": "raises",
    "markets[].option.putMaintenanceMarkRate": "raises",
    "markets[].option.putInitialToMaintenance": ["raises", 1],
    "markets[].option.unpairedCallInitial": "raises",
    "markets[].option.unpairedCallMaintenance": "raises",
    "markets[].trust.perpetualThreshold": "unused",
    "markets[].trust.optionThreshold": "unused",
    "markets[].trust.baseThreshold": "unused",
    "markets[].trust.confidenceRate": "unused",
    "markets[].base.maintenanceFactor": "unused",
    "markets[].base.initialScale": "unused",
  },
  account_ratio: {
    warningRatio: ["raises", 1],
    // This ratio starts a severity of the venue between the two others. We have rungs of our own.
    reduceOnlyRatio: ["unused", 1],
    liquidationRatio: ["raises", 1],
    "schedules[].brackets[].from": "lowers",
    "schedules[].brackets[].rate": "raises",
    "loans[].leverage": "shape",
    "loans[].rate": "raises",
    loanLeverage: "shape",
  },
  var: {
    level: "raises",
    horizonHours: "range",
    windowScenarios: "shape",
    minimumBeyond: "unused",
    "filter.lambda": "shape",
    "filter.minimumRatio": "range",
    "filter.maximumRatio": "range",
    "monteCarlo.scenarioCount": "unused",
    "monteCarlo.degreesOfFreedom": "unused",
    "monteCarlo.seed": "unused",
    "volatility.risePerFall": "unused",
    "volatility.risePerRise": "unused",
    "historyAge.noteDays": "unused",
    "historyAge.limitDays": "unused",
    stressShare: "raises",
    "proxies[].beta": "unused",
  },
};

/**
 * Parameters that reduce what collateral counts for. When one grows, what is left over either requirement never grows,
 * and neither requirement grows.
 */
export const haircutPaths = [
  "collateral[].initialBands[].haircut",
  "collateral[].maintenanceBands[].haircut",
  "collateral[].valuation.depegTiers[].belowPrice",
  "collateral[].valuation.depegTiers[].factor",
  "collateral[].wrongWay.initialHaircut",
  "collateral[].wrongWay.maintenanceHaircut",
  "collateral[].concentration.initialHaircut",
  "collateral[].concentration.maintenanceHaircut",
] as const;
