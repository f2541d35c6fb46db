import type { ComponentName, DeribitPmeParameters, QuotedInstrument, Settlement } from "../../model/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import { type Holding, type NamedAmount, type NamedScenario, type PoolView, prepareHoldings } from "../common/index.ts";
import {
  bybitMajor,
  computeBybitRequirement,
  computeDeribitRequirement,
  computeOkxRequirement,
  computeParadexRequirement,
  type DeribitRequirement,
  deribitPmeBtc,
  deribitPmeEth,
  okxMajor,
  okxOther,
  paradexParameters,
  priceBybitScenarios,
  priceDeribitScenarios,
  priceOkxScenarios,
  priceParadexScenarios,
} from "../presets/index.ts";
import { buildTimsPoints, computeTimsPnl, computeTimsProductGroup, timsParameters } from "../tims/index.ts";
import {
  anyInstrument,
  inUsDollars,
  type MarginMethod,
  type MethodUnit,
  onlyUnderlyings,
  rememberByPrices,
} from "./margin-method.ts";

/** Delta-one contracts that balances are scanned as: the coin itself, and a dollar against the coin. */
const balanceQuotes = rememberByPrices(({ underlying, indexPrice }: MethodUnit) => {
  const quote = (settlement: Settlement): QuotedInstrument => ({
    instrument: {
      kind: "perpetual",
      instrumentId: `balance of ${underlying}`,
      underlying,
      settlement,
      quoteCurrency: "USD",
      contractSize: 1,
    },
    forwardPrice: indexPrice,
    markPrice: indexPrice,
    markVolatility: null,
    volatilitySource: null,
  });
  return { coin: quote("linear"), dollar: quote("inverse") };
});

/** The moving balances of a unit; dollars in the coin's pool lose when the coin rises, as a short inverse contract does. */
function balancesOf(unit: MethodUnit): Holding[] {
  if (unit.balanceUsd === 0) return [];
  const { coin, dollar } = balanceQuotes(unit);
  return unit.poolIsCoin
    ? [{ quoted: dollar, quantity: 0 - unit.balanceUsd }]
    : [{ quoted: coin, quantity: unit.balanceUsd / unit.indexPrice }];
}

function poolViewOf(unit: MethodUnit): PoolView {
  return { balances: balancesOf(unit), valuedIn: unit.poolIsCoin ? "coin" : "cash" };
}

const majors = ["BTC", "ETH"];

function deribitParameters(underlying: string): DeribitPmeParameters {
  return underlying === "ETH" ? deribitPmeEth : deribitPmeBtc;
}

const deribitScenarios = rememberByPrices((unit) =>
  priceDeribitScenarios(deribitParameters(unit.underlying), unit.asOfMs),
);

/** After Deribit's portfolio margin: PME vectors, extended table, dampener, roll and delta shock. */
export const deribitMethod: MarginMethod = {
  version: "portfolio-deribit-1",
  findUnsupported: onlyUnderlyings(majors, "parameters after Deribit"),
  coinPoolFault: null,
  measure: (unit) => {
    const requirement = computeDeribitRequirement(
      inUsDollars(unit),
      deribitParameters(unit.underlying),
      unit.indexPrice,
      unit.asOfMs,
      unit.poolIsCoin ? "coin" : "cash",
      deribitScenarios(unit),
      balancesOf(unit),
    );
    const rate = unit.poolIsCoin ? unit.indexPrice : 1;
    return {
      initial: requirement.initialMargin * rate,
      maintenance: requirement.maintenanceMargin * rate,
      components: requirement.components.map(({ name, amount }) => ({ name, amount: amount * rate })),
      worstScenario: worstDeribitCell(requirement, rate),
    };
  },
};

function worstDeribitCell({ worstCell, set }: DeribitRequirement, rate: number): NamedScenario | null {
  if (worstCell === null) return null;
  const { source, bucket, side, profit } = worstCell;
  const index =
    source === "extended"
      ? set.mainCount + bucket - 1
      : 3 * (bucket - 1) + (side === "left" ? 0 : side === "middle" ? 1 : 2);
  return { scenarioId: set.ids[index]!, label: set.labels[index]!, loss: 0 - profit * rate };
}

const okxScenarios = rememberByPrices(({ underlying, asOfMs }) => ({
  parameters: okxParameters(underlying),
  priced: priceOkxScenarios(underlying, okxParameters(underlying), asOfMs),
}));

/** BTC and ETH have a list of their own; the cautious one serves every other coin. */
function okxParameters(underlying: string) {
  return majors.includes(underlying) ? okxMajor : okxOther;
}

/** After OKX's portfolio margin, modules MR1 to MR7. Borrowing (MR8) and depeg between quotes (MR9) are left out. */
export const okxMethod: MarginMethod = {
  version: "portfolio-okx-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const { parameters, priced } = okxScenarios(unit);
    const { indexPrice, asOfMs } = unit;
    const requirement = computeOkxRequirement(
      inUsDollars(unit),
      parameters,
      indexPrice,
      asOfMs,
      0,
      priced,
      poolViewOf(unit),
    );
    const amounts = new Map(requirement.modules.map(({ name, amount }) => [name, amount]));
    const core = Math.max(amounts.get("mr1")!, amounts.get("mr2")!, amounts.get("mr6")!);
    const components: NamedAmount<ComponentName>[] = [
      { name: "okx_core_risk", amount: core },
      { name: "okx_vega_term_structure", amount: amounts.get("mr3")! },
      { name: "okx_basis", amount: amounts.get("mr4")! },
      { name: "okx_interest_rate", amount: amounts.get("mr5")! },
    ];
    const charged = components.reduce((sum, { amount }) => sum + amount, 0);
    const { maintenanceMargin, initialMargin, worstLabel } = requirement;
    components.push(
      { name: "minimum_charge", amount: maintenanceMargin - charged },
      { name: "initial_addition", amount: initialMargin - maintenanceMargin },
    );
    return {
      initial: initialMargin,
      maintenance: maintenanceMargin,
      components,
      worstScenario: named(priced.set, worstLabel, amounts.get("mr1")!),
    };
  },
};

const paradexScenarios = rememberByPrices(({ asOfMs }) => priceParadexScenarios(paradexParameters, asOfMs));

/** After Paradex's portfolio margin: 24 weighted scenarios and the least on delta. Provisions need funding rates: left out. */
export const paradexMethod: MarginMethod = {
  version: "portfolio-paradex-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const requirement = computeParadexRequirement(
      inUsDollars(unit),
      paradexParameters,
      unit.indexPrice,
      unit.asOfMs,
      { funding: 0, fees: 0 },
      paradexScenarios(unit),
      poolViewOf(unit),
    );
    const { worstScenario } = requirement;
    return {
      initial: requirement.initialMargin,
      maintenance: requirement.maintenanceMargin,
      components: [
        { name: "scan_risk", amount: requirement.scanRisk },
        { name: "minimum_delta_excess", amount: requirement.netPortfolioRequirement - requirement.scanRisk },
      ],
      worstScenario: worstScenario && { ...worstScenario, label: `${unit.underlying} ${worstScenario.label}` },
    };
  },
};

const bybitScenarios = rememberByPrices(({ underlying, asOfMs }) =>
  priceBybitScenarios(underlying, bybitMajor, asOfMs),
);

/** After Bybit's portfolio margin: the maximum loss and its contingencies. */
export const bybitMethod: MarginMethod = {
  version: "portfolio-bybit-1",
  findUnsupported: onlyUnderlyings(majors, "parameters after Bybit"),
  coinPoolFault: null,
  measure: (unit) => {
    const { indexPrice, asOfMs } = unit;
    const priced = bybitScenarios(unit);
    const requirement = computeBybitRequirement(
      inUsDollars(unit),
      bybitMajor,
      indexPrice,
      asOfMs,
      priced,
      poolViewOf(unit),
    );
    const { components, initialMargin, maintenanceMargin, worstLabel } = requirement;
    return {
      initial: initialMargin,
      maintenance: maintenanceMargin,
      components: [...components, { name: "initial_addition", amount: initialMargin - maintenanceMargin }],
      worstScenario: named(priced.set, worstLabel, components.find(({ name }) => name === "maximum_loss")?.amount ?? 0),
    };
  },
};

function named({ ids, labels }: ScenarioSet, label: string | null, loss: number): NamedScenario | null {
  return label === null ? null : { scenarioId: ids[labels.indexOf(label)]!, label, loss };
}

const singleStock = timsParameters.singleStock;
const timsPoints = buildTimsPoints(singleStock.down, singleStock.up);

/** 0.375 of a share of 100: the minimum charge of an option or future as a share of its underlying. Our scaling. */
const timsMinimumRate = singleStock.minimumPerUnit / 100;

/**
 * TIMS with the limits of single stocks, 15 % either way, which offset no other underlying; a coin is no index. One
 * requirement serves as initial and maintenance margin.
 */
export const timsMethod: MarginMethod = {
  version: "tims-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const { indexPrice, asOfMs, underlying } = unit;
    const holdings = prepareHoldings(inUsDollars(unit), asOfMs);
    const cash = computeTimsPnl([...holdings, ...balancesOf(unit)], timsPoints, indexPrice, "model", asOfMs);
    // In the coin's pool a profit of cash is worth less coin where the coin has risen.
    const pnl = unit.poolIsCoin ? cash.map((profit, point) => profit / (1 + timsPoints[point]!)) : cash;
    let units = 0;
    for (const { quoted, quantity } of holdings) {
      const { instrument, markPrice } = quoted;
      const isDollars = instrument.kind !== "option" && instrument.settlement === "inverse";
      units += Math.abs(quantity) * (isDollars ? instrument.contractSize / markPrice : instrument.contractSize);
    }
    const result = computeTimsProductGroup({
      name: underlying,
      offset: 0,
      classGroups: [{ name: underlying, pnl, minimumCharge: units * indexPrice * timsMinimumRate }],
    });
    const { requirement, scanRequirement, worstPoint } = result;
    const move = worstPoint === null ? null : timsPoints[worstPoint]!;
    return {
      initial: requirement,
      maintenance: requirement,
      components: [
        { name: "scan_risk", amount: scanRequirement },
        { name: "minimum_charge", amount: requirement - scanRequirement },
      ],
      worstScenario:
        move === null
          ? null
          : { scenarioId: String(move), label: `${underlying} ${percentText(move)}`, loss: scanRequirement },
    };
  },
};

/** `−12.5 %`, as scenario sets write it. */
export function percentText(fraction: number): string {
  const text = `${Number(Math.abs(fraction * 100).toFixed(2))} %`;
  return fraction < 0 ? `−${text}` : fraction > 0 ? `+${text}` : text;
}
