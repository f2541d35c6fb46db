import type { ParameterRules } from "../bounds.ts";
import { majors } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import type {
  DeriveScenario,
  Pmrm1Parameters,
  Pmrm2Parameters,
  SrmParameters,
  SrmUnderlyingParameters,
} from "./parameters.ts";
import {
  type Pmrm1MethodParameters,
  type Pmrm2MethodParameters,
  pmrm1Bounds,
  pmrm2Bounds,
  type SrmMethodParameters,
  srmBounds,
} from "./parameters.ts";

/**
 * Returns the main grid of a portfolio manager, from the greatest rise to the greatest fall. The widest price moves
 * have volatility up only, and the other moves have volatility up, unmoved and down.
 */
function mainGrid(widest: number, steps: readonly number[]): DeriveScenario[] {
  const moves = [widest, ...steps, 0, ...steps.map((step) => -step).reverse(), -widest];
  return moves.flatMap((move) => {
    const priceMultiplier = 1 + move;
    const up = { priceMultiplier, volatilityMove: "up", dampening: 1 } as const;
    if (Math.abs(move) === widest) return [up];
    return [up, { ...up, volatilityMove: "none" }, { ...up, volatilityMove: "down" }];
  });
}

/**
 * The far moves of PMRM_2, with volatility up. The dampening is published as 0.1386 / |move|, so that a portfolio whose
 * loss is linear in the price loses the same in each.
 */
const pmrm2Tails: readonly DeriveScenario[] = [
  [0.34, 0.21],
  [0.67, 0.42],
  [1.5, 0.2772],
  [2, 0.1386],
  [3, 0.0693],
  [4, 0.0462],
  [5, 0.03465],
  [6, 0.02772],
].map(([priceMultiplier, dampening]) => ({
  priceMultiplier: priceMultiplier ?? 1,
  volatilityMove: "up",
  dampening: dampening ?? 1,
}));

/**
 * The published mainnet parameters of PMRM_2 for BTC and ETH (derivexyz/v2-core, scripts/config-mainnet.sol, read;
 * docs/sources.md, Derive portfolio managers). The configuration lists the static discount bases the other way round
 * (owned 1.05, owed 0.95), which would raise the value of options for their owner. Here they stand as in the test suite
 * and the text, which requires more margin. They were not checked on chain.
 */
export const pmrm2MainnetParameters: Pmrm2Parameters = {
  scenarios: [
    ...mainGrid(0.18, [0.135, 0.09, 0.045]),
    ...pmrm2Tails,
    { priceMultiplier: 1, volatilityMove: "linear_skew", dampening: 1 },
    { priceMultiplier: 1, volatilityMove: "absolute_skew", dampening: 1 },
  ],
  volatility: {
    volatilityUp: 0.5,
    volatilityDown: 0.3,
    shortTermPower: 0.3,
    longTermPower: 0.13,
    minimumDaysToExpiry: 1,
    minimumVolatilityUp: 0.4,
  },
  skew: {
    linearCap: 0.25,
    linearCapPerRootYear: -0.1,
    absoluteCap: 0.25,
    absoluteCapPerRootYear: -0.1,
    minimumWidth: 0.01,
    widthScale: 4,
    volatilityConstant: 0.6,
    volatilityPerRootYear: 0,
  },
  basis: { upMultiplier: 1.045, downMultiplier: 0.955, constantFactor: 0.5, annualFactor: 2 },
  discount: {
    ownedBase: 0.95,
    ownedRateMultiplier: 0,
    ownedRateAddend: 0.16,
    owedBase: 1.05,
    owedRateMultiplier: 0,
    owedRateAddend: 0.16,
  },
  contingency: {
    perpetualMaintenanceRate: 0.03,
    perpetualAdditionalInitialRate: 0.01,
    optionMaintenanceRate: 0.003,
    optionAdditionalInitialRate: 0.002,
  },
  trust: { confidenceThreshold: 0.55, confidenceRate: 1, pegThreshold: 0.99, pegFactor: 4 },
  initialFactor: 1,
  maintenanceFactor: 0.8,
};

/**
 * The published mainnet parameters of PMRM (derivexyz/v2-core, scripts/config-mainnet.sol, read in the file itself;
 * docs/sources.md, Derive portfolio managers).
 */
export const pmrm1MainnetParameters: Pmrm1Parameters = {
  scenarios: mainGrid(0.2, [0.15, 0.1, 0.05]),
  volatility: {
    volatilityUp: 0.6,
    volatilityDown: 0.3,
    shortTermPower: 0.3,
    longTermPower: 0.13,
    minimumDaysToExpiry: 1,
    minimumVolatilityUp: 0,
  },
  basis: { upMultiplier: 1.05, downMultiplier: 0.95, constantFactor: 1, annualFactor: 1.2 },
  discount: { ownedBase: 0.95, ownedRateMultiplier: 1, ownedRateAddend: 0.12 },
  contingency: { perpetualRate: 0.03, baseRate: 0.03, optionRate: 0.02 },
  trust: { confidenceThreshold: 0.55, confidenceRate: 1, pegThreshold: 0.99, pegFactor: 4 },
  initialFactor: 1.25,
};

/** The terms of the standard manager that BTC and ETH share. */
const majorUnderlying: Omit<SrmUnderlyingParameters, "base"> = {
  perpetual: { initialRate: 0.1, maintenanceRate: 0.065 },
  option: {
    maximumSpotRate: 0.15,
    minimumSpotRate: 0.13,
    callMaintenanceSpotRate: 0.09,
    putMaintenanceSpotRate: 0.09,
    putMaintenanceMarkRate: 0.09,
    putInitialToMaintenance: 1.05,
    unpairedCallInitial: 1.2,
    unpairedCallMaintenance: 1.1,
  },
  trust: { perpetualThreshold: 0.55, optionThreshold: 0.55, baseThreshold: 0.55, confidenceRate: 1 },
};

/**
 * The published mainnet parameters of SRM for BTC and ETH (derivexyz/v2-core, scripts/config-mainnet.sol, read in the
 * file itself; docs/sources.md, Derive standard manager).
 */
export const srmMainnetParameters: SrmParameters = {
  depeg: { threshold: 0.99, factor: 2 },
  markets: {
    BTC: { ...majorUnderlying, base: { maintenanceFactor: 0.75, initialScale: 0.93 } },
    ETH: { ...majorUnderlying, base: { maintenanceFactor: 0.8, initialScale: 0.9375 } },
  },
};

export const pmrm2ParameterRules: ParameterRules<Pmrm2MethodParameters> = {
  bounds: pmrm2Bounds,
  shipped: { ...unsized, ...pmrm2MainnetParameters, underlyings: majors },
};

/**
 * The rules and shipped parameters of the method `derive_pmrm_1`. The rate on the underlying held is 0, because the
 * margin balance of all methods already has haircuts.
 */
export const pmrm1ParameterRules: ParameterRules<Pmrm1MethodParameters> = {
  bounds: pmrm1Bounds,
  shipped: {
    ...unsized,
    ...pmrm1MainnetParameters,
    contingency: { ...pmrm1MainnetParameters.contingency, baseRate: 0 },
    underlyings: majors,
  },
};

export const srmParameterRules: ParameterRules<SrmMethodParameters> = {
  bounds: srmBounds,
  shipped: {
    ...unsized,
    depeg: srmMainnetParameters.depeg,
    markets: Object.entries(srmMainnetParameters.markets).map(([underlying, terms]) => ({ underlying, ...terms })),
  },
};
