import {
  cornishFisher,
  cornishFisherContributions,
  createRandom,
  decomposeSymmetric,
  deltaGammaMoments,
  deltaNormal,
  drawChiSquare,
  effectiveObservations,
  ewmaVariances,
  factorCovariance,
  filterReturns,
  findTailScenarios,
  interpolatedQuantile,
  measureContributions,
  measureTail,
  measureWeightedTail,
  normalTail,
  repairCorrelations,
  scenariosNeeded,
  selectGreatest,
  standardErrorOf,
  studentDensity,
  studentQuantile,
  studentTailFigures,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";

const drawn = (count: number, seed: number) => Float64Array.from({ length: count }, createRandom(seed).normal);

describe("a tail by selection", () => {
  it.each([1, 2, 20, 100, 255, 256, 1_000, 4_096, 10_001])("finds what sorting finds, of %i losses", (count) => {
    const losses = drawn(count, count);
    const sorted = Float64Array.from(losses).sort().reverse();
    for (const level of [0.9, 0.975, 0.99, 0.999, 0.5]) {
      const { valueAtRisk, expectedShortfall, scenariosBeyond } = measureTail(losses, level);
      expect(scenariosBeyond).toBe(Math.floor(count * (1 - level) + 1e-9));
      expect(valueAtRisk).toBe(sorted[scenariosBeyond]);
      const beyond = sorted.subarray(0, Math.max(1, scenariosBeyond));
      // The same losses summed in another order.
      expect(expectedShortfall).toBeCloseTo(beyond.reduce((sum, loss) => sum + loss, 0) / beyond.length, 12);
    }
  });

  it("finds the greatest of losses that are all alike, sorted, mirrored in pairs, or of which the sample sees none", () => {
    const count = 3_000;
    const cases = {
      alike: new Float64Array(count).fill(7),
      rising: Float64Array.from({ length: count }, (_, s) => s),
      falling: Float64Array.from({ length: count }, (_, s) => -s),
      mirrored: Float64Array.from({ length: count }, (_, s) => (s % 2 === 0 ? s : -s)),
      // Every 15th loss is sampled; these are great everywhere else.
      unsampled: Float64Array.from({ length: count }, (_, s) => (s % 15 === 0 ? 0 : s)),
      onlySampled: Float64Array.from({ length: count }, (_, s) => (s % 15 === 0 ? s : 0)),
      infinite: Float64Array.from({ length: count }, (_, s) => (s < 40 ? Number.POSITIVE_INFINITY : -s)),
    };
    for (const [name, losses] of Object.entries(cases)) {
      const out = new Float64Array(count);
      selectGreatest(out, losses, count, 31);
      const expected = Float64Array.from(losses)
        .sort()
        .subarray(count - 31);
      expect(Float64Array.from(out.subarray(0, 31)).sort(), name).toEqual(expected);
      expect(out[0], name).toBe(expected[0]);
    }
  });

  it("states its convention: the k-th greatest loss and the mean of those beyond, against the type 7 quantile", () => {
    const losses = Float64Array.from({ length: 100 }, (_, index) => index + 1);
    expect(measureTail(losses, 0.95)).toEqual({ valueAtRisk: 95, expectedShortfall: 98, scenariosBeyond: 5 });
    // numpy.quantile(range(1, 101), 0.95) by its documented formula: 1 + 99 x 0.95.
    expect(interpolatedQuantile(losses, 0.95)).toBeCloseTo(95.05, 12);
  });

  it("says when there are too few scenarios for a level: the worst loss stands, none lies beyond", () => {
    const losses = drawn(60, 1);
    const { valueAtRisk, expectedShortfall, scenariosBeyond } = measureTail(losses, 0.99);
    expect([valueAtRisk, expectedShortfall, scenariosBeyond]).toEqual([Math.max(...losses), Math.max(...losses), 0]);
    expect([scenariosNeeded(0.99, 1), scenariosNeeded(0.99, 3), scenariosNeeded(0.9, 2)]).toEqual([100, 300, 20]);
  });

  it.each([0, 1, -0.1, 1.5, Number.NaN])("refuses level %d", (level) => {
    expect(() => measureTail(drawn(10, 1), level)).toThrow(`Level is ${level}; it must be above 0 and below 1`);
    expect(() => normalTail(level)).toThrow("Level is");
  });

  it("refuses a loss that is NaN, wherever it stands, and no losses", () => {
    for (const place of [0, 15, 16, 599]) {
      const losses = drawn(600, 1);
      losses[place] = Number.NaN;
      expect(() => measureTail(losses, 0.99)).toThrow("NaN");
      expect(() => measureWeightedTail(losses, new Float64Array(600).fill(1 / 600), 0.99)).toThrow("NaN");
    }
    expect(() => measureTail(new Float64Array(0), 0.99)).toThrow("0 losses");
  });

  it("weighs scenarios: equal weights give the unweighted tail, and a weight of 0 removes a loss", () => {
    const losses = drawn(200, 3);
    const equal = new Float64Array(200).fill(1 / 200);
    const plain = measureTail(losses, 0.95);
    const weighted = measureWeightedTail(losses, equal, 0.95);
    expect(weighted.valueAtRisk).toBe(plain.valueAtRisk);
    expect(weighted.expectedShortfall).toBeCloseTo(plain.expectedShortfall, 12);
    // 0.02 + 0.03 lie beyond; 0.01 more is taken of the third loss.
    const some = measureWeightedTail([10, 8, 6, 1], [0.02, 0.03, 0.05, 0.9], 0.94);
    expect(some.valueAtRisk).toBe(6);
    expect(some.expectedShortfall).toBeCloseTo((0.02 * 10 + 0.03 * 8 + 0.01 * 6) / 0.06, 12);
    expect(measureWeightedTail([10, 8, 6], [0, 0.5, 0.5], 0.6).valueAtRisk).toBe(8);
    expect(() => measureWeightedTail([1, 2], [0.5, 0.6], 0.9)).toThrow("add up to 1.1");
    expect(() => measureWeightedTail([1, 2], [1.5, -0.5], 0.9)).toThrow("weights[1] is -0.5");
    expect(() => measureWeightedTail([1, 2], [1], 0.9)).toThrow("1 weights for 2 scenarios");
  });
});

describe("contributions", () => {
  const book = [3, -2, 1].map((quantity, index) => ({
    quantity,
    losses: drawn(500, index + 10).map((loss) => loss * quantity),
  }));

  it.each(["value_at_risk", "expected_shortfall"] as const)(
    "of %s add up, and removing a part gives its incremental",
    (measure) => {
      const { total, parts } = measureContributions(book, 0.98, measure);
      const sum = parts.reduce((added, { component }) => added + component, 0);
      expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-12 * Math.abs(total));
      const [, second, third] = book;
      const without = measureContributions([second!, third!], 0.98, measure).total;
      expect(parts[0]?.incremental).toBeCloseTo(total - without, 12);
      expect(parts[1]?.marginal).toBeCloseTo((parts[1]?.component ?? Number.NaN) / -2, 12);
    },
  );

  it("is the derivative in the size of a part, by central difference", () => {
    const { parts } = measureContributions(book, 0.98, "expected_shortfall");
    const grownBy = (share: number) =>
      measureContributions(
        book.map((part, index) =>
          index === 0 ? { ...part, losses: part.losses.map((loss) => loss * (1 + share)) } : part,
        ),
        0.98,
        "expected_shortfall",
      ).total;
    // The figure is linear while the same scenarios make the tail, which so small a step does not change.
    expect((grownBy(1e-6) - grownBy(-1e-6)) / 2e-6).toBeCloseTo(parts[0]?.component ?? Number.NaN, 6);
  });

  it("lets scenarios that lose the same share the edge of the tail, whatever their order", () => {
    const losses = Float64Array.from([5, 4, 4, 4, 0, 0, 0, 0, 0, 0]);
    const tail = findTailScenarios(losses, 0.8, "expected_shortfall");
    expect(tail.indexes).toEqual([0, 1, 2, 3]);
    expect(tail.weights[0]).toBeCloseTo(1 / 2, 12);
    for (const weight of tail.weights.slice(1)) expect(weight).toBeCloseTo(1 / 6, 12);
    expect(findTailScenarios(losses, 0.8, "value_at_risk").indexes).toEqual([1, 2, 3]);
  });

  it("refuses parts of different lengths, by name", () => {
    expect(() =>
      measureContributions(
        [
          { quantity: 1, losses: drawn(5, 1) },
          { quantity: 1, losses: drawn(4, 1) },
        ],
        0.5,
        "value_at_risk",
      ),
    ).toThrow("parts[1] has 4 losses; give each part 5");
    expect(() => measureContributions([], 0.5, "value_at_risk")).toThrow("parts[0]");
  });
});

describe("closed forms", () => {
  // docs/sources.md, Parametric tails.
  it("agrees with the published z and shortfall constants", () => {
    const published = [
      [0.95, 1.6449, 2.0627],
      [0.975, 1.96, 2.3378],
      [0.99, 2.3263, 2.6652],
      [0.999, 3.0902, 3.3671],
    ];
    for (const [level, z, shortfall] of published as [number, number, number][]) {
      expect(normalTail(level).valueAtRisk).toBeCloseTo(z, 4);
      expect(normalTail(level).expectedShortfall).toBeCloseTo(shortfall, 4);
    }
  });

  it("gives Student t quantiles of published tables, and a shortfall that is the mean of its tail", () => {
    // Two-sided 5 % and 1 % and one-sided 1 % points of any table of Student's t.
    const table = [
      [0.975, 3, 3.182],
      [0.99, 5, 3.365],
      [0.995, 30, 2.75],
      [0.95, 10, 1.812],
      [0.9995, 4, 8.61],
    ];
    for (const [probability, degrees, quantile] of table as [number, number, number][]) {
      expect(studentQuantile(probability, degrees)).toBeCloseTo(quantile, 2);
      expect(studentQuantile(1 - probability, degrees)).toBeCloseTo(-quantile, 2);
    }
    const { valueAtRisk, expectedShortfall } = studentTailFigures(0.99, 4, 1);
    const scale = Math.sqrt(2 / 4);
    // Midpoint sum over u = 1/x, which brings the tail to a finite interval.
    let mean = 0;
    const steps = 200_000;
    const end = scale / valueAtRisk;
    for (let step = 0; step < steps; step += 1) {
      const u = ((step + 0.5) / steps) * end;
      const x = 1 / u;
      mean += scale * x * studentDensity(x, 4) * (end / steps) * x * x;
    }
    expect(expectedShortfall).toBeCloseTo(mean / 0.01, 5);
    expect(() => studentTailFigures(0.99, 2, 1)).toThrow("Degrees of freedom are 2");
  });

  it("draws chi-square variables with the right mean and variance", () => {
    const random = createRandom(5);
    for (const degrees of [3, 4.5, 12]) {
      const draws = Array.from({ length: 40_000 }, () => drawChiSquare(random, degrees));
      const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
      const variance = draws.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / draws.length;
      // Five standard errors: sqrt(2k/n) of the mean; the variance has four times that and heavier tails.
      expect(Math.abs(mean - degrees)).toBeLessThan(5 * Math.sqrt((2 * degrees) / draws.length));
      expect(Math.abs(variance / (2 * degrees) - 1)).toBeLessThan(0.08);
    }
  });

  it("delta-normal: components add up, no variance is no risk, and an impossible covariance is refused", () => {
    const covariance = [
      [0.0016, 0.0012],
      [0.0012, 0.0025],
    ];
    const risk = deltaNormal([1e6, -4e5], covariance, 0.99);
    expect(risk.componentValuesAtRisk.reduce((sum, part) => sum + part, 0)).toBeCloseTo(risk.valueAtRisk, 6);
    expect(
      deltaNormal(
        [1, 1],
        [
          [0, 0],
          [0, 0],
        ],
        0.99,
      ),
    ).toEqual({
      deviation: 0,
      valueAtRisk: 0,
      expectedShortfall: 0,
      componentValuesAtRisk: [0, 0],
      componentShortfalls: [0, 0],
    });
    expect(() =>
      deltaNormal(
        [1, -1],
        [
          [1, 2],
          [2, 1],
        ],
        0.99,
      ),
    ).toThrow("positive semi-definite");
  });
});

describe("delta-gamma with Cornish-Fisher", () => {
  const covariance = [
    [0.0016, 0.0012],
    [0.0012, 0.0025],
  ];
  const parts = [
    {
      theta: 0,
      delta: [1e6, 0],
      gamma: [
        [-5e6, 0],
        [0, 0],
      ],
    },
    {
      theta: 500,
      delta: [0, -4e5],
      gamma: [
        [0, 0],
        [0, -2e6],
      ],
    },
  ];
  const book = {
    theta: 500,
    delta: [1e6, -4e5],
    gamma: [
      [-5e6, 0],
      [0, -2e6],
    ],
  };

  it("has the moments and the tail of 400,000 drawn profits", () => {
    const moments = deltaGammaMoments(book, covariance);
    const factored = factorCovariance(covariance);
    if (factored.status !== "ok") throw new Error(factored.reason);
    const [[a], [b, c]] = factored.factor as [[number], [number, number]];
    const random = createRandom(77);
    const losses = new Float64Array(400_000);
    for (let s = 0; s < losses.length; s += 1) {
      const [z1, z2] = [random.normal(), random.normal()];
      const [x, y] = [a * z1, b * z1 + c * z2];
      losses[s] = 0 - (500 + 1e6 * x - 4e5 * y + 0.5 * (-5e6 * x * x - 2e6 * y * y));
    }
    const mean = losses.reduce((sum, loss) => sum - loss, 0) / losses.length;
    const deviation = Math.sqrt(moments.variance);
    expect(Math.abs(mean - moments.mean)).toBeLessThan((5 * deviation) / Math.sqrt(losses.length));
    const third = losses.reduce((sum, loss) => sum + (-loss - mean) ** 3, 0) / losses.length;
    expect(third / moments.thirdCumulant).toBeCloseTo(1, 1);
    const expansion = cornishFisher(moments, 0.99);
    const tail = measureTail(losses, 0.99);
    expect(expansion.isValid).toBe(true);
    // 0.1 % was found for 4e6 draws (docs/sources.md, Parametric tails); a tenth of these draws, and the expansion's
    // own error: 1 %.
    expect(Math.abs(expansion.valueAtRisk / tail.valueAtRisk - 1)).toBeLessThan(0.01);
    expect(Math.abs(expansion.expectedShortfall / tail.expectedShortfall - 1)).toBeLessThan(0.015);
  });

  it("splits into contributions that add up, and are derivatives", () => {
    const expansion = cornishFisher(deltaGammaMoments(book, covariance), 0.99);
    const contributions = cornishFisherContributions(parts, covariance, 0.99);
    for (const key of ["valueAtRisk", "expectedShortfall"] as const) {
      const sum = contributions.reduce((added, part) => added + part[key], 0);
      expect(Math.abs(sum - expansion[key])).toBeLessThanOrEqual(1e-12 * expansion[key]);
      const figureAt = (share: number) => {
        const grow = (of: number) => of * (1 + share);
        const grown = {
          theta: 500,
          delta: [grow(1e6), -4e5],
          gamma: [
            [grow(-5e6), 0],
            [0, -2e6],
          ],
        };
        return cornishFisher(deltaGammaMoments(grown, covariance), 0.99)[key];
      };
      const slope = (figureAt(1e-5) - figureAt(-1e-5)) / 2e-5;
      expect(Math.abs(slope / (contributions[0]?.[key] ?? Number.NaN) - 1)).toBeLessThan(1e-7);
    }
  });

  it("knows when it is no quantile function, and says why", () => {
    const strong = cornishFisher({ mean: 0, variance: 1, thirdCumulant: -3, fourthCumulant: 2 }, 0.99);
    expect(strong.isValid).toBe(false);
    expect(strong.invalidReason).toContain("skewness -3, excess kurtosis 2");
    const none = cornishFisher({ mean: 0, variance: 0, thirdCumulant: 0, fourthCumulant: 0 }, 0.99);
    expect([none.valueAtRisk, none.expectedShortfall, none.isValid]).toEqual([0, 0, true]);
    const normal = cornishFisher({ mean: 2, variance: 9, thirdCumulant: 0, fourthCumulant: 0 }, 0.99);
    expect(normal.valueAtRisk).toBeCloseTo(3 * normalTail(0.99).valueAtRisk - 2, 12);
    expect(normal.expectedShortfall).toBeCloseTo(3 * normalTail(0.99).expectedShortfall - 2, 12);
  });
});

describe("correlations", () => {
  it("factors what is positive semi-definite, a perfect correlation too", () => {
    const correlations = [
      [1, 0.5, 0.2],
      [0.5, 1, -0.3],
      [0.2, -0.3, 1],
    ];
    const factored = factorCovariance(correlations);
    if (factored.status !== "ok") throw new Error(factored.reason);
    for (const [i, row] of correlations.entries()) {
      for (const [j, entry] of row.entries()) {
        const product = factored.factor[i]!.reduce((sum, value, k) => sum + value * factored.factor[j]![k]!, 0);
        expect(product).toBeCloseTo(entry, 14);
      }
    }
    expect(
      factorCovariance([
        [1, 1],
        [1, 1],
      ]),
    ).toEqual({
      status: "ok",
      factor: [
        [1, 0],
        [1, 0],
      ],
    });
  });

  it("refuses what no returns could have, and says where", () => {
    const impossible = [
      [1, 0.9, -0.9],
      [0.9, 1, 0.9],
      [-0.9, 0.9, 1],
    ];
    expect(factorCovariance(impossible)).toMatchObject({ status: "not_positive_semidefinite", row: 2, column: 2 });
    expect(
      factorCovariance([
        [1, 0.5],
        [0.4, 1],
      ]),
    ).toMatchObject({ status: "not_symmetric", row: 1, column: 0 });
    expect(
      factorCovariance([
        [1, Number.NaN],
        [Number.NaN, 1],
      ]),
    ).toMatchObject({ status: "not_finite" });
    const { correlations, removedEigenvalues, greatestChange } = repairCorrelations(impossible);
    expect(factorCovariance(correlations).status).toBe("ok");
    expect(removedEigenvalues).toHaveLength(1);
    // By symmetry the repair takes all three to the same size, where the determinant is 0: 1/2.
    for (const [i, row] of correlations.entries()) {
      for (const [j, entry] of row.entries()) expect(Math.abs(entry)).toBeCloseTo(i === j ? 1 : 0.5, 12);
    }
    expect(greatestChange).toBeCloseTo(0.4, 12);
    expect(
      repairCorrelations([
        [1, 0.3],
        [0.3, 1],
      ]),
    ).toEqual({
      correlations: [
        [1, 0.3],
        [0.3, 1],
      ],
      removedEigenvalues: [],
      greatestChange: 0,
    });
    expect(() => repairCorrelations([[2]])).toThrow("the diagonal is 1");
  });

  it("finds eigenvalues: those of a 2 x 2 matrix are known", () => {
    const { values } = decomposeSymmetric([
      [2, 1],
      [1, 2],
    ]);
    expect([...values].sort((a, b) => a - b)).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
  });
});

describe("volatility by exponential weights", () => {
  // docs/sources.md, Volatility by exponential weights.
  it("forecasts before each return, and 99 % of its weight is in 74 or 151 observations", () => {
    expect(effectiveObservations(0.94, 0.99)).toBeCloseTo(74.43, 2);
    expect(effectiveObservations(0.97, 0.99)).toBeCloseTo(151.19, 2);
    const path = ewmaVariances([0.1, 0, 0], 0.5, 0.01);
    expect(Array.from(path)).toEqual([
      0.01,
      expect.closeTo(0.01, 15),
      expect.closeTo(0.005, 15),
      expect.closeTo(0.0025, 15),
    ]);
    expect(() => ewmaVariances([], 1, 0)).toThrow("EWMA lambda is 1");
    expect(() => ewmaVariances([], 0.9, Number.NaN)).toThrow("initial variance is NaN");
  });

  it("keeps the factor within bounds, and says what zero variance does", () => {
    const bounds = { minimumRatio: 0.5, maximumRatio: 2, minimumVolatilityNow: 0 };
    expect(Array.from(filterReturns([0.1, 0.1, 0.1], [0.01, 1, 0.05], 0.05, bounds))).toEqual([0.2, 0.05, 0.1]);
    expect(Array.from(filterReturns([0, 0], [0, 0], 0, bounds))).toEqual([0, 0]);
    expect(Array.from(filterReturns([0.1], [0], 0, bounds))).toEqual([0.1]);
    expect(Array.from(filterReturns([0.1], [0], 0.05, bounds))).toEqual([0.2]);
    expect(() => filterReturns([0.1], [0], 0.05)).toThrow("no maximum ratio");
    expect(() => filterReturns([0.1, 0.2], [0.1], 0.05)).toThrow("1 volatilities for 2 returns");
    const floored = filterReturns([0.1], [0.1], 0.02, { ...bounds, minimumRatio: 0, minimumVolatilityNow: 0.08 });
    expect(floored[0]).toBeCloseTo(0.08, 15);
  });
});

describe("standard error of drawn tails", () => {
  // Draws 2i and 2i + 1 are one normal number and its mirror image, or two numbers of their own.
  const pairs = (seed: number) => {
    const halves = drawn(1_000, seed);
    return Float64Array.from({ length: 2_000 }, (_, s) => (s % 2 === 0 ? halves[s >> 1]! : -halves[s >> 1]!));
  };
  const books: Readonly<Record<string, (seed: number) => Float64Array>> = {
    "draws of their own": (seed) => drawn(2_000, seed),
    "a linear book": pairs,
    "a straddle, which loses alike in both of a pair": (seed) => pairs(seed).map(Math.abs),
    "a straddle that leans to one side": (seed) => pairs(seed).map((move) => Math.max(1.1 * move, -0.9 * move)),
  };

  it.each(
    Object.keys(books).flatMap((book) => [[book, "value_at_risk"] as const, [book, "expected_shortfall"] as const]),
  )("of %s: %s is about the spread over many samples", (book, measure) => {
    const samples = Array.from({ length: 400 }, (_, seed) => books[book]!(seed + 1));
    const figures = samples.map((losses) => {
      const { valueAtRisk, expectedShortfall } = measureTail(losses, 0.97);
      return measure === "value_at_risk" ? valueAtRisk : expectedShortfall;
    });
    const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
    const spread = Math.sqrt(figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0) / figures.length);
    const stated = samples.reduce((sum, losses) => sum + standardErrorOf(losses, 0.97, measure), 0) / samples.length;
    // The spread of 400 samples is itself known to 3.5 %; three times that.
    expect(Math.abs(stated / spread - 1)).toBeLessThan(0.105);
  });

  it("is not known of one pair alone beyond the quantile, and 0 where all lose the same", () => {
    for (const measure of ["value_at_risk", "expected_shortfall"] as const) {
      expect(standardErrorOf(drawn(60, 1), 0.99, measure)).toBe(Number.POSITIVE_INFINITY);
      const onePair = pairs(1).map(Math.abs).subarray(0, 200);
      expect(standardErrorOf(onePair, 0.99, measure)).toBe(Number.POSITIVE_INFINITY);
      expect(standardErrorOf(new Float64Array(400).fill(7), 0.99, measure)).toBe(0);
    }
  });
});
