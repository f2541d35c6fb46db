import {
  exp,
  log,
  logRatio,
  normalDensity,
  normalDistribution,
  normalQuantile,
  normalTailRatio,
  pow,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { deriveTailCoefficients } from "../support/derive-normal-tail.ts";
import {
  divide,
  expOf,
  fromNumber,
  LN_TWO,
  logOf,
  lowerTailOf,
  multiply,
  normalTailRatioOf,
  ONE,
  relativeError,
  SQRT_TWO_PI,
  squareRootOf,
  toNumber,
} from "../support/high-precision.ts";
import { seeded } from "../support/seeded.ts";

/** Largest relative error of `measure` over `count` seeded draws, with the draw where it happens. */
function worst(count: number, measure: (uniform: () => number) => { at: number; error: number }) {
  const uniform = seeded(20260116);
  let result = { at: Number.NaN, error: -1 };
  for (let draw = 0; draw < count; draw += 1) {
    const next = measure(uniform);
    if (!(next.error <= result.error)) result = next;
  }
  return result;
}

/** |actual x 2^shift / e^(exponent + shift ln2) - 1|: the shift brings tiny and huge values into the reference's range. */
function exponentialError(actual: number, exponent: bigint): number {
  const shift = -Math.round(toNumber(divide(exponent, LN_TWO)));
  const half = Math.trunc(shift / 2);
  return relativeError(actual * 2 ** half * 2 ** (shift - half), expOf(exponent + BigInt(shift) * LN_TWO));
}

describe("the reference the numbers are measured against", () => {
  it("agrees with itself by other formulas", () => {
    expect(toNumber(squareRootOf(2n * ONE))).toBe(Math.SQRT2);
    expect(toNumber(expOf(ONE))).toBe(Math.E);
    expect(toNumber(LN_TWO)).toBe(Math.LN2);
    const justBelow = 3n * ONE - (ONE >> 300n);
    const jump = normalTailRatioOf(justBelow) - normalTailRatioOf(3n * ONE);
    expect(toNumber(jump < 0n ? -jump : jump)).toBeLessThan(1e-34);
  });
});

describe("exp", () => {
  it("is within 0.7 ulp over the normal range", () => {
    const found = worst(4000, (uniform) => {
      const x = -708 + uniform() * (709 + 708);
      return { at: x, error: exponentialError(exp(x), fromNumber(x)) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(0.7 * 2 ** -52);
  });

  it("is within 0.7 ulp for small arguments", () => {
    const found = worst(2000, (uniform) => {
      const x = (uniform() - 0.5) * 2 ** -Math.floor(uniform() * 40);
      return { at: x, error: exponentialError(exp(x), fromNumber(x)) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(0.7 * 2 ** -52);
  });

  it("rounds subnormal results within one unit of the smallest double", () => {
    for (const x of [-708.5, -710.25, -720, -735.123, -744, -745, -745.13]) {
      const units = exp(x) / 2 ** -1074;
      const expected = toNumber(expOf(fromNumber(x) + 1074n * LN_TWO));
      expect(Math.abs(units - expected), `at ${x}`).toBeLessThanOrEqual(1);
    }
  });

  it("is within 2 ulp up to the overflow", () => {
    for (const x of [709, 709.1, 709.5, 709.7, 709.782712893383]) {
      expect(exponentialError(exp(x), fromNumber(x)), `at ${x}`).toBeLessThan(2 * 2 ** -52);
    }
  });

  it("has defined limits", () => {
    expect(exp(0)).toBe(1);
    expect(exp(-0)).toBe(1);
    expect(exp(Number.NaN)).toBeNaN();
    expect(exp(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exp(709.782712893384)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(exp(709.782712893385)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(-745.13)).toBe(2 ** -1074);
    expect(exp(-745.14)).toBe(0);
    expect(exp(5e-324)).toBe(1);
  });
});

describe("log", () => {
  it("is within 1 ulp, near 1 as well as far from it", () => {
    const found = worst(4000, (uniform) => {
      const exponent = Math.floor(uniform() * 400) - 200;
      const x = (1 + uniform()) * 2 ** (uniform() < 0.5 ? exponent : exponent % 2);
      return { at: x, error: relativeError(log(x), logOf(fromNumber(x))) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(2 ** -52);
  });

  it("keeps its relative accuracy where the logarithm is tiny", () => {
    for (let power = 1; power <= 52; power += 1) {
      for (const x of [1 + 2 ** -power, 1 - 2 ** -power]) {
        expect(relativeError(log(x), logOf(fromNumber(x))), `at ${x}`).toBeLessThan(2 ** -52);
      }
    }
  });

  it("has defined limits", () => {
    expect(log(1)).toBe(0);
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-1)).toBeNaN();
    expect(log(Number.NaN)).toBeNaN();
    expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(log(2 ** -1074)).toBe(toNumber(-1074n * LN_TWO));
    expect(log(Number.MAX_VALUE)).toBe(709.782712893384);
  });
});

describe("logRatio", () => {
  it("is within 3 ulp of the exact quotient's logarithm, close pairs included", () => {
    const found = worst(3000, (uniform) => {
      const denominator = 0.01 + uniform() * 1e5;
      const numerator = denominator * (1 + (uniform() - 0.5) * 10 ** (1 - 14 * uniform()));
      if (!(numerator > 0) || numerator === denominator) return { at: numerator, error: 0 };
      const exact = logOf(divide(fromNumber(numerator), fromNumber(denominator)));
      return { at: numerator / denominator, error: relativeError(logRatio(numerator, denominator), exact) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(3 * 2 ** -52);
  });

  it("follows log of the quotient at the limits", () => {
    expect(logRatio(5, 5)).toBe(0);
    expect(logRatio(0, 5)).toBe(Number.NEGATIVE_INFINITY);
    expect(logRatio(Number.POSITIVE_INFINITY, 5)).toBe(Number.POSITIVE_INFINITY);
    expect(logRatio(-1, 5)).toBeNaN();
    expect(logRatio(-5, -5)).toBeNaN();
    expect(logRatio(Number.NaN, 5)).toBeNaN();
    expect(logRatio(5, Number.NaN)).toBeNaN();
  });
});

describe("pow", () => {
  it("meets its stated error", () => {
    const found = worst(2000, (uniform) => {
      const base = 0.01 + 100 * uniform();
      const exponent = (uniform() - 0.5) * 40;
      const exact = multiply(fromNumber(exponent), logOf(fromNumber(base)));
      const size = 2 + Math.abs(toNumber(exact));
      return { at: base, error: exponentialError(pow(base, exponent), exact) / size };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(2.3e-16);
  });

  it("has defined limits", () => {
    expect(pow(3, 0)).toBe(1);
    expect(pow(0, 0)).toBe(1);
    expect(pow(Number.NaN, 0)).toBeNaN();
    expect(pow(0, 2)).toBe(0);
    expect(pow(0, -2)).toBe(Number.POSITIVE_INFINITY);
    expect(pow(-2, 2)).toBeNaN();
    expect(pow(1, 1e300)).toBe(1);
    expect(pow(2, Number.NaN)).toBeNaN();
  });
});

describe("the normal distribution", () => {
  it("uses the coefficients that the derivation gives", () => {
    const { numerator, denominator } = deriveTailCoefficients();
    for (const z of [0, 0.3, 1, 2.5, 7, 20, 39]) {
      const p = numerator.reduceRight((sum, coefficient) => sum * z + coefficient, 0);
      const q = denominator.reduceRight((sum, coefficient) => sum * z + coefficient, 0);
      expect(Math.abs(normalTailRatio(z) / (p / q) - 1)).toBeLessThan(1e-15);
    }
  });

  it("has a tail ratio within 8e-16 up to 40 and 4e-12 beyond", () => {
    const near = worst(3000, (uniform) => {
      const z = 40 * uniform() * uniform();
      return { at: z, error: relativeError(normalTailRatio(z), normalTailRatioOf(fromNumber(z))) };
    });
    expect(near.error, `at ${near.at}`).toBeLessThan(8e-16);
    for (const z of [41, 60, 100, 1e3, 1e5, 0.99e8, 1.01e8, 1e12]) {
      expect(relativeError(normalTailRatio(z), normalTailRatioOf(fromNumber(z))), `at ${z}`).toBeLessThan(4e-12);
    }
    expect(normalTailRatio(0)).toBe(0.5);
    expect(normalTailRatio(Number.POSITIVE_INFINITY)).toBe(0);
    expect(normalTailRatio(Number.NaN)).toBeNaN();
  });

  it("keeps a relative error below 1e-15 down to -37.5", () => {
    const found = worst(2000, (uniform) => {
      const z = 37.5 * uniform();
      const shift = Math.round((z * z) / 2 / Math.LN2);
      const half = Math.trunc(shift / 2);
      const scaled = normalDistribution(-z) * 2 ** half * 2 ** (shift - half);
      return { at: -z, error: relativeError(scaled, lowerTailOf(fromNumber(z), shift)) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(1e-15);
  });

  it("is within 3e-16 on the upper side", () => {
    const found = worst(1000, (uniform) => {
      const x = 9 * uniform();
      return { at: x, error: relativeError(normalDistribution(x), ONE - lowerTailOf(fromNumber(x), 0)) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(3e-16);
  });

  it("has a density within 3 ulp", () => {
    const found = worst(1000, (uniform) => {
      const x = (uniform() - 0.5) * 75;
      const square = multiply(fromNumber(x), fromNumber(x)) >> 1n;
      const error = exponentialError(normalDensity(x), -square - logOf(SQRT_TWO_PI));
      return { at: x, error };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(3 * 2 ** -52);
  });

  it("has defined limits", () => {
    expect(normalDistribution(0)).toBe(0.5);
    expect(normalDistribution(-0)).toBe(0.5);
    expect(normalDistribution(Number.NaN)).toBeNaN();
    expect(normalDistribution(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalDistribution(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalDistribution(-38.4)).toBeGreaterThan(0);
    expect(normalDistribution(-38.7)).toBe(0);
    expect(normalDistribution(-1e300)).toBe(0);
    expect(normalDensity(Number.NaN)).toBeNaN();
    expect(normalDensity(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalDensity(1e200)).toBe(0);
  });
});

describe("normalQuantile", () => {
  it("inverts the distribution where the probability determines the point", () => {
    const found = worst(2000, (uniform) => {
      const z = 37 * uniform();
      const probability = normalDistribution(-z);
      // One ulp of the probability moves the point by ulp/density, which is what cannot be recovered.
      const lost = (4 * probability * 2 ** -53) / normalDensity(z);
      return { at: z, error: Math.abs(normalQuantile(probability) + z) / (lost + 1e-14 * Math.max(1, z)) };
    });
    expect(found.error, `at ${found.at}`).toBeLessThan(1);
    expect(normalQuantile(0.975)).toBe(-normalQuantile(1 - 0.975));
    expect(Math.abs(normalQuantile(0.99) - 2.3263478740408408)).toBeLessThan(1e-14);
  });

  it("has defined limits", () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(-0.1)).toBeNaN();
    expect(normalQuantile(1.1)).toBeNaN();
    expect(normalQuantile(Number.NaN)).toBeNaN();
    expect(normalQuantile(2 ** -1074)).toBeLessThan(-38.4);
  });
});
