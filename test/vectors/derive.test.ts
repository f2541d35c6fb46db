import {
  auctionMarkShare,
  bidOnInsolventAccount,
  bidOnSolventAccount,
  bufferSurplus,
  buildDeriveGrid,
  computePmrm1,
  computePmrm2,
  computeSrm,
  type DeriveScanResult,
  deriveAuctionMainnetParameters,
  deriveUnitValues,
  pmrm1MainnetParameters,
  pmrm2MainnetParameters,
  settlementForward,
  srmMainnetParameters,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { assertClose } from "../support/close.ts";
import { asPmrm1, asSrm, deriveExpiry, derivePortfolio } from "../support/derive-books.ts";

const parameters = pmrm2MainnetParameters;

/** The parameters of the repository's own PMRM_2 cases, where they differ from mainnet. */
const testSuite = {
  ...parameters,
  volatility: { ...parameters.volatility, volatilityDown: 0.275, minimumVolatilityUp: 0.45 },
  skew: {
    ...parameters.skew,
    linearCap: 0.15,
    linearCapPerRootYear: -0.05,
    absoluteCap: 0.15,
    absoluteCapPerRootYear: -0.05,
    volatilityPerRootYear: -0.1,
  },
  discount: {
    ownedBase: 0.95,
    ownedRateMultiplier: 1,
    ownedRateAddend: 0.08,
    owedBase: 1.04,
    owedRateMultiplier: 0.5,
    owedRateAddend: 0.08,
  },
  trust: { ...parameters.trust, pegThreshold: 0.98, pegFactor: 2 },
};

function component(result: DeriveScanResult, name: string): { initial: number; maintenance: number } {
  const found = result.components.find((part) => part.name === name);
  if (found === undefined) throw new Error(`no component ${name}`);
  return found;
}

/** One short call of the repository's PMRM_2 cases on an ETH spot of 2681.6029850999994. */
function repositoryCall(expiry: {
  seconds: number;
  fixed: number;
  variable: number;
  rate: number;
  strike: number;
  volatility: number;
}) {
  return derivePortfolio({
    stablePrice: 1.00019088635,
    spotPrice: 2681.6029850999994,
    expiries: [
      {
        secondsToExpiry: expiry.seconds,
        forwardFixedPortion: expiry.fixed,
        forwardVariablePortion: expiry.variable,
        forwardConfidence: 1,
        rate: expiry.rate,
        rateConfidence: 1,
        volatilityConfidence: 0.95,
        options: [{ strike: expiry.strike, optionType: "call", amount: -1, markVolatility: expiry.volatility }],
      },
    ],
  });
}

describe("PMRM_2 on cases of the repository (derivexyz/v2-core, PMRM_2/portfolio_cases)", () => {
  it("test_66: an expired option keeps its intrinsic value in every scenario", () => {
    const book = repositoryCall({
      seconds: 0,
      fixed: 2691.6029850999994,
      variable: 0,
      rate: 0.22,
      strike: 2500,
      volatility: 2511.421980938193,
    });
    const result = computePmrm2(book, testSuite);
    assertClose(result.initialSurplus, -205.01100002549938, 1e-9, { result });
    assertClose(result.maintenanceSurplus, -199.64779405529939, 1e-9, { result });
    expect(result.scenarioLosses.every((loss) => Math.abs(loss) < 1e-9)).toBe(true);
    const past = computePmrm2({ ...book, expiries: [{ ...book.expiries[0]!, secondsToExpiry: -5 }] }, testSuite);
    expect(past.initialSurplus).toBe(result.initialSurplus);
  });

  it("test_60: a second before expiry 1799 of 1800 parts of the forward no longer move", () => {
    const forward = 2682.9997436016715;
    const parts = settlementForward(forward, forward, 1);
    const book = repositoryCall({
      seconds: 1,
      fixed: parts.forwardFixedPortion,
      variable: parts.forwardVariablePortion,
      rate: 0.15,
      strike: 2700,
      volatility: 0.6360190705815766,
    });
    const result = computePmrm2(book, testSuite);
    assertClose(result.initialSurplus, -13.408014925499998, 1e-9, { result });
    assertClose(result.maintenanceSurplus, -8.044808955299999, 1e-9, { result });
  });

  it("test_70: a mark-up is capped at the undiscounted value", () => {
    const book = repositoryCall({
      seconds: 11076452,
      fixed: 0,
      variable: 2745.2490272903915,
      rate: 0.27,
      strike: 2500,
      volatility: 0.6545248452671644,
    });
    const result = computePmrm2(book, { ...testSuite, discount: { ...testSuite.discount, owedBase: 3 } });
    assertClose(result.initialSurplus, -1069.038400215286, 1e-6, { result });
    assertClose(result.maintenanceSurplus, -950.3179594259851, 1e-6, { result });
    assertClose(result.basisLoss, 93.0450807050663, 1e-6, { result });
  });

  it("test_67: skew scenarios leave the forward where it is", () => {
    const book = repositoryCall({
      seconds: 3214052,
      fixed: 0,
      variable: 2695.7814942763334,
      rate: 0.21,
      strike: 2500,
      volatility: 0.6419890928713738,
    });
    const skew = {
      ...testSuite.skew,
      linearCap: 9.9,
      widthScale: 4.9,
      volatilityConstant: 2.5,
      volatilityPerRootYear: -0.9,
    };
    const result = computePmrm2(book, { ...testSuite, skew });
    const [linear, absolute] = [...result.scenarioLosses].slice(-2);
    assertClose(linear ?? Number.NaN, 34.89009873175803, 1e-7, { linear });
    assertClose(absolute ?? Number.NaN, 7.438370015065914, 1e-7, { absolute });
  });

  it.each([
    [1367, 6.776482842615451],
    [616, 7.734152138281604],
    [5931, 0],
  ])("test_128: a negative cap is not bounded on its far side (strike %d)", (strike, multiplier) => {
    const { volatility: move, basis } = testSuite;
    const scenarios = [{ priceMultiplier: 1, volatilityMove: "linear_skew", dampening: 1 }] as const;
    const grid = buildDeriveGrid(scenarios, basis);
    const forward = 2745.2490272903915;
    const years = 11076452 / (365 * 86400);
    const terms = {
      years,
      forward,
      discountFactor: 1,
      forwardMultiplier: grid.priceMultiplier,
      logForwardMultiplier: grid.logPriceMultiplier,
      volatilityUp: 1,
      volatilityDown: 1,
      minimumVolatilityUp: move.minimumVolatilityUp,
      tilts: {
        linear: { cap: -5.776482842615451, width: 1.281863086692447 },
        absolute: { cap: 0, width: 1 },
      },
    };
    const value = (volatility: number, column: number) =>
      deriveUnitValues({ strike, optionType: "put", amount: 1, markVolatility: volatility }, terms, grid)[column] ?? 0;
    assertClose(value(0.5, 3), value(0.5 * multiplier, 0), 1e-9, { strike, multiplier });
  });
});

describe("rules of PMRM_2", () => {
  const shortCall = { strike: 2000, optionType: "call", amount: -1, markVolatility: 0.6 } as const;
  const shortPut = { ...shortCall, optionType: "put" } as const;

  it.each([
    ["both short at a strike add", [shortCall, shortPut], 2],
    ["a long of the other type covers", [shortCall, { ...shortPut, amount: 0.25 }], 0.75],
    ["a long of another strike does not", [shortCall, { ...shortPut, amount: 5, strike: 1900 }], 1],
    [
      "both long are nothing",
      [
        { ...shortCall, amount: 1 },
        { ...shortPut, amount: 1 },
      ],
      0,
    ],
    ["lots of one option net first", [shortCall, { ...shortCall, amount: 0.5 }], 0.5],
  ] as const)("naked shorts: %s", (_rule, options, naked) => {
    const result = computePmrm2(derivePortfolio({ expiries: [deriveExpiry(10, options)] }), parameters);
    const { initial, maintenance } = component(result, "option_contingency");
    assertClose(maintenance, naked * 2000 * 0.003, 1e-9, { options });
    assertClose(initial, naked * 2000 * 0.005, 1e-9, { options });
  });

  it("charges a confidence below the threshold in full from there on, on every kind of holding", () => {
    const book = (spotConfidence: number) =>
      derivePortfolio({
        spotConfidence,
        perpetual: { amount: -2, markPrice: 2001, confidence: 1, unrealisedCash: 0 },
        expiries: [deriveExpiry(10, [shortCall, { ...shortPut, amount: 3 }])],
        collaterals: [
          {
            asset: "ETH",
            amount: 5,
            price: 2000,
            confidence: 1,
            movesInScenarios: true,
            maintenanceHaircut: 0,
            additionalInitialHaircut: 0,
          },
        ],
      });
    const charge = (confidence: number) =>
      component(computePmrm2(book(confidence), parameters), "confidence_charge").initial;
    expect(charge(0.55)).toBe(0);
    assertClose(charge(0.5), 0.5 * 2000 * (2 + 4 + 5), 1e-9, {});
    assertClose(charge(0), 2000 * (2 + 4 + 5), 1e-9, {});
  });

  it("lets the perpetual's confidence count for options but not for collateral, and only while it is held", () => {
    const book = (amount: number) =>
      derivePortfolio({
        perpetual: { amount, markPrice: 2001, confidence: 0, unrealisedCash: 0 },
        expiries: [deriveExpiry(10, [shortCall])],
        collaterals: [
          {
            asset: "ETH",
            amount: 5,
            price: 2000,
            confidence: 1,
            movesInScenarios: true,
            maintenanceHaircut: 0,
            additionalInitialHaircut: 0,
          },
        ],
      });
    expect(component(computePmrm2(book(0), parameters), "confidence_charge").initial).toBe(0);
    assertClose(component(computePmrm2(book(2), parameters), "confidence_charge").initial, 2000 * 3, 1e-9, {});
  });

  it("gives no relief for a stablecoin above its peg, and counts collateral in it", () => {
    const book = (stablePrice: number) =>
      derivePortfolio({ stablePrice, expiries: [deriveExpiry(10, [shortCall])], cash: 100 });
    expect(computePmrm2(book(1.3), parameters).initialRequirement).toBe(
      computePmrm2(book(1), parameters).initialRequirement,
    );
    const depegged = computePmrm2(book(0.89), parameters);
    assertClose(component(depegged, "depeg_charge").initial, depegged.worstLoss * 0.4, 1e-9, {});
    expect(component(depegged, "depeg_charge").maintenance).toBe(0);
  });

  it("counts negative rates as 0", () => {
    const book = (rate: number) => derivePortfolio({ expiries: [{ ...deriveExpiry(90, [shortCall]), rate }] });
    expect(computePmrm2(book(-0.2), parameters)).toEqual(computePmrm2(book(0), parameters));
  });

  it("names the basis loss when no scenario loses more, and the lowest scenario on a tie", () => {
    expect(computePmrm2(derivePortfolio({ cash: 5 }), parameters).worstScenarioIndex).toBe(parameters.scenarios.length);
    const future = derivePortfolio({ perpetual: { amount: 1, markPrice: 2000, confidence: 1, unrealisedCash: 0 } });
    const twice = { ...parameters, scenarios: [...parameters.scenarios, ...parameters.scenarios] };
    expect(computePmrm2(future, twice).worstScenarioIndex).toBe(computePmrm2(future, parameters).worstScenarioIndex);
  });

  it("sums its components to the requirements, and equity less those to the surpluses", () => {
    const book = derivePortfolio({
      cash: -3000,
      stablePrice: 0.9,
      spotConfidence: 0.3,
      perpetual: { amount: -2, markPrice: 2001, confidence: 1, unrealisedCash: -40 },
      expiries: [deriveExpiry(10, [shortCall]), deriveExpiry(70, [{ ...shortPut, amount: 4 }])],
    });
    for (const result of [computePmrm2(book, parameters), computePmrm1(asPmrm1(book, 3), pmrm1MainnetParameters)]) {
      const initial = result.components.reduce((sum, part) => sum + part.initial, 0);
      expect(result.initialRequirement).toBe(initial);
      expect(result.initialSurplus).toBe(result.equity - initial);
      expect(result.maintenanceSurplus).toBe(result.equity - result.maintenanceRequirement);
      expect(result.worstLoss).toBe(Math.max(result.basisLoss, ...result.scenarioLosses));
    }
  });

  it("has the published number of scenarios", () => {
    expect(parameters.scenarios.length).toBe(33);
    expect(pmrm1MainnetParameters.scenarios.length).toBe(23);
  });

  it.each([
    ["spotPrice", derivePortfolio({ spotPrice: Number.NaN })],
    ["spotConfidence", derivePortfolio({ spotConfidence: 1.2 })],
    ["stablePrice", derivePortfolio({ stablePrice: 0 })],
    ["cash", derivePortfolio({ cash: Number.POSITIVE_INFINITY })],
    ["expiries[0].rate", derivePortfolio({ expiries: [{ ...deriveExpiry(5), rate: Number.NaN }] })],
    [
      "expiries[0].options[0].markVolatility",
      derivePortfolio({ expiries: [deriveExpiry(5, [{ ...shortCall, markVolatility: -0.1 }])] }),
    ],
    [
      "expiries[0].options[1].markVolatility",
      derivePortfolio({ expiries: [deriveExpiry(5, [shortCall, { ...shortCall, markVolatility: 0.7 }])] }),
    ],
    [
      "perpetual.confidence",
      derivePortfolio({ perpetual: { amount: 1, markPrice: 2000, confidence: -1, unrealisedCash: 0 } }),
    ],
  ])("refuses %s that it cannot use, by name", (field, book) => {
    expect(() => computePmrm2(book, parameters)).toThrow(field);
    expect(() => computePmrm2(book, parameters)).toThrow(RangeError);
  });

  it("refuses a grid without scenarios, and skew scenarios in the first manager", () => {
    expect(() => computePmrm2(derivePortfolio(), { ...parameters, scenarios: [] })).toThrow("scenarios is empty");
    const book = asPmrm1(derivePortfolio({ expiries: [deriveExpiry(5, [shortCall])] }));
    const skewed = { ...pmrm1MainnetParameters, scenarios: parameters.scenarios };
    expect(() => computePmrm1(book, skewed)).toThrow("only PMRM_2 has skew scenarios");
  });

  it("prices an option once for all accounts that pass the same unit values", () => {
    let priced = 0;
    const remembered = new Map<string, Float64Array>();
    const grid = buildDeriveGrid(parameters.scenarios, parameters.basis);
    const unitValues: typeof deriveUnitValues = (option, terms, columns) => {
      const key = `${option.strike} ${option.optionType} ${terms.years}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      priced += 1;
      const values = deriveUnitValues(option, terms, columns);
      remembered.set(key, values);
      return values;
    };
    const book = derivePortfolio({ expiries: [deriveExpiry(5, [shortCall, shortPut])] });
    const first = computePmrm2(book, parameters, grid, unitValues);
    expect(computePmrm2(book, parameters, grid, unitValues)).toEqual(first);
    expect(first).toEqual(computePmrm2(book, parameters));
    expect(priced).toBe(2);
  });
});

describe("rules of SRM", () => {
  const call = { strike: 2000, optionType: "call", amount: -1, markVolatility: 0.6 } as const;

  it("margins a spread by its greatest loss at settlement, and a naked short by itself", () => {
    const spread = [call, { ...call, strike: 2100, amount: 1 }];
    const margined = computeSrm(asSrm(derivePortfolio({ expiries: [deriveExpiry(10, spread)] })), srmMainnetParameters);
    expect(margined.markets[0]?.expiries[0]?.initial).toMatchObject({ maximumLoss: 100, required: 100 });
    const naked = computeSrm(asSrm(derivePortfolio({ expiries: [deriveExpiry(10, [call])] })), srmMainnetParameters);
    const { isolated, maximumLoss, required } = naked.markets[0]!.expiries[0]!.initial;
    expect(required).toBe(isolated);
    assertClose(maximumLoss, 1.2 * 2000 * 1.002, 1e-9, {});
  });

  it("does not net between expiries", () => {
    const calendar = [deriveExpiry(10, [call]), deriveExpiry(40, [{ ...call, amount: 1 }])];
    const both = computeSrm(asSrm(derivePortfolio({ expiries: calendar })), srmMainnetParameters);
    const short = computeSrm(asSrm(derivePortfolio({ expiries: calendar.slice(0, 1) })), srmMainnetParameters);
    const long = computeSrm(asSrm(derivePortfolio({ expiries: calendar.slice(1) })), srmMainnetParameters);
    assertClose(both.initialSurplus, short.initialSurplus, 1e-9, {});
    assertClose(long.initialSurplus, 0, 1e-9, {});
  });

  it("refuses a market without terms by its name", () => {
    const portfolio = asSrm(derivePortfolio());
    const renamed = { ...portfolio, markets: portfolio.markets.map((market) => ({ ...market, market: "DOGE" })) };
    expect(() => computeSrm(renamed, srmMainnetParameters)).toThrow("DOGE");
  });
});

describe("auctions", () => {
  const account = { mark: 100, maintenanceSurplus: -60, reservedCash: 0 };
  const auction = deriveAuctionMainnetParameters;

  it("leave a buffer surplus of exactly 0 after the greatest portion", () => {
    for (const seconds of [0, 300, 900, 20_000]) {
      const bid = bidOnSolventAccount(account, seconds, 1, auction);
      expect(bid.terminates).toBe(true);
      assertClose(bid.bufferSurplusAfter, 0, 1e-9, { seconds, bid });
    }
  });

  it("let sequential bidders buy the rest, whose cash is not sold again", () => {
    const first = bidOnSolventAccount(account, 0, 0.1, auction);
    expect(first.terminates).toBe(false);
    const second = bidOnSolventAccount(first.after, 60, 1, auction);
    assertClose(second.bufferSurplusAfter, 0, 1e-9, { second });
    assertClose(
      second.cashFromBidder,
      (first.after.mark - first.after.reservedCash) * second.markShare * second.portionTaken,
      1e-9,
      {},
    );
  });

  it("sell the second portion of a sale as published (liquidationTests.json, Test4)", () => {
    const parameters = {
      startingMarkShare: 0.98,
      fastCutoffMarkShare: 0.8,
      fastLengthSeconds: 100,
      slowLengthSeconds: 14_400,
      insolventLengthSeconds: 600,
      liquidatorFeeRate: 0.02,
      bufferShare: 0.2,
      markCutoff: 0,
    };
    const before = {
      mark: 118.42583427825203,
      maintenanceSurplus: -81.73109368534716,
      reservedCash: 11.047987360634837,
    };
    const bid = bidOnSolventAccount(before, 30, 1 / 9, parameters);
    assertClose(bid.bufferSurplus, -121.76247927806698, 1e-9, { bid });
    assertClose(bid.greatestPortion, 0.5242905859581388, 1e-9, { bid });
    assertClose(bid.cashFromBidder, 11.047987360634837, 1e-9, { bid });
    assertClose(bid.after.mark, 117.5429497591516, 1e-9, { bid });
    assertClose(bid.after.maintenanceSurplus, -60.3743195418254, 1e-9, { bid });
  });

  it("fall to 0 and then pay out, up to the maintenance margin", () => {
    expect(auctionMarkShare(900 + 43_200, auction)).toBe(0);
    const insolvent = { mark: -20, maintenanceSurplus: -80, reservedCash: 0 };
    expect(bidOnInsolventAccount(insolvent, 0, 1, auction).cashToBidder).toBe(20);
    expect(bidOnInsolventAccount(insolvent, 1800, 1, auction).cashToBidder).toBe(50);
    expect(bidOnInsolventAccount(insolvent, 1e6, 0.5, auction)).toMatchObject({ cashToBidder: 40, terminates: false });
    expect(bidOnInsolventAccount({ ...insolvent, maintenanceSurplus: 1 }, 60, 1, auction).cashToBidder).toBe(0);
  });

  it("take an account below the cutoff whole, and nothing of a healthy one", () => {
    expect(bidOnSolventAccount(account, 0, 1, { ...auction, markCutoff: 101 }).portionTaken).toBe(1);
    const healthy = { mark: 100, maintenanceSurplus: 90, reservedCash: 0 };
    expect(bufferSurplus(healthy, 0.15)).toBe(88.5);
    expect(bidOnSolventAccount(healthy, 0, 1, auction).portionTaken).toBe(0);
  });

  it("refuse a portion outside 0 to 1", () => {
    expect(() => bidOnSolventAccount(account, 0, 0, auction)).toThrow("requestedPortion is 0");
    expect(() => bidOnInsolventAccount(account, 0, 1.1, auction)).toThrow("requestedPortion is 1.1");
  });
});
