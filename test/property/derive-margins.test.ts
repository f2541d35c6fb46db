import {
  computePmrm1,
  computePmrm2,
  computeSrm,
  type DeriveScanResult,
  type Pmrm1Parameters,
  type Pmrm2Parameters,
  type Pmrm2Portfolio,
  pmrm1MainnetParameters,
  pmrm2MainnetParameters,
  type SrmParameters,
  type SrmResult,
  srmMainnetParameters,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asPmrm1,
  asSrm,
  deriveBooks,
  deriveExpiry,
  derivePortfolio,
  deriveRuns,
  scaledBook,
} from "../support/derive-books.ts";

/** Units of base in the accounts of the two managers that hold it apart from other collateral. */
const BASE_AMOUNT = 1.5;

const pmrm2 = (book: Pmrm2Portfolio, changed: Partial<Pmrm2Parameters> = {}) =>
  computePmrm2(book, { ...pmrm2MainnetParameters, ...changed });
const pmrm1 = (book: Pmrm2Portfolio, changed: Partial<Pmrm1Parameters> = {}, baseAmount = BASE_AMOUNT) =>
  computePmrm1(asPmrm1(book, baseAmount), { ...pmrm1MainnetParameters, ...changed });
const srm = (book: Pmrm2Portfolio, changed: Partial<SrmParameters> = {}, baseAmount = BASE_AMOUNT) =>
  computeSrm(asSrm(book, baseAmount), { ...srmMainnetParameters, ...changed });

type Margin = DeriveScanResult | SrmResult;

const methods: readonly (readonly [string, (book: Pmrm2Portfolio, baseAmount?: number) => Margin])[] = [
  ["derive_pmrm_2", (book) => pmrm2(book)],
  ["derive_pmrm_1", (book, baseAmount) => pmrm1(book, {}, baseAmount)],
  ["derive_srm", (book, baseAmount) => srm(book, {}, baseAmount)],
];

/** Rounding of sums of a book's size; nothing here is compared more closely than that. */
function slackOf(...margins: readonly Margin[]): number {
  return (
    margins.reduce((sum, { equity, initialRequirement }) => sum + Math.abs(equity) + Math.abs(initialRequirement), 1) *
    1e-11
  );
}

function expectAtLeast(higher: Margin, lower: Margin, requirement: "initialRequirement" | "maintenanceRequirement") {
  const slack = slackOf(higher, lower);
  if (!(higher[requirement] >= lower[requirement] - slack)) {
    throw new Error(`${requirement} fell from ${lower[requirement]} to ${higher[requirement]}`);
  }
}

function expectBothAtLeast(higher: Margin, lower: Margin) {
  expectAtLeast(higher, lower, "initialRequirement");
  expectAtLeast(higher, lower, "maintenanceRequirement");
}

const over = (check: (book: Pmrm2Portfolio) => void) => fc.assert(fc.property(deriveBooks, check), deriveRuns);

describe.each(methods)("%s", (_name, margin) => {
  it("asks for at least as much to open as to keep, and never a negative loss", () => {
    over((book) => {
      const margined = margin(book);
      if (!(margined.initialRequirement >= margined.maintenanceRequirement - slackOf(margined))) {
        throw new Error(`initial ${margined.initialRequirement}, maintenance ${margined.maintenanceRequirement}`);
      }
      if ("worstLoss" in margined) expect(margined.worstLoss).toBeGreaterThanOrEqual(0);
    });
  });

  it("is the same to the bit in whatever order positions and expiries come", () => {
    over((book) => {
      const reversed = {
        ...book,
        expiries: [...book.expiries].reverse().map((expiry) => ({ ...expiry, options: [...expiry.options].reverse() })),
        collaterals: [...book.collaterals].reverse(),
      };
      const { initialSurplus, maintenanceSurplus } = margin(book);
      expect(margin(reversed)).toMatchObject({ initialSurplus, maintenanceSurplus });
    });
  });

  it("is the same to the bit however the lots were filled", () => {
    over((book) => {
      const split = {
        ...book,
        expiries: book.expiries.map((expiry) => ({
          ...expiry,
          options: expiry.options.flatMap((held) => [
            { ...held, amount: held.amount * 0.25 },
            { ...held, amount: held.amount * 0.75 },
          ]),
        })),
      };
      const { initialSurplus, maintenanceSurplus } = margin(book);
      expect(margin(split)).toMatchObject({ initialSurplus, maintenanceSurplus });
    });
  });

  it("doubles exactly when the account does", () => {
    over((book) => {
      const { initialSurplus, maintenanceSurplus } = margin(book);
      expect(margin(scaledBook(book, 2), 2 * BASE_AMOUNT)).toMatchObject({
        initialSurplus: 2 * initialSurplus,
        maintenanceSurplus: 2 * maintenanceSurplus,
      });
    });
  });

  it("needs nothing for an account that was closed by offsetting every position", () => {
    over((book) => {
      const closed = {
        ...book,
        perpetual: null,
        collaterals: [],
        expiries: book.expiries.map((expiry) => ({
          ...expiry,
          options: [...expiry.options, ...expiry.options.map((held) => ({ ...held, amount: -held.amount }))],
        })),
      };
      expect(margin(closed, 0)).toMatchObject({ equity: book.cash, initialRequirement: 0, maintenanceRequirement: 0 });
    });
  });

  it("needs no less when a feed is trusted less", () => {
    over((book) => {
      const doubted = { ...book, spotConfidence: book.spotConfidence / 2 };
      expectAtLeast(margin(doubted), margin(book), "initialRequirement");
    });
  });

  it("needs no less to open when the stablecoin leaves its peg", () => {
    over((book) => {
      const pegged = { ...book, stablePrice: 1, collaterals: [] };
      const depegged = { ...pegged, stablePrice: 0.9 };
      expectAtLeast(margin(depegged, 0), margin(pegged, 0), "initialRequirement");
    });
  });
});

/** Each raises one parameter; requirements may not fall. */
const raisedPmrm2: readonly (readonly [string, Partial<Pmrm2Parameters>])[] = [
  ["factors", { initialFactor: 1.3, maintenanceFactor: 1.1 }],
  [
    "contingency rates",
    {
      contingency: {
        perpetualMaintenanceRate: 0.05,
        perpetualAdditionalInitialRate: 0.03,
        optionMaintenanceRate: 0.02,
        optionAdditionalInitialRate: 0.01,
      },
    },
  ],
  ["basis moves", { basis: { ...pmrm2MainnetParameters.basis, constantFactor: 2, annualFactor: 5 } }],
  ["confidence and peg", { trust: { confidenceThreshold: 0.95, confidenceRate: 2, pegThreshold: 1, pegFactor: 6 } }],
  [
    "mark-ups of what is owed",
    { discount: { ...pmrm2MainnetParameters.discount, owedBase: 1.3, owedRateAddend: 0.3 } },
  ],
  ["caps of the skew", { skew: { ...pmrm2MainnetParameters.skew, linearCap: 0.5, absoluteCap: 0.5 } }],
  [
    "scenarios by one more",
    {
      scenarios: [{ priceMultiplier: 1.25, volatilityMove: "down", dampening: 1 }, ...pmrm2MainnetParameters.scenarios],
    },
  ],
];

describe("derive_pmrm_2", () => {
  it.each(raisedPmrm2)("needs no less with greater %s", (_name, raised) => {
    over((book) => expectBothAtLeast(pmrm2(book, raised), pmrm2(book)));
  });

  it("needs no less with a greater haircut on any collateral", () => {
    over((book) => {
      const cut = book.collaterals.map((held) => ({ ...held, maintenanceHaircut: 1, additionalInitialHaircut: 0.5 }));
      expectBothAtLeast(pmrm2({ ...book, collaterals: cut }), pmrm2(book));
    });
  });

  it("never loses more in one account than in two", () => {
    fc.assert(
      fc.property(deriveBooks, deriveBooks, (left, right) => {
        const trusted = (book: Pmrm2Portfolio) => ({
          ...book,
          stablePrice: 1,
          spotConfidence: 1,
          perpetual: book.perpetual === null ? null : { ...book.perpetual, confidence: 1 },
        });
        const [one, other] = [trusted(left), trusted(right)];
        const both = pmrm2(merged(one, other));
        const apart = pmrm2(one).worstLoss + pmrm2(other).worstLoss;
        if (!(both.worstLoss <= apart + slackOf(both))) throw new Error(`${both.worstLoss} above ${apart}`);
      }),
      deriveRuns,
    );
  });
});

function merged(one: Pmrm2Portfolio, other: Pmrm2Portfolio): Pmrm2Portfolio {
  const perpetuals = [one.perpetual, other.perpetual].filter((held) => held !== null);
  const [first] = perpetuals;
  const expiries = new Map([...one.expiries, ...other.expiries].map((expiry) => [expiry.secondsToExpiry, expiry]));
  return {
    ...one,
    cash: one.cash + other.cash,
    perpetual:
      first === undefined ? null : { ...first, amount: perpetuals.reduce((sum, held) => sum + held.amount, 0) },
    collaterals: [...one.collaterals, ...other.collaterals],
    expiries: [...expiries.values()].map((expiry) => ({
      ...expiry,
      options: [...one.expiries, ...other.expiries]
        .filter(({ secondsToExpiry }) => secondsToExpiry === expiry.secondsToExpiry)
        .flatMap(({ options }) => options),
    })),
  };
}

describe("derive_pmrm_1", () => {
  it.each<readonly [string, Partial<Pmrm1Parameters>]>([
    ["factor", { initialFactor: 1.5 }],
    ["contingency rates", { contingency: { perpetualRate: 0.05, baseRate: 0.05, optionRate: 0.04 } }],
    ["basis moves", { basis: { ...pmrm1MainnetParameters.basis, constantFactor: 2, annualFactor: 5 } }],
    ["confidence and peg", { trust: { confidenceThreshold: 0.95, confidenceRate: 2, pegThreshold: 1, pegFactor: 6 } }],
    ["haircuts of what is owned", { discount: { ...pmrm1MainnetParameters.discount, ownedBase: 0.7 } }],
  ])("needs no less with greater %s", (_name, raised) => {
    over((book) => expectBothAtLeast(pmrm1(book, raised), pmrm1(book)));
  });
});

describe("derive_srm", () => {
  const { markets, depeg } = srmMainnetParameters;
  const terms = markets.ETH;
  if (terms === undefined) throw new Error("no terms of ETH");
  const withTerms = (changed: Partial<typeof terms>): Partial<SrmParameters> => ({
    markets: { ...markets, ETH: { ...terms, ...changed } },
  });

  it.each<readonly [string, Partial<SrmParameters>]>([
    ["perpetual rates", withTerms({ perpetual: { initialRate: 0.2, maintenanceRate: 0.1 } })],
    [
      "option rates",
      withTerms({
        option: {
          maximumSpotRate: 0.2,
          minimumSpotRate: 0.15,
          callMaintenanceSpotRate: 0.12,
          putMaintenanceSpotRate: 0.12,
          putMaintenanceMarkRate: 0.12,
          putInitialToMaintenance: 1.2,
          unpairedCallInitial: 1.5,
          unpairedCallMaintenance: 1.4,
        },
      }),
    ],
    ["haircuts of base", withTerms({ base: { maintenanceFactor: 0.5, initialScale: 0.8 } })],
    ["depeg charge", { depeg: { threshold: 1, factor: depeg.factor * 2 } }],
  ])("needs no less with greater %s", (_name, raised) => {
    over((book) => expectBothAtLeast(srm(book, raised), srm(book)));
  });

  it("leaves at least as much, its premium aside, when options are bought", () => {
    over((book) => {
      const bought = {
        ...book,
        expiries: book.expiries.map((expiry) => ({
          ...expiry,
          options: [
            ...expiry.options,
            { strike: 2450, optionType: "call" as const, amount: 2, markVolatility: 0.6 },
            { strike: 1450, optionType: "put" as const, amount: 2, markVolatility: 0.6 },
          ],
        })),
      };
      const [before, after] = [srm(book), srm(bought)];
      if (!(after.initialSurplus >= before.initialSurplus - slackOf(before, after))) {
        throw new Error(`the surplus fell from ${before.initialSurplus} to ${after.initialSurplus}`);
      }
    });
  });
});

describe("where the published methods are not what one would expect", () => {
  const wing = { strike: 1600, optionType: "put", amount: 1, markVolatility: 0.606 } as const;

  it("PMRM_2 can need less with wider volatility moves: its widest price moves have volatility up only", () => {
    const book = derivePortfolio({
      perpetual: { amount: -2, markPrice: 2002, confidence: 1, unrealisedCash: 0 },
      expiries: [deriveExpiry(300, [{ strike: 1000, optionType: "call", amount: 1, markVolatility: 0.6375 }])],
    });
    const wider = { ...pmrm2MainnetParameters.volatility, volatilityUp: 0.8 };
    expect(pmrm2(book, { volatility: wider }).initialRequirement).toBeLessThan(pmrm2(book).initialRequirement);
  });

  it("PMRM_2 can need less with a deeper haircut on what is owned: a skew scenario charges gains as losses", () => {
    const book = derivePortfolio({ expiries: [deriveExpiry(7, [wing])] });
    const skewIndices = [pmrm2MainnetParameters.scenarios.length - 2, pmrm2MainnetParameters.scenarios.length - 1];
    const base = pmrm2(book);
    const discount = { ...pmrm2MainnetParameters.discount, ownedBase: 0.9 };
    expect(skewIndices).toContain(base.worstScenarioIndex);
    expect(pmrm2(book, { discount }).initialRequirement).toBeLessThan(base.initialRequirement);
  });

  it("PMRM_2 can ask more for a bought option than its buyer can lose", () => {
    const { worstLoss, equity } = pmrm2(derivePortfolio({ expiries: [deriveExpiry(7, [wing])] }));
    expect(worstLoss).toBeGreaterThan(equity);
  });

  it("SRM can need more for two positions in one account than for each in its own", () => {
    const spread = [
      { strike: 1900, optionType: "call", amount: -5, markVolatility: 0.6 },
      { strike: 1950, optionType: "call", amount: 5, markVolatility: 0.6 },
    ] as const;
    const put = { strike: 1400, optionType: "put", amount: -1, markVolatility: 0.65 } as const;
    const required = (options: Parameters<typeof deriveExpiry>[1]) =>
      srm(derivePortfolio({ expiries: [deriveExpiry(20, options)] }), {}, 0).initialSurplus;
    expect(required([...spread, put])).toBeLessThan(required(spread) + required([put]) - 100);
  });
});
