import type { ComponentName, Instrument } from "../../model/index.ts";
import { isDated, isDatedOption } from "../../model/product-traits.ts";
import { MS_PER_DAY, SECONDS_PER_DAY } from "../../numbers/time.ts";
import { percentText } from "../common/balances.ts";
import { holdingDelta, type NamedAmount, prepareHoldings } from "../common/holding.ts";
import {
  inUsDollars,
  type MarginMethod,
  type MethodMeasure,
  type MethodRegistration,
  type MethodUnit,
  plainMethod,
  readsHoldings,
  rememberByPrices,
  supports,
} from "../margin-method.ts";
import { buildDeriveGrid, type DeriveGrid } from "./grid.ts";
import type { DeriveExpiry, DeriveOption, DerivePortfolio, DeriveScanResult } from "./holdings.ts";
import type { Pmrm1MethodParameters, Pmrm2MethodParameters, SrmMethodParameters } from "./parameters.ts";
import { computePmrm1 } from "./pmrm-1.ts";
import { computePmrm2 } from "./pmrm-2.ts";
import { pmrm1ParameterRules, pmrm2ParameterRules, srmParameterRules } from "./shipped.ts";
import { computeSrm } from "./srm.ts";
import { type DeriveUnitValues, deriveUnitValues } from "./unit-values.ts";

/**
 * Returns the members that all methods after Derive share. Derive lists options and perpetuals. Coin-settled contracts
 * are margined at what they pay in cash.
 */
function shared(underlyings: readonly string[]) {
  const supported = supports("parameters after Derive", (underlying) => underlyings.includes(underlying));
  return {
    ...plainMethod,
    ...supported,
    findUnsupported: (instrument: Instrument) =>
      isDated(instrument) && !isDatedOption(instrument)
        ? "Derive's managers have no rule for dated futures"
        : supported.findUnsupported(instrument),
    coinPoolFault: "Derive's managers keep accounts in cash, none in a coin",
  };
}

/**
 * Returns a unit in the form of a Derive account. All feeds have full confidence here, because the confidence charge
 * that all methods share covers prices that are not good.
 */
function portfolioOf(unit: MethodUnit): DerivePortfolio & { readonly baseAmount: number } {
  const holdings = prepareHoldings(inUsDollars(unit), unit.asOfMs);
  const expiries = new Map<string, { seconds: number; fixed: number; variable: number; options: DeriveOption[] }>();
  let perpetualAmount = 0;
  for (const holding of holdings) {
    const { instrument, forwardPrice, markVolatility, movingShare = 1 } = holding.quoted;
    if (!isDatedOption(instrument)) {
      perpetualAmount += holdingDelta(holding, unit.asOfMs);
      continue;
    }
    // Options of two settlement currencies may have different volatilities at one strike, so they stay apart.
    const key = `${instrument.expiryMs} ${instrument.settlement} ${instrument.quoteCurrency} ${movingShare}`;
    const seconds = ((instrument.expiryMs - unit.asOfMs) / MS_PER_DAY) * SECONDS_PER_DAY;
    const variable = forwardPrice * movingShare;
    const expiry = expiries.get(key) ?? { seconds, fixed: forwardPrice - variable, variable, options: [] };
    expiries.set(key, expiry);
    expiry.options.push({
      strike: instrument.strike,
      optionType: instrument.optionType,
      amount: holding.quantity * instrument.contractSize,
      markVolatility: markVolatility ?? Number.NaN,
    });
  }
  const balance = unit.balanceWithoutOptionsUsd / unit.indexPrice;
  // Coins that are owed lose like a short perpetual when the price rises.
  perpetualAmount += Math.min(0, balance);
  return {
    cash: 0,
    stablePrice: stablePriceOf(unit),
    spotPrice: unit.indexPrice,
    spotConfidence: 1,
    perpetual:
      perpetualAmount === 0
        ? null
        : { amount: perpetualAmount, markPrice: unit.indexPrice, confidence: 1, unrealisedCash: 0 },
    expiries: [...expiries.values()].map(
      ({ seconds, fixed, variable, options }): DeriveExpiry => ({
        secondsToExpiry: seconds,
        forwardFixedPortion: fixed,
        forwardVariablePortion: variable,
        forwardConfidence: 1,
        rate: 0,
        rateConfidence: 1,
        volatilityConfidence: 1,
        options,
      }),
    ),
    baseAmount: Math.max(0, balance),
  };
}

/**
 * Returns the lowest US dollar price of the currencies in which linear positions settle, at most 1. It is 1 when there
 * are no linear positions.
 */
function stablePriceOf({ holdings }: MethodUnit): number {
  let price = 1;
  for (const { quoted, settlementPriceUsd } of holdings) {
    if (quoted.instrument.settlement === "linear") price = Math.min(price, settlementPriceUsd);
  }
  return price;
}

/** Returns a function that values options on a grid. Each option is priced once for all pools at the same prices. */
function rememberUnitValues() {
  return rememberByPrices((): DeriveUnitValues => {
    const known = new Map<string, Float64Array>();
    return (option, terms, grid) => {
      const key = `${terms.years} ${terms.forward} ${option.strike} ${option.optionType} ${option.markVolatility}`;
      let values = known.get(key);
      if (values === undefined) {
        values = deriveUnitValues(option, terms, grid);
        known.set(key, values);
      }
      return values;
    };
  });
}

/**
 * Builds the method after Derive's PMRM_2. Collateral only moves in the scenarios here; its haircuts are in the margin
 * balance that all methods share.
 */
function buildPmrm2Method(parameters: Pmrm2MethodParameters): MarginMethod {
  const grid = buildDeriveGrid(parameters.scenarios, parameters.basis);
  const unitValues = rememberUnitValues();
  return {
    ...shared(parameters.underlyings),
    unit: readsHoldings((unit) => {
      const portfolio = portfolioOf(unit);
      const base = {
        asset: unit.underlying,
        amount: portfolio.baseAmount,
        price: unit.indexPrice,
        confidence: 1,
        movesInScenarios: true,
        maintenanceHaircut: 0,
        additionalInitialHaircut: 0,
      };
      const collaterals = portfolio.baseAmount > 0 ? [base] : [];
      const result = computePmrm2({ ...portfolio, collaterals }, parameters, grid, unitValues(unit));
      return scanMeasure(unit, result, portfolio.stablePrice, grid);
    }),
  };
}

/** Builds the method after Derive's first portfolio manager, PMRM. */
function buildPmrm1Method(parameters: Pmrm1MethodParameters): MarginMethod {
  const grid = buildDeriveGrid(parameters.scenarios, parameters.basis);
  const unitValues = rememberUnitValues();
  return {
    ...shared(parameters.underlyings),
    unit: readsHoldings((unit) => {
      const portfolio = portfolioOf(unit);
      const result = computePmrm1(portfolio, parameters, grid, unitValues(unit));
      return scanMeasure(unit, result, portfolio.stablePrice, grid);
    }),
  };
}

function scanMeasure(
  { underlying }: MethodUnit,
  result: DeriveScanResult,
  stablePrice: number,
  { scenarios }: DeriveGrid,
): MethodMeasure {
  const { worstLoss, worstScenarioIndex } = result;
  const scenario = scenarios[worstScenarioIndex];
  const label =
    scenario === undefined
      ? "basis"
      : `${scenario.priceMultiplier === 1 ? "unmoved" : percentText(scenario.priceMultiplier - 1)}${volatilityText(scenario.volatilityMove)}`;
  const scenarioId = scenario === undefined ? "basis" : `${scenario.priceMultiplier}:${scenario.volatilityMove}`;
  return {
    initial: result.initialRequirement * stablePrice,
    maintenance: result.maintenanceRequirement * stablePrice,
    components: result.components.map(({ name, initial }) => ({
      name: componentNames[name],
      amount: initial * stablePrice,
    })),
    worstScenario:
      worstLoss > 0 ? { scenarioId, label: `${underlying} ${label}`, loss: worstLoss * stablePrice } : null,
  };
}

function volatilityText(move: string): string {
  return move === "none" ? "" : move === "up" || move === "down" ? `, vol ${move}` : `, ${move.replace("_", " ")}`;
}

const componentNames: Readonly<Record<DeriveScanResult["components"][number]["name"], ComponentName>> = {
  scan_loss: "scan_risk",
  perpetual_contingency: "perpetual_contingency",
  option_contingency: "option_contingency",
  base_contingency: "collateral_haircut",
  collateral_haircut: "collateral_haircut",
  depeg_charge: "depeg_charge",
  confidence_charge: "confidence_charge",
};

/**
 * Builds the method after Derive's standard manager, SRM. Collateral is not in the requirement, because its haircuts
 * are in the margin balance that all methods share.
 */
function buildSrmMethod({ depeg, markets }: SrmMethodParameters): MarginMethod {
  const parameters = {
    depeg,
    markets: Object.fromEntries(markets.map(({ underlying, ...terms }) => [underlying, terms])),
  };
  return {
    ...shared(markets.map(({ underlying }) => underlying)),
    chargesBalances: false,
    unit: readsHoldings((unit) => {
      const { perpetual, stablePrice, expiries } = portfolioOf({ ...unit, balanceWithoutOptionsUsd: 0 });
      const market = {
        market: unit.underlying,
        spotPrice: unit.indexPrice,
        spotConfidence: 1,
        baseAmount: 0,
        perpetual,
        expiries: expiries.map(({ forwardFixedPortion, forwardVariablePortion, ...expiry }) => ({
          ...expiry,
          forwardPrice: forwardFixedPortion + forwardVariablePortion,
        })),
      };
      const result = computeSrm({ cash: 0, stablePrice, markets: [market] }, parameters);
      const components: NamedAmount<ComponentName>[] = [];
      for (const { name, initial } of result.components) {
        if (name !== "base_haircut") components.push({ name, amount: initial * stablePrice });
      }
      return {
        initial: result.initialRequirement * stablePrice,
        maintenance: result.maintenanceRequirement * stablePrice,
        components,
        worstScenario: null,
      };
    }),
  };
}

export const pmrm2Method: MethodRegistration<Pmrm2MethodParameters> = {
  ...pmrm2ParameterRules,
  formulas: 3,
  build: buildPmrm2Method,
};

export const pmrm1Method: MethodRegistration<Pmrm1MethodParameters> = {
  ...pmrm1ParameterRules,
  formulas: 3,
  build: buildPmrm1Method,
};

export const srmMethod: MethodRegistration<SrmMethodParameters> = {
  ...srmParameterRules,
  formulas: 3,
  build: buildSrmMethod,
};
