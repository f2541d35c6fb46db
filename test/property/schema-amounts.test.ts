import {
  callPriceText,
  distancePercentText,
  ratioText,
  requirementText,
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
