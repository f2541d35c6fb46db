import {
  black76Price,
  bracketedMaintenance,
  buildSpanContract,
  buildSpanGrid,
  buildTimsPoints,
  combineScannedLosses,
  computeInverseMaximumLoss,
  computeMaximumLoss,
  computeParadexLosses,
  computeSpanScan,
  computeTimsPnl,
  computeTimsProductGroup,
  createDeltaLedger,
  depegCharge,
  deribitStandardOptions,
  formSpreads,
  type HeldInstrument,
  numberSpanScenarios,
  openInterestRate,
  paradexParameters,
  priceParadexScenarios,
  type SpanGrid,
  shortOptionMargin,
  sumSpanLosses,
  weightedPriceRisk,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryPosition, chain, propertySettings } from "../support/books.ts";
import { asOfMs, expiryInDays, quotedOption } from "../support/market.ts";

const settings = { ...propertySettings, numRuns: 200 };
const loss = fc.integer({ min: -1_000_000, max: 1_000_000 });
const losses16 = fc.array(loss, { minLength: 16, maxLength: 16 }).map((values) => Float64Array.from(values));
const grid = buildSpanGrid(3, 0.33);

describe("SPAN scan", () => {
  it("names the lowest of the scenarios with the greatest loss, and its pair has the same price move", () => {
    fc.assert(
      fc.property(losses16, (losses) => {
        const scan = computeSpanScan(losses, grid);
        const worst = Math.max(...losses);
        expect(scan.scanRisk).toBe(Math.max(0, worst));
        expect(scan.activeScenario).toBe(losses.indexOf(worst) + 1);
        const active = grid.scenarios[scan.activeScenario - 1]!;
        const paired = active.pairedNumber === null ? active : grid.scenarios[active.pairedNumber - 1]!;
        expect(paired.priceFraction).toBe(active.priceFraction);
        expect(scan.volatilityAdjustedScanRisk).toBe((worst + losses[paired.number - 1]!) / 2);
      }),
      settings,
    );
  });

  it("never falls when scenarios are added", () => {
    const move = fc.record({
      priceFraction: fc.constantFrom(-2.5, -0.9, 0.1, 1.7),
      volatilityFraction: fc.constantFrom(1, 0, -1),
      weight: fc.constantFrom(0.4, 1),
    });
    const position = arbitraryPosition({
      ...chain,
      instruments: chain.instruments.filter(({ instrument }) => instrument.underlying === "BTC"),
    });
    const range = {
      priceScanRange: 9000,
      volatilityScanRange: 0.3,
      volatilityScanKind: "relative",
      lookAheadYears: 1 / 365,
    } as const;
    const scanOf = (positions: readonly { instrumentId: string; quantity: number }[], wider: SpanGrid) => {
      const held = positions.map(({ instrumentId, quantity }) => {
        const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId)!;
        return { contract: buildSpanContract(quoted, "BTC", wider, range, asOfMs), quantity };
      });
      return computeSpanScan(sumSpanLosses(held, wider), wider).scanRisk;
    };
    fc.assert(
      fc.property(
        fc.array(position, { minLength: 1, maxLength: 5 }),
        fc.array(move, { maxLength: 4 }),
        (positions, moves) => {
          const wider = { ...grid, scenarios: numberSpanScenarios([...grid.scenarios, ...moves]) };
          expect(scanOf(positions, wider)).toBeGreaterThanOrEqual(scanOf(positions, grid));
        },
      ),
      { ...settings, numRuns: 40 },
    );
  });

  it("can fall when the range is widened instead: the points move past a loss that peaks between them", () => {
    const option = (strike: number, quantity: number) => ({
      quantity,
      quoted: quotedOption(
        { instrumentId: `C${strike}`, underlying: "BTC", optionType: "call", strike, expiryMs: expiryInDays(1.01) },
        100,
        0.2,
      ),
    });
    // Short a butterfly: it loses most where the middle strike is.
    const held = [option(105, -1), option(110, 2), option(115, -1)];
    const scanOf = (priceScanRange: number) => {
      const range = {
        priceScanRange,
        volatilityScanRange: 0.01,
        volatilityScanKind: "relative",
        lookAheadYears: 1 / 365,
      } as const;
      const narrow: SpanGrid = { ...grid, scenarios: numberSpanScenarios(grid.scenarios.slice(0, 14)) };
      const positions = held.map(({ quoted, quantity }) => ({
        contract: buildSpanContract(quoted, "X", narrow, range, asOfMs),
        quantity,
      }));
      return computeSpanScan(sumSpanLosses(positions, narrow), narrow).scanRisk;
    };
    expect(scanOf(13)).toBeLessThan(scanOf(10));
  });

  it("gives price risk back as weighted price risk times net delta, and a cap never raises it", () => {
    const delta = fc.integer({ min: -500, max: 500 });
    fc.assert(
      fc.property(losses16, delta, fc.integer({ min: 1, max: 5000 }), (losses, netDelta, range) => {
        const { priceRisk } = computeSpanScan(losses, grid);
        const normal = weightedPriceRisk(priceRisk, netDelta, range, "normal");
        expect(normal * Math.abs(netDelta)).toBeCloseTo(netDelta === 0 ? 0 : priceRisk, 4);
        expect(weightedPriceRisk(priceRisk, netDelta, range, "scan_range_cap")).toBeLessThanOrEqual(normal);
      }),
      settings,
    );
  });

  it("scans several commodities as one for no more than apart, less the more gains are allowed", () => {
    fc.assert(
      fc.property(fc.array(losses16, { minLength: 1, maxLength: 4 }), (legs) => {
        const scanRisk = (allowance: number) => Math.max(0, ...combineScannedLosses(legs, allowance));
        const apart = legs.reduce((sum, leg) => sum + Math.max(0, ...leg), 0);
        expect(scanRisk(0)).toBeLessThanOrEqual(apart);
        expect(scanRisk(0.7)).toBeLessThanOrEqual(scanRisk(0));
        expect(scanRisk(1)).toBeLessThanOrEqual(scanRisk(0.7));
      }),
      settings,
    );
  });
});

describe("formation of spreads", () => {
  const deltas = fc.dictionary(
    fc.constantFrom("202601", "202602", "202603", "202606"),
    fc.integer({ min: -50, max: 50 }),
  );

  it("uses what it forms and no more, on both sides, and leaves no spread unformed", () => {
    const ratio = fc.constantFrom(0.5, 1, 2, 3);
    fc.assert(
      fc.property(deltas, ratio, ratio, (held, ratioA, ratioB) => {
        const ledger = createDeltaLedger(new Map(Object.entries(held)), "gross");
        const before = [...ledger.remaining];
        const leg = (side: "A" | "B", deltaPerSpread: number) => ({
          ledger,
          part: "all",
          includes: () => true,
          deltaPerSpread,
          side,
        });
        const legs = [leg("A", ratioA), leg("B", ratioB)];
        const formed = formSpreads(legs);
        const used = before.map((delta, index) => delta - ledger.remaining[index]!);
        for (const [index, delta] of before.entries()) {
          expect(Math.abs(ledger.remaining[index]!)).toBeLessThanOrEqual(Math.abs(delta) + 1e-9);
          expect(ledger.remaining[index]! * delta).toBeGreaterThanOrEqual(-1e-9);
        }
        const total = used.reduce((sum, delta) => sum + Math.abs(delta), 0);
        expect(total).toBeCloseTo(formed * (ratioA + ratioB), 9);
        expect(formSpreads(legs)).toBeLessThanOrEqual(1e-9);
      }),
      settings,
    );
  });
});

describe("TIMS groups", () => {
  const pnl = fc.array(loss, { minLength: 10, maxLength: 10 }).map((values) => Float64Array.from(values));
  const groups = fc.array(pnl, { minLength: 1, maxLength: 5 });

  it("charge less the more offsets, never less than netting in full nor more than no netting", () => {
    fc.assert(
      fc.property(groups, (pnls) => {
        const classGroups = pnls.map((entry, index) => ({ name: `class ${index}`, pnl: entry, minimumCharge: 0 }));
        const scan = (offset: number) =>
          computeTimsProductGroup({ name: "group", offset, classGroups }).scanRequirement;
        const netted = Math.max(0, ...pnls[0]!.map((_, point) => -pnls.reduce((sum, entry) => sum + entry[point]!, 0)));
        const apart = pnls.reduce((sum, entry) => sum + Math.max(0, ...entry.map((profit) => -profit)), 0);
        expect(scan(1)).toBeCloseTo(netted, 6);
        expect(scan(0.75)).toBeGreaterThanOrEqual(scan(1));
        expect(scan(0)).toBeGreaterThanOrEqual(scan(0.75));
        expect(scan(0)).toBeLessThanOrEqual(apart);
      }),
      settings,
    );
  });
});

describe("TIMS limits", () => {
  it("can charge less when they are widened, as the points move past a loss that peaks between them", () => {
    const option = (strike: number, quantity: number): HeldInstrument => ({
      quantity,
      quoted: quotedOption(
        { instrumentId: `C${strike}`, underlying: "BTC", optionType: "call", strike, expiryMs: expiryInDays(0.01) },
        100,
        0.2,
      ),
    });
    const shortButterfly = [option(105, -1), option(110, 2), option(115, -1)];
    const charge = (limit: number) => {
      const pnl = computeTimsPnl(shortButterfly, buildTimsPoints(limit, limit), 100, "model", asOfMs);
      return computeTimsProductGroup({ name: "X", offset: 0, classGroups: [{ name: "X", pnl, minimumCharge: 0 }] })
        .scanRequirement;
    };
    expect(charge(0.11)).toBeLessThan(charge(0.1));
  });
});

describe("the table of scenarios", () => {
  it("never finds less when it is longer", () => {
    const position = arbitraryPosition({
      ...chain,
      instruments: chain.instruments.filter(({ instrument }) => instrument.underlying === "BTC"),
    });
    const extra = { spotMove: -0.5, volatilityMove: 1.2, weight: 0.9 };
    fc.assert(
      fc.property(fc.array(position, { minLength: 1, maxLength: 5 }), (positions) => {
        const holdings = positions.map(({ instrumentId, quantity }): HeldInstrument => {
          const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId)!;
          return { quoted, quantity };
        });
        const worst = (scenarios: typeof paradexParameters.scenarios) =>
          Math.max(
            0,
            ...computeParadexLosses(
              holdings,
              priceParadexScenarios({ ...paradexParameters, scenarios }, asOfMs),
              67_985,
            ),
          );
        const { scenarios } = paradexParameters;
        expect(worst([...scenarios, extra])).toBeGreaterThanOrEqual(worst(scenarios));
      }),
      { ...settings, numRuns: 40 },
    );
  });
});

describe("rules of single positions", () => {
  const strike = fc.integer({ min: 20_000, max: 200_000 });

  it("ask more of a short option the higher its mark, and initial is never below maintenance", () => {
    const option = fc.record({
      optionType: fc.constantFrom("call", "put"),
      settlement: fc.constantFrom("linear", "inverse"),
      strike,
      underlyingPrice: fc.constant(70_000),
      volatility: fc.constantFrom(0.2, 0.6, 1.5),
    } as const);
    fc.assert(
      fc.property(option, ({ volatility, ...terms }) => {
        const sign = terms.optionType === "call" ? 1 : -1;
        const cash = black76Price(sign, 70_000, terms.strike, 0.1, volatility, 1);
        const markPrice = terms.settlement === "inverse" ? cash / 70_000 : cash;
        const margin = shortOptionMargin({ ...terms, markPrice }, deribitStandardOptions);
        const dearer = shortOptionMargin({ ...terms, markPrice: markPrice * 1.1 + 1e-6 }, deribitStandardOptions);
        expect(margin.initial).toBeGreaterThanOrEqual(margin.maintenance);
        expect(margin.maintenance).toBeGreaterThan(markPrice);
        expect(dearer.initial).toBeGreaterThan(margin.initial);
        expect(dearer.maintenance).toBeGreaterThan(margin.maintenance);
      }),
      settings,
    );
  });

  it("lose at settlement no more than the maximum loss at any price, linear and inverse", () => {
    const leg = fc.record({
      optionType: fc.constantFrom("call", "put"),
      strike,
      quantity: fc.integer({ min: -5, max: 5 }),
    } as const);
    fc.assert(
      fc.property(
        fc.array(leg, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 400_000 }),
        (legs, price) => {
          const payoff = legs.reduce(
            (sum, { optionType, strike: at, quantity }) =>
              sum + quantity * Math.max(0, optionType === "call" ? price - at : at - price),
            0,
          );
          const highest = Math.max(...legs.map((entry) => entry.strike));
          const { payoffLoss, unpairedCalls } = computeMaximumLoss(legs);
          expect(-payoff).toBeLessThanOrEqual(payoffLoss + unpairedCalls * Math.max(0, price - highest) + 1e-6);
          const lowest = Math.min(...legs.map((entry) => entry.strike));
          const inverse = computeInverseMaximumLoss(legs);
          const below = inverse.unpairedCalls * Math.max(0, 1 / price - 1 / lowest);
          expect(-payoff / price).toBeLessThanOrEqual(
            inverse.payoffLoss + below + 1e-9 * (1 + Math.abs(payoff / price)),
          );
        },
      ),
      settings,
    );
  });

  it("charge brackets continuously, as the venue's rate and maintenance amount do", () => {
    const brackets = [
      { from: 0, rate: 0.004 },
      { from: 50_000, rate: 0.005 },
      { from: 600_000, rate: 0.01 },
      { from: 3_000_000, rate: 0.025 },
    ];
    // What the venue takes off the rate of each bracket: the amount of the one before + from x (rate - rate before).
    const maintenanceAmounts = [0, 50, 3050, 48_050];
    fc.assert(
      fc.property(fc.integer({ min: -5_000_000, max: 5_000_000 }), (notional) => {
        const size = Math.abs(notional);
        const at = brackets.findLastIndex(({ from }) => size >= from);
        const published = size * brackets[at]!.rate - maintenanceAmounts[at]!;
        expect(bracketedMaintenance(notional, brackets)).toBeCloseTo(published, 6);
      }),
      settings,
    );
  });

  it("rise with size and open interest and stay within their bounds", () => {
    const size = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        const caps = { lower: 100_000, upper: 500_000 };
        const rate = openInterestRate(0.05, more, caps);
        expect(rate).toBeGreaterThanOrEqual(openInterestRate(0.05, less, caps));
        expect(rate).toBeLessThanOrEqual(1);
        expect(
          depegCharge(more, [
            { upToUsd: 1000, rate: 0.01 },
            { upToUsd: null, rate: 0.02 },
          ]),
        ).toBeGreaterThanOrEqual(
          depegCharge(less, [
            { upToUsd: 1000, rate: 0.01 },
            { upToUsd: null, rate: 0.02 },
          ]),
        );
      }),
      settings,
    );
  });
});
