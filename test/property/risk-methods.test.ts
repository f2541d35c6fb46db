import {
  buildSpanBook,
  buildTimsPoints,
  bybitMajor,
  computeBybitRequirement,
  computeDeribitRequirement,
  computeOkxRequirement,
  computeParadexRequirement,
  computeSpanRequirement,
  computeStandardRequirement,
  computeTimsPnl,
  computeTimsRequirement,
  convertSpanTotals,
  defaultSpanParameters,
  deribitFutureRates,
  deribitPmeBtc,
  deribitStandardOptions,
  type Holding,
  okxMajor,
  paradexParameters,
  type QuotedInstrument,
  type StandardFutureParameters,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryPosition, chain, propertySettings } from "../support/books.ts";
import { asOfMs } from "../support/market.ts";

/** What a method says of holdings on BTC, US dollars. */
interface Figures {
  readonly initial: number;
  readonly maintenance: number;
  /** The part that comes from scenarios alone. */
  readonly scan: number;
}

interface Method {
  readonly name: string;
  readonly margin: (holdings: readonly Holding[]) => Figures;
  /** The method without what grows with size, where it has such parts: homogeneous. */
  readonly homogeneous: (holdings: readonly Holding[]) => Figures;
}

const index = chain.underlyings.find(({ underlying }) => underlying === "BTC")?.indexPrice ?? Number.NaN;
const prices = new Map([
  ["BTC", index],
  ["USDC", 1],
]);

function marginSpan(holdings: readonly Holding[]): Figures {
  const { positions, parameters } = buildSpanBook(holdings, defaultSpanParameters, prices, asOfMs);
  const result = computeSpanRequirement(positions, parameters);
  const total = convertSpanTotals(result.currencies, "USD", prices);
  const scan = result.commodities.reduce(
    (sum, { currency, scanRisk }) => sum + (prices.get(currency) ?? 0) * scanRisk,
    0,
  );
  return { initial: total.riskInitial, maintenance: total.riskMaintenance, scan };
}

const timsPoints = buildTimsPoints(0.15, 0.15);

function marginTims(holdings: readonly Holding[]): Figures {
  const pnl = computeTimsPnl(holdings, timsPoints, index, "model", asOfMs);
  const result = computeTimsRequirement({
    name: "all",
    offset: 0.5,
    productGroups: [{ name: "coins", offset: 0.75, classGroups: [{ name: "BTC", pnl, minimumCharge: 0 }] }],
  });
  return { initial: result.requirement, maintenance: result.requirement, scan: result.scanRequirement };
}

const flatRates: StandardFutureParameters = {
  initial: { base: 0.02, incrementPerUnit: 0 },
  maintenance: { base: 0.01, incrementPerUnit: 0 },
};

const marginStandard =
  (futures: StandardFutureParameters) =>
  (holdings: readonly Holding[]): Figures => {
    const parameters = { futures, options: deribitStandardOptions, spreadRelief: "max_loss" } as const;
    let initial = 0;
    let maintenance = 0;
    for (const requirement of computeStandardRequirement(holdings, parameters)) {
      const price = prices.get(requirement.currency) ?? Number.NaN;
      initial += price * requirement.initial;
      maintenance += price * requirement.maintenance;
    }
    return { initial, maintenance, scan: 0 };
  };

const marginDeribit =
  (sized: boolean) =>
  (holdings: readonly Holding[]): Figures => {
    const parameters = sized
      ? deribitPmeBtc
      : {
          ...deribitPmeBtc,
          scan: { ...deribitPmeBtc.scan, extendedDampenerUsd: 0 },
          deltaShock: { ...deribitPmeBtc.deltaShock, slopePerUnit: 0 },
        };
    const result = computeDeribitRequirement(holdings, parameters, index, asOfMs, "cash");
    return {
      initial: result.initialMargin,
      maintenance: result.maintenanceMargin,
      scan: 0 - (result.worstCell?.profit ?? 0),
    };
  };

function marginParadex(holdings: readonly Holding[]): Figures {
  const result = computeParadexRequirement(holdings, paradexParameters, index, asOfMs);
  return { initial: result.initialMargin, maintenance: result.maintenanceMargin, scan: result.scanRisk };
}

const marginOkx =
  (sized: boolean) =>
  (holdings: readonly Holding[]): Figures => {
    const tiers = sized ? okxMajor.minimumChargeTiers : [{ upToUsd: null, multiplier: 1 }];
    const result = computeOkxRequirement(holdings, { ...okxMajor, minimumChargeTiers: tiers }, index, asOfMs);
    return {
      initial: result.initialMargin,
      maintenance: result.maintenanceMargin,
      scan: result.modules.find(({ name }) => name === "mr1")?.amount ?? Number.NaN,
    };
  };

function marginBybit(holdings: readonly Holding[]): Figures {
  const result = computeBybitRequirement(holdings, bybitMajor, index, asOfMs);
  return {
    initial: result.initialMargin,
    maintenance: result.maintenanceMargin,
    scan: result.components.find(({ name }) => name === "maximum_loss")?.amount ?? Number.NaN,
  };
}

const sizedRates = deribitFutureRates.BTC ?? flatRates;
const methods: readonly Method[] = [
  { name: "span", margin: marginSpan, homogeneous: marginSpan },
  { name: "tims", margin: marginTims, homogeneous: marginTims },
  { name: "standard", margin: marginStandard(sizedRates), homogeneous: marginStandard(flatRates) },
  { name: "deribit", margin: marginDeribit(true), homogeneous: marginDeribit(false) },
  { name: "paradex", margin: marginParadex, homogeneous: marginParadex },
  { name: "okx", margin: marginOkx(true), homogeneous: marginOkx(false) },
  { name: "bybit", margin: marginBybit, homogeneous: marginBybit },
];

const quotes = new Map(chain.instruments.map((quoted) => [quoted.instrument.instrumentId, quoted]));
const bitcoinChain = {
  ...chain,
  instruments: chain.instruments.filter(({ instrument }) => instrument.underlying === "BTC"),
};

function holdingsOf(positions: readonly { instrumentId: string; quantity: number }[]): Holding[] {
  return positions.map(({ instrumentId, quantity }) => ({
    quoted: quotes.get(instrumentId) as QuotedInstrument,
    quantity,
  }));
}

const book = fc.array(arbitraryPosition(bitcoinChain), { minLength: 1, maxLength: 6 }).map(holdingsOf);
const settings = { ...propertySettings, numRuns: 60 };

const keys = ["initial", "maintenance", "scan"] as const;

function expectClose(actual: Figures, expected: Figures, scale: number): void {
  for (const key of keys) expect(Math.abs(actual[key] - expected[key])).toBeLessThanOrEqual(1e-9 * (scale + 1));
}

/** Cash value of everything held, the size that rounding is measured against. */
function grossOf(holdings: readonly Holding[]): number {
  return holdings.reduce((sum, { quoted, quantity }) => {
    const isCash = quoted.instrument.settlement === "inverse" && quoted.instrument.kind !== "option";
    return sum + Math.abs(quantity) * (isCash ? 1 : index);
  }, 0);
}

describe.each(methods)("$name", ({ margin, homogeneous }) => {
  it("asks for at least nothing, and initial margin is not below maintenance", () => {
    fc.assert(
      fc.property(book, (holdings) => {
        const { initial, maintenance } = margin(holdings);
        expect(maintenance).toBeGreaterThanOrEqual(0);
        expect(initial).toBeGreaterThanOrEqual(maintenance);
      }),
      settings,
    );
  });

  it("does not see the order or the pieces of fills", () => {
    const record = book.chain((holdings) =>
      fc.record({
        holdings: fc.constant(holdings),
        order: fc.shuffledSubarray([...holdings.keys()], { minLength: holdings.length }),
        parts: fc.array(fc.integer({ min: -30, max: 30 }), { minLength: holdings.length, maxLength: holdings.length }),
      }),
    );
    fc.assert(
      fc.property(record, ({ holdings, order, parts }) => {
        const pieces = order.flatMap((at) => {
          const { quoted, quantity } = holdings[at] as Holding;
          const part = (parts[at] ?? 0) / 8;
          return [
            { quoted, quantity: part },
            { quoted, quantity: quantity - part },
          ];
        });
        expectClose(margin(pieces), margin(holdings), grossOf(holdings));
      }),
      settings,
    );
  });

  it("is homogeneous once what grows with size is left out", () => {
    fc.assert(
      fc.property(book, fc.constantFrom(0.01, 0.5, 3, 1000), (holdings, factor) => {
        const scaled = holdings.map(({ quoted, quantity }) => ({ quoted, quantity: quantity * factor }));
        const one = homogeneous(holdings);
        const expected = {
          initial: one.initial * factor,
          maintenance: one.maintenance * factor,
          scan: one.scan * factor,
        };
        expectClose(homogeneous(scaled), expected, factor * grossOf(holdings));
      }),
      settings,
    );
  });

  it("asks for nothing once every position is closed by its opposite", () => {
    fc.assert(
      fc.property(book, (holdings) => {
        const closed = [...holdings, ...holdings.map(({ quoted, quantity }) => ({ quoted, quantity: -quantity }))];
        expectClose(margin(closed), { initial: 0, maintenance: 0, scan: 0 }, 0);
      }),
      settings,
    );
  });

  it("finds no more scan risk in two books together than in both apart", () => {
    fc.assert(
      fc.property(book, book, (first, second) => {
        const together = homogeneous([...first, ...second]).scan;
        const apart = homogeneous(first).scan + homogeneous(second).scan;
        expect(together).toBeLessThanOrEqual(apart + 1e-9 * (1 + grossOf([...first, ...second])));
      }),
      settings,
    );
  });
});

describe("size", () => {
  const holding = (instrumentId: string, quantity: number) => holdingsOf([{ instrumentId, quantity }]);

  it("makes a standard future dearer per unit, so that the method is not homogeneous", () => {
    const margin = marginStandard(sizedRates);
    const small = margin(holding("BTC_USDC-PERPETUAL", 10)).initial;
    expect(margin(holding("BTC_USDC-PERPETUAL", 1000)).initial).toBeGreaterThan(100 * small * 3);
  });

  it("is charged above a threshold by the delta shock, and in a hedged book by the tiers of the minimum charge", () => {
    const hedged = (size: number) => [
      ...holding("BTC_USDC-PERPETUAL", size),
      ...holding("BTC-PERPETUAL", -Math.round(size * index)),
    ];
    const outright = (size: number) => holding("BTC_USDC-PERPETUAL", size);
    const perUnit = (margin: Method["margin"], of: typeof hedged, size: number) => margin(of(size)).initial / size;
    const shocked = marginDeribit(true);
    expect(perUnit(shocked, outright, 100_000)).toBeGreaterThan(1.5 * perUnit(shocked, outright, 10));
    const tiered = marginOkx(true);
    expect(perUnit(tiered, hedged, 100_000)).toBeGreaterThan(1.5 * perUnit(tiered, hedged, 10));
  });

  it("pulls small short wings to nothing through the dampener, and large ones hardly at all", () => {
    const wing = (quantity: number) => marginDeribit(true)(holding("BTC-8D-108776-call-inverse", quantity)).scan;
    expect(wing(-1000) / 1000).toBeGreaterThan(5 * wing(-1));
  });
});
