import { MS_PER_DAY } from "../../arrays/index.ts";
import type { ComponentName, Instrument } from "../../model/index.ts";
import { holdingDelta, type NamedAmount, prepareHoldings } from "../common/index.ts";
import {
  buildDeriveGrid,
  computePmrm1,
  computePmrm2,
  computeSrm,
  type DeriveExpiry,
  type DeriveGrid,
  type DeriveOption,
  type DerivePortfolio,
  type DeriveScanResult,
  type DeriveUnitValues,
  deriveUnitValues,
  pmrm1MainnetParameters,
  pmrm2MainnetParameters,
  srmMainnetParameters,
} from "../derive/index.ts";
import {
  inUsDollars,
  type MarginMethod,
  type MethodMeasure,
  type MethodUnit,
  rememberByPrices,
} from "./margin-method.ts";
import { percentText } from "./scans.ts";

const majors = ["BTC", "ETH"];
const SECONDS_PER_DAY = 86_400;

/** Derive lists options and perpetuals; coin-settled ones are taken at what they pay in cash. */
function findUnsupported({ kind, underlying }: Instrument): string | null {
  if (kind === "future") return "Derive's managers have no rule for dated futures";
  return majors.includes(underlying) ? null : `no parameters after Derive ship for ${underlying}`;
}

const common = {
  findUnsupported,
  coinPoolFault: "Derive's managers keep accounts in cash, none in a coin",
};

/** Feeds are trusted in full here: the confidence charge that all methods share speaks for prices that are not good. */
function portfolioOf(unit: MethodUnit): DerivePortfolio & { readonly baseAmount: number } {
  const holdings = prepareHoldings(inUsDollars(unit), unit.asOfMs);
  const expiries = new Map<string, { seconds: number; fixed: number; variable: number; options: DeriveOption[] }>();
  let perpetualAmount = 0;
  for (const holding of holdings) {
    const { instrument, forwardPrice, markVolatility, movingShare = 1 } = holding.quoted;
    if (instrument.kind !== "option") {
      perpetualAmount += holdingDelta(holding, unit.asOfMs);
      continue;
    }
    // Two settlement currencies quote the same strike with volatilities of their own: they stay apart.
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
  // Coins that are owed move like a perpetual sold.
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

/** The lowest price of a currency that linear positions settle in; 1 without any. */
function stablePriceOf({ holdings }: MethodUnit): number {
  let price = 1;
  for (const { quoted, settlementPriceUsd } of holdings) {
    if (quoted.instrument.settlement === "linear") price = Math.min(price, settlementPriceUsd);
  }
  return price;
}

/** Values of options on a grid, priced once for all accounts at the same prices. */
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

const grid2 = buildDeriveGrid(pmrm2MainnetParameters.scenarios, pmrm2MainnetParameters.basis);
const unitValues2 = rememberUnitValues();

/** After Derive's PMRM_2. Collateral counts as in all methods and only moves in the scenarios here. */
export const pmrm2Method: MarginMethod = {
  ...common,
  version: "derive-pmrm-2-1",
  measure: (unit) => {
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
    const result = computePmrm2(
      { ...portfolio, collaterals: portfolio.baseAmount > 0 ? [base] : [] },
      pmrm2MainnetParameters,
      grid2,
      unitValues2(unit),
    );
    return scanMeasure(unit, result, portfolio.stablePrice, grid2);
  },
};

const pmrm1Parameters = {
  ...pmrm1MainnetParameters,
  contingency: { ...pmrm1MainnetParameters.contingency, baseRate: 0 },
};
const grid1 = buildDeriveGrid(pmrm1Parameters.scenarios, pmrm1Parameters.basis);
const unitValues1 = rememberUnitValues();

/** After Derive's first portfolio manager, without its charge on base held: haircuts are in the balance of all methods. */
export const pmrm1Method: MarginMethod = {
  ...common,
  version: "derive-pmrm-1-1",
  measure: (unit) => {
    const portfolio = portfolioOf(unit);
    const result = computePmrm1(portfolio, pmrm1Parameters, grid1, unitValues1(unit));
    return scanMeasure(unit, result, portfolio.stablePrice, grid1);
  },
};

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

/** After Derive's standard manager; collateral does not move, its haircuts speak for it. */
export const srmMethod: MarginMethod = {
  ...common,
  version: "derive-srm-1",
  measure: (unit) => {
    const { perpetual, stablePrice, expiries } = portfolioOf({ ...unit, balanceWithoutOptionsUsd: 0 });
    const result = computeSrm(
      {
        cash: 0,
        stablePrice,
        markets: [
          {
            market: unit.underlying,
            spotPrice: unit.indexPrice,
            spotConfidence: 1,
            baseAmount: 0,
            perpetual,
            expiries: expiries.map(({ forwardFixedPortion, forwardVariablePortion, ...expiry }) => ({
              ...expiry,
              forwardPrice: forwardFixedPortion + forwardVariablePortion,
            })),
          },
        ],
      },
      srmMainnetParameters,
    );
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
  },
};
