import { defaultParameters, type MethodId } from "@plimsoll/risk";
import { encodeParameters } from "@plimsoll/schema";

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

/**
 * The components that each method charges for a sold perpetual, two sold calls and a bought put of one expiry.
 * `account_ratio` takes the perpetual alone.
 */
export const chargedComponents: Readonly<Record<MethodId, readonly string[]>> = {
  portfolio: ["scan_risk", "calendar_charge"],
  static: ["static_charge"],
  isolated: ["futures_margin", "short_option_margin", "option_value"],
  standard: ["futures_margin", "short_option_margin", "option_value"],
  span: ["scan_risk", "initial_addition"],
  tims: ["scan_risk"],
  var: ["expected_shortfall", "stress_excess"],
  portfolio_deribit: ["worst_case", "roll_shock"],
  portfolio_okx: ["okx_core_risk", "okx_basis", "okx_interest_rate", "initial_addition"],
  portfolio_paradex: ["scan_risk", "fee_provision"],
  portfolio_bybit: ["maximum_loss", "short_option_contingency", "gross_future_contingency", "initial_addition"],
  derive_pmrm_1: ["scan_risk", "perpetual_contingency", "option_contingency"],
  derive_pmrm_2: ["scan_risk", "perpetual_contingency", "option_contingency"],
  derive_srm: ["perpetual_margin", "option_margin"],
  account_ratio: ["maintenance_brackets", "initial_addition"],
};

const { methods: shipped } = encodeParameters(defaultParameters);

/**
 * Of each method one number of a parameter file that changes what it asks of a strangle with perpetuals, and one out of
 * bounds with the path and the words of its refusal.
 */
export const parameterChanges: Readonly<
  Record<MethodId, { readonly change: object; readonly bad: object; readonly path: string; readonly says: string }>
> = {
  static: {
    change: {
      size: shipped.portfolio.size.map((row) => ({ ...row, minimum: { future_rate: 0.9, short_option_rate: 0.9 } })),
    },
    bad: { size: shipped.portfolio.size.map((row) => ({ ...row, minimum: { future_rate: 2, short_option_rate: 0 } })) },
    path: "methods.static.size.0.minimum.future_rate",
    says: "<=1",
  },
  isolated: {
    change: { options: { ...shipped.isolated.options, initial_rate: 0.2 } },
    bad: { options: { ...shipped.isolated.options, initial_minimum_rate: 0.3 } },
    path: "methods.isolated.options.initial_minimum_rate",
    says: "at most initial_rate, which is 0.15",
  },
  standard: {
    change: { options: { ...shipped.standard.options, initial_rate: 0.2 } },
    bad: {
      futures: [
        {
          underlying: "*",
          initial: { base: 0.02, increment_per_unit: 0 },
          maintenance: { base: 0.03, increment_per_unit: 0 },
        },
      ],
    },
    path: "methods.standard.futures.0.maintenance.base",
    says: "at most the initial one, which is 0.02",
  },
  span: {
    change: { underlyings: shipped.span.underlyings.map((row) => ({ ...row, price_scan_rate: 0.2 })) },
    bad: { underlyings: shipped.span.underlyings.map((row) => ({ ...row, price_scan_rate: 0.4 })) },
    path: "methods.span.underlyings.0.price_scan_rate",
    says: "below 1 / extreme_multiplier",
  },
  tims: {
    change: { classes: [{ underlying: "*", down: 0.2, up: 0.2, minimum_rate: 0.001 }] },
    bad: {
      product_groups: [
        { name: "one", underlyings: ["BTC", "ETH"], offset: 0.5 },
        { name: "two", underlyings: ["SOL", "ETH"], offset: 0.5 },
      ],
    },
    path: "methods.tims.product_groups.1.underlyings.1",
    says: "in one group, once",
  },
  portfolio: {
    change: { offsets: [{ name: "majors", underlyings: ["BTC", "ETH"], gain_share: 0.5, decorrelation: 0 }] },
    bad: { offsets: [{ name: "majors", underlyings: ["BTC", "ETH"], gain_share: 1.5, decorrelation: 0 }] },
    path: "methods.portfolio.offsets.0.gain_share",
    says: "<=1",
  },
  portfolio_deribit: {
    change: { decorrelation: 1 },
    bad: {
      currencies: shipped.portfolio_deribit.currencies.map((row, index) => ({
        ...row,
        scan: { ...row.scan, price_steps_per_side: 4 + index },
      })),
    },
    path: "methods.portfolio_deribit.currencies.1.scan.price_steps_per_side",
    says: "4, as in the first",
  },
  portfolio_okx: {
    change: { lists: shipped.portfolio_okx.lists.map((row) => ({ ...row, initial_factor: 1.4 })) },
    bad: { lists: shipped.portfolio_okx.lists.map((row) => ({ ...row, spot_moves: [0.08, 0.04] })) },
    path: "methods.portfolio_okx.lists.0.spot_moves.1",
    says: "above the 0.08 before it",
  },
  portfolio_paradex: {
    change: { fee_provision_rate: 0.01 },
    bad: { scenarios: [{ spot_move: 0.1, volatility_move: 0, weight: 1 }] },
    path: "methods.portfolio_paradex.scenarios",
    says: "at least one scenario whose spot_move is 0",
  },
  portfolio_bybit: {
    change: {
      coins: shipped.portfolio_bybit.coins.map((row) => ({ ...row, stablecoin_spread_rate: 0, initial_factor: 2 })),
    },
    bad: { coins: shipped.portfolio_bybit.coins.map((row) => ({ ...row, initial_factor: 0.9 })) },
    path: "methods.portfolio_bybit.coins.0.initial_factor",
    says: ">=1",
  },
  derive_pmrm_2: {
    change: { maintenance_factor: 0.9 },
    bad: { maintenance_factor: 1.1 },
    path: "methods.derive_pmrm_2.maintenance_factor",
    says: "at most initial_factor, which is 1",
  },
  derive_pmrm_1: {
    change: { initial_factor: 1.5 },
    bad: { scenarios: shipped.derive_pmrm_2.scenarios },
    path: "methods.derive_pmrm_1.scenarios",
    says: "without skew moves",
  },
  derive_srm: {
    change: {
      markets: shipped.derive_srm.markets.map((row) => ({
        ...row,
        perpetual: { initial_rate: 0.2, maintenance_rate: 0.1 },
      })),
    },
    bad: {
      markets: shipped.derive_srm.markets.map((row) => ({
        ...row,
        perpetual: { initial_rate: 0.05, maintenance_rate: 0.1 },
      })),
    },
    path: "methods.derive_srm.markets.0.perpetual.maintenance_rate",
    says: "at most initial_rate, which is 0.05",
  },
  var: {
    change: { level: 0.975 },
    bad: { level: 1 },
    path: "methods.var.level",
    says: "<1",
  },
  account_ratio: {
    change: { warning_ratio: 2 },
    bad: { reduce_only_ratio: 1.01 },
    path: "methods.account_ratio.reduce_only_ratio",
    says: "at least liquidation_ratio, which is 1.05",
  },
};
