import type { DeriveExpiry, DeriveOption, DerivePortfolio } from "./holdings.ts";

/** Returns the value, or throws a RangeError that names the field, the value and what it must be. */
export function requireNumber(
  field: string,
  value: number,
  minimum: number = Number.NEGATIVE_INFINITY,
  maximum: number = Number.POSITIVE_INFINITY,
): number {
  if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
  const lower = minimum === Number.NEGATIVE_INFINITY ? "" : ` of at least ${minimum}`;
  const upper = maximum === Number.POSITIVE_INFINITY ? "" : `${lower === "" ? " of" : " and"} at most ${maximum}`;
  throw new RangeError(`Derive margin: ${field} is ${value}; it must be a finite number${lower}${upper}`);
}

/** Returns a price that is finite and above 0, or throws a RangeError that names the field and the value. */
export function requirePositive(field: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`Derive margin: ${field} is ${value}; it must be a finite number above 0`);
}

/** Returns a confidence from 0 to 1, where 1 is full trust, or throws a RangeError. */
export function requireConfidence(field: string, value: number): number {
  return requireNumber(field, value, 0, 1);
}

/**
 * Returns one net option per strike and type, sorted by strike with calls first. Options that net to 0 are dropped. The
 * margin then depends neither on the order of the lots nor on how they were filled. Throws a RangeError that names the
 * field when a figure is unusable or the lots of one option differ in volatility.
 */
export function arrangeOptions(options: readonly DeriveOption[], field: string): DeriveOption[] {
  for (let index = 0; index < options.length; index += 1) {
    if (!isUsable(options[index]!)) refuseOption(options[index]!, `${field}[${index}]`);
  }
  const sorted = options.toSorted(byStrikeAndType);
  const netted: DeriveOption[] = [];
  for (let index = 0; index < sorted.length; ) {
    const first = sorted[index]!;
    let amount = first.amount;
    for (index += 1; index < sorted.length && byStrikeAndType(first, sorted[index]!) === 0; index += 1) {
      const lot = sorted[index]!;
      if (lot.markVolatility !== first.markVolatility) refuseVolatilities(options, first, lot, field);
      amount += lot.amount;
    }
    if (amount !== 0) netted.push(amount === first.amount ? first : { ...first, amount });
  }
  return netted;
}

function byStrikeAndType(left: DeriveOption, right: DeriveOption): number {
  if (left.strike !== right.strike) return left.strike - right.strike;
  return left.optionType === right.optionType ? 0 : left.optionType === "call" ? -1 : 1;
}

function isUsable({ strike, amount, markVolatility }: DeriveOption): boolean {
  return strike > 0 && markVolatility >= 0 && Number.isFinite(strike + amount + markVolatility);
}

function refuseOption(option: DeriveOption, path: string): void {
  requirePositive(`${path}.strike`, option.strike);
  requireNumber(`${path}.amount`, option.amount);
  requireNumber(`${path}.markVolatility`, option.markVolatility, 0);
}

function refuseVolatilities(
  options: readonly DeriveOption[],
  first: DeriveOption,
  lot: DeriveOption,
  field: string,
): never {
  throw new RangeError(
    `Derive margin: ${field}[${options.indexOf(lot)}].markVolatility is ${lot.markVolatility}, another lot of the same ` +
      `option has ${first.markVolatility}; give one volatility per strike`,
  );
}

/**
 * Returns the portfolio with its expiries in order of time and their options netted. Checks the account's own figures
 * and feeds, and throws a RangeError that names the field when one is unusable.
 */
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
  if (!hasUsableFeeds(expiry)) refuseExpiry(expiry, field);
  return { ...expiry, options: arrangeOptions(expiry.options, `${field}.options`) };
}

function hasUsableFeeds(expiry: DeriveExpiry): boolean {
  const { forwardFixedPortion: fixed, forwardVariablePortion: variable } = expiry;
  return (
    Number.isFinite(expiry.secondsToExpiry + expiry.rate + fixed + variable) &&
    fixed >= 0 &&
    variable >= 0 &&
    fixed + variable > 0 &&
    isConfidence(expiry.forwardConfidence) &&
    isConfidence(expiry.rateConfidence) &&
    isConfidence(expiry.volatilityConfidence)
  );
}

function isConfidence(share: number): boolean {
  return share >= 0 && share <= 1;
}

function refuseExpiry(expiry: DeriveExpiry, field: string): void {
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
}
