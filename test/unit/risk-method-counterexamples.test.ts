import {
  computePmrm2,
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MarketSnapshot,
  type MethodId,
  type ParameterSet,
  type Pool,
  pmrm2MainnetParameters,
  type QuotedInstrument,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import { deriveExpiry, derivePortfolio } from "../support/derive-books.ts";
import { accountWith, expiryInDays, marketSnapshot, quotedOption, underlyingState } from "../support/market.ts";
import {
  changeNumbers,
  homogeneousParameters,
  lawParameters,
  marginBy,
  scanRiskOf,
  shrink,
  sizedParameters,
  withMethod,
} from "../support/method-laws.ts";

const index = 100_000;
const call = (strike: number, days: number, volatility: number) =>
  quotedOption(
    {
      instrumentId: `C-${strike}-${days}D`,
      underlying: "BTC",
      optionType: "call",
      strike,
      expiryMs: expiryInDays(days),
    },
    index,
    volatility,
  );

function marketOf(instruments: readonly QuotedInstrument[]): MarketSnapshot {
  return marketSnapshot([underlyingState("BTC", index)], instruments);
}

type Legs = readonly (readonly [instrumentId: string, quantity: number])[];

function margined(snapshot: MarketSnapshot, parameters: ParameterSet, methodId: MethodId, legs: Legs): MarginedPool {
  const positions = legs.map(([instrumentId, quantity]): Pool["positions"][number] => {
    const quoted = snapshot.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId);
    return { instrumentId, quantity, entryPrice: quoted?.markPrice ?? Number.NaN };
  });
  return marginBy(createMarginEngine(snapshot, parameters), accountWith({ methodId, positions }));
}

/** A butterfly sold: 1,000 lost where the price ends at the top, nothing a wing away; an hour before expiry. */
function shortButterfly(top: number, volatility: number) {
  const options = [top - 1_000, top, top + 1_000].map((strike) => call(strike, 0.04, volatility));
  const legs = options.map(({ instrument }, leg) => [instrument.instrumentId, leg === 1 ? 2 : -1] as const);
  return { market: marketOf(options), legs };
}

/** Numbers that are the range of a method that scans, and the outermost point of its near grid. */
const ranges: readonly (readonly [MethodId, path: string, outermost: number])[] = [
  ["span", "methods.span.underlyings[].priceScanRate", 0.16],
  ["tims", "methods.tims.classes[].up", 0.15],
  ["portfolio", "scan[].priceScanRange", 0.1],
  ["portfolio_deribit", "methods.portfolioDeribit.currencies[].scan.priceScanRange", 0.16],
  ["portfolio_okx", "methods.portfolioOkx.lists[].spotMoves[]", 0.12],
  ["portfolio_paradex", "methods.portfolioParadex.scenarios[].spotMove", 0.16],
  ["portfolio_bybit", "methods.portfolioBybit.coins[].scan.priceScanRange", 0.1],
  ["derive_pmrm_2", "methods.derivePmrm2.scenarios[].priceMultiplier", 0.18],
  ["derive_pmrm_1", "methods.derivePmrm1.scenarios[].priceMultiplier", 0.2],
];

it.each(ranges)(
  "%s: a wider %s scans less where its points move past a loss that peaks between them",
  (methodId, path, outermost) => {
    const { market, legs } = shortButterfly(Math.round(index * (1 + outermost)), 0.1);
    const [narrow, wide] = [1, 1.1].map((factor) => {
      const changed = changeNumbers(homogeneousParameters, path, (value) => shrink(path, value, factor));
      return scanRiskOf(margined(market, changed, methodId, legs));
    });
    expect(narrow).toBeGreaterThan(550);
    expect(wide).toBeLessThan(0.7 * (narrow ?? Number.NaN));
  },
);

describe("a greater rise of volatility", () => {
  const deep = call(50_000, 60, 0.5);
  const bought = { market: marketOf([deep]), legs: [[deep.instrument.instrumentId, 1]] as const };

  it.each([
    ["portfolio_paradex", "methods.portfolioParadex.scenarios[].volatilityMove"],
    ["derive_pmrm_2", "methods.derivePmrm2.volatility.volatilityUp"],
    ["derive_pmrm_1", "methods.derivePmrm1.volatility.volatilityUp"],
  ] as const)("%s: asks less of an option bought, whose worst scenario has volatility up alone", (methodId, path) => {
    const [milder, greater] = askedOf(methodId, path, bought);
    expect(greater).toBeLessThan(milder - 100);
  });

  it.each([
    ["portfolio", "scan[].volatilityUp"],
    ["portfolio_deribit", "methods.portfolioDeribit.currencies[].scan.volatilityUp"],
  ] as const)("%s: asks less of a far butterfly sold, for far moves have volatility up alone", (methodId, path) => {
    const [milder, greater] = askedOf(methodId, path, shortButterfly(2 * index, 0.6));
    expect(greater).toBeLessThan(0.9 * milder);
  });

  type Book = { readonly market: MarketSnapshot; readonly legs: Legs };
  function askedOf(methodId: MethodId, path: string, { market, legs }: Book): [number, number] {
    const asked = (factor: number) => {
      const changed = changeNumbers(homogeneousParameters, path, (value) => value * factor);
      return scanRiskOf(margined(market, changed, methodId, legs));
    };
    return [asked(1), asked(1.5)];
  }
});

describe("size", () => {
  const perUnit = (methodId: MethodId, legs: Legs, size: number) => {
    const scaled = legs.map(([instrumentId, quantity]) => [instrumentId, quantity * size] as const);
    return margined(chain, defaultParameters, methodId, scaled).initialMargin / size;
  };
  const outright: Legs = [["BTC_USDC-PERPETUAL", 1]];
  const hedged: Legs = [...outright, ["BTC-PERPETUAL", -67_985]];
  const wing: Legs = [["BTC-8D-108776-call-inverse", -1]];

  it.each([
    ["standard", outright, 10, 1_000],
    ["isolated", outright, 10, 1_000],
    ["portfolio_deribit", outright, 10, 100_000],
    ["portfolio_okx", hedged, 10, 100_000],
    ["account_ratio", outright, 1, 1_000],
    ["portfolio_deribit", wing, 1, 1_000],
    ["portfolio", wing, 1, 1_000],
  ] as const)("%s: asks more per unit of a large book than of a small one", (methodId, legs, small, large) => {
    expect(perUnit(methodId, legs, large)).toBeGreaterThan(1.5 * perUnit(methodId, legs, small));
  });

  it("portfolio_deribit: dampened far losses of two books together are more than apart", () => {
    const scan = (quantity: number) =>
      scanRiskOf(margined(chain, defaultParameters, "portfolio_deribit", [["BTC-8D-108776-call-inverse", quantity]]));
    // 900,000 of dampener at +500 % is taken off once, not twice.
    expect(scan(-200)).toBeGreaterThan(2.4 * scan(-100));
  });
});

describe("credits between underlyings beside a size minimum", () => {
  it("tims: a greater minimum charge can move a credit to where the size minimum does not cut it", () => {
    const legs: Legs = [
      ["ETH-0.4D-2184-call-linear", -8],
      ["BTC-8D-108776-call-inverse", -0.9],
    ];
    const asked = (factor: number) => {
      const changed = changeNumbers(sizedParameters, "methods.tims.classes[].minimumRate", (rate) => rate * factor);
      return margined(chain, changed, "tims", legs).initialMargin;
    };
    expect(asked(0.7)).toBeCloseTo(1295.48, 2);
    expect(asked(1)).toBeCloseTo(1250.38, 2);
  });
});

describe("value at risk", () => {
  it("var: of two books together can be above that of both apart", () => {
    const parameters = withMethod(lawParameters, "var", () => ({
      measure: "value_at_risk" as const,
      stressSetId: null,
      simulation: "historical" as const,
    }));
    const scan = (legs: Legs) => scanRiskOf(margined(chain, parameters, "var", legs));
    const puts: Legs = [["ETH-0.4D-1687-put-linear", -32]];
    const calls: Legs = [["ETH-8D-3176-call-inverse", -12]];
    expect(scan(puts)).toBeCloseTo(46.44, 2);
    expect(scan(calls)).toBeCloseTo(12.14, 2);
    expect(scan([...puts, ...calls])).toBeCloseTo(89.01, 2);
  });
});

describe("static discounts", () => {
  it("derive_pmrm_2: what the short loses is not what the long gains, for what is owned counts for less and what is owed for more", () => {
    const put = { strike: 2_000, optionType: "put", markVolatility: 0.6 } as const;
    const losses = [1, -1].map(
      (amount) =>
        computePmrm2(derivePortfolio({ expiries: [deriveExpiry(90, [{ ...put, amount }])] }), pmrm2MainnetParameters)
          .scenarioLosses,
    );
    const unmoved = pmrm2MainnetParameters.scenarios.findIndex(
      ({ priceMultiplier, volatilityMove }) => priceMultiplier === 1 && volatilityMove === "none",
    );
    const [long, short] = losses.map((scenario) => scenario[unmoved] ?? Number.NaN);
    // Nothing moves, and both lose.
    expect(long).toBeCloseTo(18.92, 2);
    expect(short).toBeCloseTo(3.25, 2);
  });
});
