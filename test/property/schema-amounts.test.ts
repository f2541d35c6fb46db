import {
  callPriceText,
  distancePercentText,
  ratioText,
  requirementText,
  stateLadder,
  subtractAmounts,
  valueText,
} from "@plimsoll/schema";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const runs = { seed: 20260205, numRuns: 2_000 };

/** Every double is a decimal of finitely many digits; this precision holds all of those tested here. */
const Exact = Decimal.clone({ precision: 1_200 });

const amount = fc.double({ min: -1e20, max: 1e20, noNaN: true });
const currency = fc.constantFrom("USD", "USDC", "BTC", "ETH");
const unitOf = (code: string) => new Exact(code.startsWith("USD") ? "0.01" : "0.00000001");

// I6. Seen to fail with ROUND_HALF_UP in place of either rounding.
describe("rounding never favours the account (I6)", () => {
  it("states a requirement at or above the number, by less than one unit", () => {
    fc.assert(
      fc.property(amount, currency, (value, code) => {
        const excess = new Exact(requirementText(value, code)).minus(value);
        expect(excess.isNegative() && !excess.isZero()).toBe(false);
        expect(excess.lessThan(unitOf(code))).toBe(true);
      }),
      runs,
    );
  });

  it("states what is owned at or below the number, by less than one unit", () => {
    fc.assert(
      fc.property(amount, currency, (value, code) => {
        const lost = new Exact(value).minus(valueText(value, code));
        expect(lost.isNegative() && !lost.isZero()).toBe(false);
        expect(lost.lessThan(unitOf(code))).toBe(true);
      }),
      runs,
    );
  });

  it("rounds and subtracts as exact decimals do, whatever the notation of the number", () => {
    const any = fc.oneof(
      amount,
      fc.double({ noNaN: true, min: -1e-3, max: 1e-3 }),
      fc.integer({ min: -1e6, max: 1e6 }).map((cents) => cents / 100),
    );
    const plain = (value: Decimal, decimals: number) => value.toFixed(decimals).replace(/^-(?=[0.]*$)/, "");
    fc.assert(
      fc.property(any, any, currency, (value, other, code) => {
        const decimals = code.startsWith("USD") ? 2 : 8;
        const rounded = (rounding: Decimal.Rounding) =>
          plain(new Exact(value).toDecimalPlaces(decimals, rounding), decimals);
        expect(requirementText(value, code)).toBe(rounded(Decimal.ROUND_CEIL));
        expect(valueText(value, code)).toBe(rounded(Decimal.ROUND_FLOOR));
        const [a, b] = [valueText(value, code), requirementText(other, "USD")];
        expect(subtractAmounts(a, b)).toBe(plain(new Exact(a).minus(b), decimals));
      }),
      { ...runs, numRuns: 5_000 },
    );
  });

  it("states headroom at or below balance less requirement", () => {
    fc.assert(
      fc.property(amount, amount, currency, (balance, margin, code) => {
        const headroom = subtractAmounts(valueText(balance, code), requirementText(margin, code));
        expect(new Exact(headroom).lessThanOrEqualTo(new Exact(balance).minus(margin))).toBe(true);
      }),
      runs,
    );
  });

  it("states ratios up, and call prices and distances no farther than they are", () => {
    const price = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(price, fc.double({ min: -1, max: 5, noNaN: true }), (value, distance) => {
        expect(new Exact(ratioText(value)).greaterThanOrEqualTo(value)).toBe(true);
        expect(new Exact(callPriceText(value, "down")).greaterThanOrEqualTo(value)).toBe(true);
        expect(new Exact(callPriceText(value, "up")).lessThanOrEqualTo(value)).toBe(true);
        const told = new Exact(distancePercentText(distance)).abs();
        expect(told.lessThanOrEqualTo(new Exact(distance).abs().times(100).plus(1e-12))).toBe(true);
      }),
      runs,
    );
  });
});

// Seen to fail with eight decimals below 1 and two from 1 on, and with steps of one direction that differ in their decimals.
describe("call prices keep their digits and their side of the market", () => {
  const severities = ["WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"] as const;
  const index = fc.tuple(fc.integer({ min: -15, max: 8 }), fc.double({ min: 1, max: 10, noNaN: true }));
  /** Distances of any size, mostly near. */
  const distance = fc
    .tuple(fc.integer({ min: -9, max: -1 }), fc.double({ min: 1, max: 9.99, noNaN: true }))
    .map(([exponent, digit]) => digit * 10 ** exponent);

  it("at any index from 1e-15 to 1e9, at any distance", () => {
    fc.assert(
      fc.property(
        index,
        fc.constantFrom("up" as const, "down" as const),
        fc.array(distance, { minLength: 1, maxLength: 5 }),
        ([exponent, digit], direction, distances) => {
          const market = digit * 10 ** exponent;
          const sign = direction === "up" ? 1 : -1;
          const prices = distances
            .toSorted((a, b) => a - b)
            .map((away, step) => {
              const multiple = 1 + sign * away;
              const severity = severities[step]!;
              const rung = { underlying: "BTC", direction, severity, reason: null };
              return { ...rung, price: market * multiple, distance: multiple - 1 };
            });
          const told = stateLadder(prices).map(({ price }) => new Exact(price ?? "none"));
          for (const [step, price] of told.entries()) {
            const before = told[step - 1] ?? null;
            const from = (other: number | Decimal) => price.minus(other).times(sign);
            expect(from(market).greaterThan(0)).toBe(true);
            if (before !== null) expect(from(before).greaterThanOrEqualTo(0)).toBe(true);
            // Towards the market, by less than one of five digits or than a cent of what costs thousands.
            const missed = new Exact(prices[step]!.price).minus(price).times(sign);
            expect(missed.greaterThanOrEqualTo(0)).toBe(true);
            expect(missed.lessThan(price.times(1e-4))).toBe(true);
          }
        },
      ),
      runs,
    );
  });

  it("state a distance of less than a hundredth of a percent by two digits", () => {
    expect(distancePercentText(-0.00001239)).toBe("-0.0012");
    expect(distancePercentText(1e-9)).toBe("0.0000001");
    expect(distancePercentText(0)).toBe("0.00");
  });
});
