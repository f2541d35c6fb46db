import {
  computePmrm1,
  computePmrm2,
  computeSrm,
  type DeriveScenario,
  type Pmrm2Portfolio,
  pmrm1MainnetParameters,
  pmrm2MainnetParameters,
  srmMainnetParameters,
} from "@plimsoll/risk";
import { asPmrm1, asSrm, deriveExpiry, derivePortfolio } from "./derive-books.ts";

/** The units of ETH that the account holds as collateral. */
const ETHER = 3;

/** The account of the worked example in docs/methods/derive.md. */
export const exampleAccount: Pmrm2Portfolio = derivePortfolio({
  cash: 6000,
  perpetual: { amount: 5, markPrice: 2001, confidence: 1, unrealisedCash: -35 },
  collaterals: [
    {
      asset: "ETH",
      amount: ETHER,
      price: 2000,
      confidence: 1,
      movesInScenarios: true,
      maintenanceHaircut: 0.02,
      additionalInitialHaircut: 0.01,
    },
  ],
  expiries: [
    deriveExpiry(30, [
      { strike: 2200, optionType: "call", amount: -10, markVolatility: 0.6 },
      { strike: 1800, optionType: "put", amount: 5, markVolatility: 0.65 },
    ]),
  ],
});

function money(amount: number): string {
  const text = Math.abs(amount).toFixed(2);
  return amount < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_name, column) => (column === 0 ? "---" : "---:"));
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const moveNames: Readonly<Record<DeriveScenario["volatilityMove"], string>> = {
  up: "up",
  none: "none",
  down: "down",
  linear_skew: "linear skew",
  absolute_skew: "absolute skew",
};

function scenarioName({ priceMultiplier, volatilityMove }: DeriveScenario): string {
  const percent = Number(((priceMultiplier - 1) * 100).toFixed(2));
  const price = percent === 0 ? "0 %" : `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
  return `${price}, volatility ${moveNames[volatilityMove]}`;
}

/** Computes the tables of the worked example. */
export function exampleTables(): readonly string[] {
  const scan = computePmrm2(exampleAccount, pmrm2MainnetParameters);
  const first = computePmrm1(asPmrm1(exampleAccount, ETHER), pmrm1MainnetParameters);
  const standard = computeSrm(asSrm(exampleAccount, ETHER), srmMainnetParameters);
  const methods = (
    [
      ["`derive_pmrm_2`", scan],
      ["`derive_pmrm_1`", first],
      ["`derive_srm`", standard],
    ] as const
  ).map(([name, margin]) => [
    name,
    money(margin.equity),
    money(margin.initialRequirement),
    money(margin.maintenanceRequirement),
    money(margin.initialSurplus),
    money(margin.maintenanceSurplus),
  ]);
  const components = scan.components.map(({ name, initial, maintenance }) => [
    `\`${name}\``,
    money(initial),
    money(maintenance),
  ]);
  const losses = [...scan.scenarioLosses.entries()]
    .sort(([, left], [, right]) => right - left)
    .slice(0, 5)
    .map(([index, loss]) => {
      const scenario = pmrm2MainnetParameters.scenarios[index];
      if (scenario === undefined) throw new Error(`no scenario ${index}`);
      return [scenarioName(scenario), String(index), money(loss)];
    });
  const expiry = standard.markets[0]?.expiries[0];
  if (expiry === undefined) throw new Error("the example has an expiry");
  const options = (["initial", "maintenance"] as const).map((requirement) => [
    requirement,
    money(expiry[requirement].isolated),
    money(expiry[requirement].maximumLoss),
    money(expiry[requirement].required),
  ]);
  return [
    markdownTable(["method", "equity", "initial", "maintenance", "initial surplus", "maintenance surplus"], methods),
    markdownTable(["PMRM_2 component", "initial", "maintenance"], components),
    markdownTable(["PMRM_2 scenario", "index", "loss"], [...losses, ["basis charge", "33", money(scan.basisLoss)]]),
    markdownTable(["SRM options", "one by one", "greatest loss at settlement", "required"], options),
  ];
}
