import { requireConfidence, requireNumber, requirePositive } from "./checks.ts";
import type { DeriveExpiry, DeriveOption, DerivePortfolio } from "./holdings.ts";

/**
 * Nets the lots of each option, drops what nets to nothing and sorts by strike, calls first: margin then depends neither on
 * the order of the lots nor on how they were filled.
 */
export function arrangeOptions(options: readonly DeriveOption[], field: string): DeriveOption[] {
  const netted = new Map<string, DeriveOption>();
  for (const [index, option] of options.entries()) {
    const path = `${field}[${index}]`;
    requirePositive(`${path}.strike`, option.strike);
    requireNumber(`${path}.amount`, option.amount);
    requireNumber(`${path}.markVolatility`, option.markVolatility, 0);
    const key = `${option.strike} ${option.optionType}`;
    const held = netted.get(key);
    if (held !== undefined && held.markVolatility !== option.markVolatility) {
      throw new RangeError(
        `Derive margin: ${path}.markVolatility is ${option.markVolatility}, another lot of the same option has ` +
          `${held.markVolatility}; give one volatility per strike`,
      );
    }
    netted.set(key, held === undefined ? option : { ...held, amount: held.amount + option.amount });
  }
  return [...netted.values()]
    .filter((option) => option.amount !== 0)
    .sort((a, b) => a.strike - b.strike || (a.optionType < b.optionType ? -1 : 1));
}

/** Checks the account's own figures and feeds, and puts its expiries in order of time; throws a RangeError with the field. */
export function arrangePortfolio<Portfolio extends DerivePortfolio>(portfolio: Portfolio): Portfolio {
  requireNumber("cash", portfolio.cash);
  requirePositive("stablePrice", portfolio.stablePrice);
  requirePositive("spotPrice", portfolio.spotPrice);
  requireConfidence("spotConfidence", portfolio.spotConfidence);
  const { perpetual } = portfolio;
  if (perpetual !== null) {
    requireNumber("perpetual.amount", perpetual.amount);
    requireNumber("perpetual.unrealisedCash", perpetual.unrealisedCash);
    if (perpetual.amount !== 0) {
      requirePositive("perpetual.markPrice", perpetual.markPrice);
      requireConfidence("perpetual.confidence", perpetual.confidence);
    }
  }
  const expiries = portfolio.expiries.map((expiry, index) => arrangeExpiry(expiry, `expiries[${index}]`));
  return { ...portfolio, expiries: expiries.sort((a, b) => a.secondsToExpiry - b.secondsToExpiry) };
}

function arrangeExpiry(expiry: DeriveExpiry, field: string): DeriveExpiry {
  requireNumber(`${field}.secondsToExpiry`, expiry.secondsToExpiry);
  requireNumber(`${field}.forwardFixedPortion`, expiry.forwardFixedPortion, 0);
  requireNumber(`${field}.forwardVariablePortion`, expiry.forwardVariablePortion, 0);
  requirePositive(
    `${field}.forwardFixedPortion + forwardVariablePortion`,
    expiry.forwardFixedPortion + expiry.forwardVariablePortion,
  );
  requireNumber(`${field}.rate`, expiry.rate);
  requireConfidence(`${field}.forwardConfidence`, expiry.forwardConfidence);
  requireConfidence(`${field}.rateConfidence`, expiry.rateConfidence);
  requireConfidence(`${field}.volatilityConfidence`, expiry.volatilityConfidence);
  return { ...expiry, options: arrangeOptions(expiry.options, `${field}.options`) };
}
