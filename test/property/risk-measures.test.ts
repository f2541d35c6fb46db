import { findTailScenarios, measureContributions, measureTail, measureWeightedTail, type Tail } from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const settings = { seed: 20260205, numRuns: 300 } as const;

/** Losses of whole cents, some of them alike: ties are where a selection goes wrong. */
const losses = fc
  .array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 1, maxLength: 700 })
  .map((cents) => Float64Array.from(cents, (cent) => cent / 100));
const level = fc.constantFrom(0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995);
const slack = (tail: Tail) => 1e-12 * (1 + Math.abs(tail.expectedShortfall) + Math.abs(tail.valueAtRisk));

/** Another vector for the same scenarios. */
const withOther = losses.chain((own) =>
  fc.tuple(
    fc.constant(own),
    fc
      .array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: own.length, maxLength: own.length })
      .map((cents) => Float64Array.from(cents, (cent) => cent / 100)),
  ),
);

const sumOf = (a: Float64Array, b: Float64Array) => a.map((loss, s) => loss + b[s]!);

describe("value at risk and expected shortfall", () => {
  it("expected shortfall is at least value at risk, and both lie among the losses", () => {
    fc.assert(
      fc.property(losses, level, (own, at) => {
        const tail = measureTail(own, at);
        expect(tail.expectedShortfall).toBeGreaterThanOrEqual(tail.valueAtRisk - slack(tail));
        expect(tail.expectedShortfall).toBeLessThanOrEqual(Math.max(...own) + slack(tail));
        expect(own).toContain(tail.valueAtRisk);
      }),
      settings,
    );
  });

  it("expected shortfall of two books together is at most the two apart", () => {
    fc.assert(
      fc.property(withOther, level, ([a, b], at) => {
        const together = measureTail(sumOf(a, b), at);
        const apart = measureTail(a, at).expectedShortfall + measureTail(b, at).expectedShortfall;
        expect(together.expectedShortfall).toBeLessThanOrEqual(apart + 1e-9);
      }),
      settings,
    );
  });

  it("weighted expected shortfall is sub-additive too", () => {
    fc.assert(
      fc.property(withOther, level, fc.integer({ min: 1, max: 9 }), ([a, b], at, uneven) => {
        const raw = Array.from(a, (_, s) => 1 + (s % uneven));
        const total = raw.reduce((sum, weight) => sum + weight, 0);
        const weights = raw.map((weight) => weight / total);
        const of = (own: Float64Array) => measureWeightedTail(own, weights, at).expectedShortfall;
        expect(of(sumOf(a, b))).toBeLessThanOrEqual(of(a) + of(b) + 1e-9);
      }),
      settings,
    );
  });

  it("both scale with the book and shift with a sure loss", () => {
    fc.assert(
      fc.property(
        losses,
        level,
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: -100, max: 100 }),
        (own, at, by, sure) => {
          const tail = measureTail(own, at);
          const scaled = measureTail(
            own.map((loss) => loss * by),
            at,
          );
          expect(scaled.valueAtRisk).toBeCloseTo(tail.valueAtRisk * by, 9);
          expect(scaled.expectedShortfall).toBeCloseTo(tail.expectedShortfall * by, 9);
          const shifted = measureTail(
            own.map((loss) => loss + sure),
            at,
          );
          expect(shifted.valueAtRisk).toBeCloseTo(tail.valueAtRisk + sure, 9);
          expect(shifted.expectedShortfall).toBeCloseTo(tail.expectedShortfall + sure, 9);
        },
      ),
      settings,
    );
  });

  it("both rise with the level", () => {
    fc.assert(
      fc.property(losses, level, level, (own, a, b) => {
        const low = measureTail(own, Math.min(a, b));
        const high = measureTail(own, Math.max(a, b));
        expect(high.valueAtRisk).toBeGreaterThanOrEqual(low.valueAtRisk);
        expect(high.expectedShortfall).toBeGreaterThanOrEqual(low.expectedShortfall - slack(low));
      }),
      settings,
    );
  });

  it("neither depends on the order of the scenarios", () => {
    fc.assert(
      fc.property(losses, level, fc.integer({ min: 1, max: 1_000 }), (own, at, turn) => {
        const turned = Float64Array.from(own, (_, s) => own[(s + turn) % own.length]!).reverse();
        const [before, after] = [measureTail(own, at), measureTail(turned, at)];
        expect(after.valueAtRisk).toBe(before.valueAtRisk);
        expect(Math.abs(after.expectedShortfall - before.expectedShortfall)).toBeLessThanOrEqual(slack(before));
      }),
      settings,
    );
  });

  it("a duplicated history leaves the quantile as it is", () => {
    fc.assert(
      fc.property(losses, level, (own, at) => {
        const twice = Float64Array.from([...own, ...own]);
        expect(measureTail(twice, at).valueAtRisk).toBe(measureTail(own, at).valueAtRisk);
      }),
      settings,
    );
  });
});

describe("contributions", () => {
  const measure = fc.constantFrom("value_at_risk" as const, "expected_shortfall" as const);

  it("add up to the figure, which is that of the tail", () => {
    fc.assert(
      fc.property(withOther, level, measure, ([a, b], at, kind) => {
        const hedge = a.map((loss) => -0.7 * loss);
        const book = [a, b, hedge].map((own, index) => ({ quantity: index - 1, losses: own }));
        const { total, parts, tail } = measureContributions(book, at, kind);
        const gross = parts.reduce((sum, { component }) => sum + Math.abs(component), 0);
        const sum = parts.reduce((added, { component }) => added + component, 0);
        expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-12 * Math.max(gross, Math.abs(total)));
        const whole = measureTail(sumOf(sumOf(a, b), hedge), at);
        const figure = kind === "value_at_risk" ? whole.valueAtRisk : whole.expectedShortfall;
        expect(Math.abs(total - figure)).toBeLessThanOrEqual(1e-9);
        expect(tail.weights.reduce((added, weight) => added + weight, 0)).toBeCloseTo(1, 12);
        expect(parts[1]?.marginal).toBe(null);
      }),
      settings,
    );
  });

  it("the shortfall of a part is at most its own alone, and the tail does not depend on the order of scenarios", () => {
    fc.assert(
      fc.property(withOther, level, ([a, b], at) => {
        const { parts } = measureContributions(
          [a, b].map((own) => ({ quantity: 1, losses: own })),
          at,
          "expected_shortfall",
        );
        for (const [index, own] of [a, b].entries()) {
          expect(parts[index]?.component).toBeLessThanOrEqual(measureTail(own, at).expectedShortfall + 1e-9);
        }
        const backwards = findTailScenarios(Float64Array.from(a).reverse(), at, "expected_shortfall");
        const forwards = findTailScenarios(a, at, "expected_shortfall");
        const turned = backwards.indexes.map((s) => a.length - 1 - s);
        expect(turned.sort((x, y) => x - y)).toEqual([...forwards.indexes].sort((x, y) => x - y));
      }),
      settings,
    );
  });
});
