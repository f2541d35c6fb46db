import {
  type CollateralParameters,
  type CollateralValuation,
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarketSnapshot,
  type ParameterSet,
  type Pool,
  type TokenState,
} from "@plimsoll/risk";
import {
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "./market.ts";

export const ethPrice = 2_000;
export const solPrice = 150;

/** The rate is 2% below the anchor of the shipped parameters. It counts up to 1.2238 x (1 + 0.0968 x 29.4 / 365). */
export const wstethRate = 1.2;

export const poolState = {
  kind: "pool_token",
  asset: "ETHUSDCLP",
  reserves: [
    { asset: "ETH", amount: 1_000 },
    { asset: "USDC", amount: 2_000_000 },
  ],
  totalSupply: 40_000,
} as const satisfies TokenState;

export const tokens: readonly TokenState[] = [
  poolState,
  { kind: "redeemable", asset: "SDAI", rate: 1.17 },
  { kind: "redeemable", asset: "WSTETH", rate: wstethRate },
];

/**
 * Returns a snapshot of BTC, ETH and SOL with linear and inverse instruments, three stablecoins, and a token of each
 * kind.
 */
export function collateralSnapshot(prices: Readonly<Record<string, number>> = {}): MarketSnapshot {
  const eth = prices.ETH ?? ethPrice;
  const sol = prices.SOL ?? solPrice;
  const snapshot = marketSnapshot(
    [underlyingState("BTC", 60_000), underlyingState("ETH", eth), underlyingState("SOL", sol)],
    [
      quotedPerpetual({ instrumentId: "ETH-PERPETUAL", underlying: "ETH" }, eth),
      quotedPerpetual({ instrumentId: "ETH-INVERSE", underlying: "ETH", settlement: "inverse" }, eth),
      quotedPerpetual({ instrumentId: "ETH_USDC-PERPETUAL", underlying: "ETH", quoteCurrency: "USDC" }, eth),
      quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC" }, 60_000),
      quotedPerpetual({ instrumentId: "SOL-PERPETUAL", underlying: "SOL" }, sol),
      quotedFuture({ instrumentId: "SOL-FUTURE", underlying: "SOL", expiryMs: expiryInDays(30) }, sol),
      ...(["call", "put"] as const).map((optionType) =>
        quotedOption(
          {
            instrumentId: `SOL-100-${optionType}`,
            underlying: "SOL",
            optionType,
            strike: 100,
            expiryMs: expiryInDays(30),
          },
          sol,
          0.8,
        ),
      ),
    ],
  );
  const base: Readonly<Record<string, number>> = { DAI: 1, WSTETH: wstethRate * eth, ...prices };
  const others = Object.entries(base).filter(([currency]) => !["BTC", "ETH", "SOL"].includes(currency));
  const currencies = snapshot.currencies.filter(
    ({ currency }) => !(currency in base) || currency in { ETH: 0, SOL: 0 },
  );
  return {
    ...snapshot,
    currencies: [...currencies, ...others.map(([currency, priceUsd]) => ({ currency, priceUsd }))],
    tokens,
  };
}

/** Returns the default parameters with some parameters of one asset replaced. */
export function withAsset(asset: string, change: Partial<CollateralParameters>): ParameterSet {
  const collateral = defaultParameters.collateral.map((entry) =>
    entry.asset === asset ? { ...entry, ...change } : entry,
  );
  return { ...defaultParameters, collateral };
}

/** Returns bands with one haircut for all sizes. */
export function flatBands(initial: number, maintenance = initial) {
  return {
    initialBands: [{ upToUsd: null, haircut: initial }],
    maintenanceBands: [{ upToUsd: null, haircut: maintenance }],
  };
}

export function valuationOf<Kind extends CollateralValuation["kind"]>(asset: string, kind: Kind) {
  const valuation = defaultParameters.collateral.find((entry) => entry.asset === asset)?.valuation;
  if (valuation?.kind !== kind) throw new Error(`${asset} is not ${kind}`);
  return valuation as Extract<CollateralValuation, { kind: Kind }>;
}

export function engineFor(snapshot = collateralSnapshot(), parameters = defaultParameters): MarginEngine {
  return createMarginEngine(snapshot, parameters);
}

export function marginedIn(engine: MarginEngine, account: Pool) {
  const result = engine.margin(account);
  if (result.status !== "margined") throw new Error(`${result.code} ${result.field}: ${result.value}`);
  return result;
}
