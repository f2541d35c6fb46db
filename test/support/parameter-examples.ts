import {
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type ParameterSet,
  type Pool,
  type Position,
  type SizeParameters,
} from "@plimsoll/risk";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "./market.ts";

const snapshot = marketSnapshot(
  [underlyingState("BTC", 70_000), underlyingState("ETH", 2_000)],
  [
    quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC", quoteCurrency: "USD" }, 70_000),
    quotedPerpetual({ instrumentId: "ETH-PERPETUAL", underlying: "ETH", quoteCurrency: "USD" }, 2_000),
  ],
);

const bitcoin = { instrumentId: "BTC-PERPETUAL", quantity: 10, entryPrice: 70_000 };
const ether = { instrumentId: "ETH-PERPETUAL", quantity: -350, entryPrice: 2_000 };

/** Charges for size with every part in use, as an operator might state them. */
export const exampleSize: SizeParameters = {
  underlying: "*",
  openInterest: { notionalUsd: 400_000_000, lowerUsd: 250_000_000, upperUsd: 1_000_000_000 },
  concentration: { freeUsd: 250_000, ratePerMillionUsd: 0.02, maximumRate: 0.2 },
  liquidation: { futureRate: 0.0005, optionRate: 0.001, impactPerRootMillionUsd: 0.5 },
  minimum: { futureRate: 0.0005, shortOptionRate: 0.0003 },
};

const { methods } = defaultParameters;
const sized: ParameterSet = {
  ...defaultParameters,
  methods: {
    ...methods,
    portfolio: {
      ...methods.portfolio,
      size: [exampleSize],
    },
  },
};
const offsetting: ParameterSet = {
  ...defaultParameters,
  methods: {
    ...methods,
    portfolio: {
      ...methods.portfolio,
      offsets: [{ name: "majors", underlyings: ["BTC", "ETH"], gainShare: 0.5, decorrelation: 0.5 }],
    },
  },
};

function margined(methodId: Pool["methodId"], positions: readonly Position[], parameters: ParameterSet): MarginedPool {
  const collateral = [{ asset: "USD", amount: 1_000_000 }];
  const result = createMarginEngine(snapshot, parameters).margin(accountWith({ methodId, collateral, positions }));
  if (result.status === "not_margined") throw new Error(`${methodId}: ${result.field} is ${result.value}`);
  return result;
}

/**
 * Returns the tables of the page on parameters. They show what size adds to 10 and 40 BTC, and the credit for BTC
 * against ETH.
 */
export function parameterTables(
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): Record<string, string> {
  const sizes = [10, 40].map((quantity) => margined("portfolio", [{ ...bitcoin, quantity }], sized));
  const names = [...new Set(sizes.flatMap(({ components }) => components.map(({ name }) => name)))];
  const amountOf = ({ components }: MarginedPool, name: string) =>
    components.filter((component) => component.name === name).reduce((sum, { amount }) => sum + amount, 0);
  const credits = [
    ["span", "inter_commodity_credit", defaultParameters],
    ["tims", "product_group_credit", defaultParameters],
    ["portfolio_deribit", "currency_offset_credit", defaultParameters],
    ["portfolio", "currency_offset_credit", offsetting],
  ] as const;
  return {
    "parameters-size": table(
      ["component", "10 BTC", "40 BTC"],
      [
        ...names.map((name) => [`\`${name}\``, ...sizes.map((result) => amountOf(result, name).toFixed(2))]),
        ["initial margin", ...sizes.map(({ initialMargin }) => initialMargin.toFixed(2))],
        ["maintenance margin", ...sizes.map(({ maintenanceMargin }) => maintenanceMargin.toFixed(2))],
      ],
    ),
    "parameters-offsets": table(
      ["method", "BTC alone", "ETH alone", "credit", "together", "component"],
      credits.map(([methodId, component, parameters]) => [
        `\`${methodId}\``,
        margined(methodId, [bitcoin], parameters).initialMargin.toFixed(2),
        margined(methodId, [ether], parameters).initialMargin.toFixed(2),
        amountOf(margined(methodId, [bitcoin, ether], parameters), component).toFixed(2),
        margined(methodId, [bitcoin, ether], parameters).initialMargin.toFixed(2),
        `\`${component}\``,
      ]),
    ),
  };
}
