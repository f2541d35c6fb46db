import { expiryText } from "@plimsoll/markets";
import {
  type CollateralBalance,
  exp,
  expiryMsOf,
  hasStrike,
  type Instrument,
  intrinsicValue,
  MS_PER_DAY,
  MS_PER_YEAR,
  type OptionInstrument,
  type Position,
} from "@plimsoll/risk";
import { digitsText } from "@plimsoll/schema";
import type { MarketAt } from "./market-at.ts";
import { coinsOf, type RecordedAccount } from "./recorded-accounts.ts";
import { type LegRule, notionalUsd, type PortfolioRule, perpetualRollDays } from "./templates.ts";

/**
 * The contracts and coins that a portfolio holds from one roll to the next. The cash of a generated portfolio is in its
 * `Path`.
 */
export interface HeldPortfolio {
  readonly instruments: readonly Instrument[];
  readonly positions: readonly Position[];
  readonly coins: readonly CollateralBalance[];
  /** At the first step from this time on, in Unix milliseconds, the holding is settled and built anew. */
  readonly rollAtMs: number;
  /**
   * The units of each underlying that the legs stand for, with longs and shorts added up. Coins count only for a
   * recorded account without positions.
   */
  readonly grossUnits: ReadonlyMap<string, number>;
}

const expiryHour = 8;
const friday = 5;

/**
 * Returns the first Friday, 08:00 UTC, that is at least `leastDays` ahead, in Unix milliseconds. One day less is
 * allowed, so that weekly expiries follow each other.
 */
export function expiryAfter(timeMs: number, leastDays: number): number {
  const from = timeMs + (leastDays - 1) * MS_PER_DAY;
  const expiry = new Date(from);
  expiry.setUTCHours(expiryHour, 0, 0, 0);
  while (expiry.getUTCDay() !== friday || expiry.getTime() < from) expiry.setUTCDate(expiry.getUTCDate() + 1);
  return expiry.getTime();
}

/**
 * Returns the distance between listed strikes: about a hundredth of the price, rounded down to 1, 2 or 5 times a power
 * of ten.
 */
export function strikeStep(price: number): number {
  let power = 1;
  while (power * 10 <= price / 100) power *= 10;
  while (power > price / 100) power /= 10;
  return ([5, 2].find((factor) => factor * power <= price / 100) ?? 1) * power;
}

/**
 * Builds the holding of a generated portfolio. Returns null while one of its prices or volatilities is missing or in
 * doubt.
 */
export function buildPortfolio(rule: PortfolioRule, market: MarketAt): HeldPortfolio | null {
  const names = [...rule.legs, ...rule.coins].map(({ underlying }) => underlying);
  if (!names.every((name) => market.isBelieved(name))) return null;
  const hasOptions = rule.legs.some(({ kind }) => kind === "call" || kind === "put");
  const soon = expiryAfter(market.timeMs, 7);
  if (hasOptions && names.some((name) => Number.isNaN(market.atTheMoney(name, soon)))) return null;
  const quantities = new Map<string, { readonly instrument: Instrument; quantity: number }>();
  const grossUnits = new Map<string, number>();
  const add = (instrument: Instrument, units: number) => {
    const { underlying, instrumentId } = instrument;
    const known = quantities.get(instrumentId);
    if (known === undefined) quantities.set(instrumentId, { instrument, quantity: units });
    else known.quantity += units;
    grossUnits.set(underlying, (grossUnits.get(underlying) ?? 0) + Math.abs(units));
  };
  const used = new Set<string>();
  for (const leg of rule.legs) {
    const instrument = instrumentOf(leg, market, used);
    used.add(instrument.instrumentId);
    add(instrument, (leg.weight * notionalUsd) / market.indexOf(leg.underlying));
  }
  if (rule.hedgesDelta) {
    const [{ underlying }] = rule.legs as [LegRule];
    const held = [...quantities.values()];
    const delta = held.reduce((sum, { instrument, quantity }) => sum + quantity * market.deltaOf(instrument), 0);
    add(perpetualOf(underlying), -delta);
  }
  const held = [...quantities.values()].filter(({ quantity }) => quantity !== 0);
  const nearest = Math.min(...held.map(({ instrument }) => expiryMsOf(instrument)));
  return {
    instruments: held.map(({ instrument }) => instrument),
    positions: held.map(({ instrument, quantity }) => ({
      instrumentId: instrument.instrumentId,
      quantity,
      entryPrice: market.quote(instrument).markPrice,
    })),
    coins: rule.coins.map(({ underlying, weight }) => ({
      asset: underlying,
      amount: (weight * notionalUsd) / market.indexOf(underlying),
    })),
    rollAtMs: nearest === Number.POSITIVE_INFINITY ? expiryAfter(market.timeMs, perpetualRollDays) : nearest,
    grossUnits,
  };
}

/** Returns the linear perpetual of a coin. One contract is one unit of the coin. */
export function perpetualOf(underlying: string): Instrument {
  return { ...termsOf(underlying, "linear"), kind: "perpetual", instrumentId: `${underlying}_USD-PERPETUAL` };
}

/** Returns the terms that all instruments share. One contract is one unit of the underlying. */
function termsOf(underlying: string, settlement: LegRule["settlement"]) {
  return { underlying, settlement, quoteCurrency: "USD", contractSize: 1 };
}

function instrumentOf(leg: LegRule, market: MarketAt, used: ReadonlySet<string>): Instrument {
  const { underlying, kind, settlement } = leg;
  if (kind === "perpetual") return perpetualOf(underlying);
  const expiryMs = expiryAfter(market.timeMs, leg.tenorDays);
  const name = `${underlying}${settlement === "linear" ? "_USD" : ""}-${expiryText(expiryMs)}`;
  const terms = termsOf(underlying, settlement);
  if (kind === "future") return { ...terms, kind, instrumentId: name, expiryMs };
  const forward = market.indexOf(underlying);
  const years = (expiryMs - market.timeMs) / MS_PER_YEAR;
  const step = strikeStep(forward);
  const wanted = forward * exp(leg.deviations * market.atTheMoney(underlying, expiryMs) * Math.sqrt(years));
  const option = (strike: number): OptionInstrument => {
    const text = digitsText(strike, 12).replace(".", "d");
    const instrumentId = `${name}-${text}-${kind === "call" ? "C" : "P"}`;
    return {
      ...terms,
      kind: "option",
      optionType: kind,
      strike: Number(strike.toPrecision(12)),
      expiryMs,
      instrumentId,
    };
  };
  // If two legs of a spread rounded to the same strike, they would cancel. The farther leg takes the next strike.
  const outward = leg.deviations < 0 ? -step : step;
  let chosen = option(Math.max(step, Math.round(wanted / step) * step));
  while (used.has(chosen.instrumentId)) chosen = option(chosen.strike + outward);
  return chosen;
}

/**
 * Returns what the legs that have expired by the market's time are paid, in US dollars. It is NaN while the index price
 * of an expired leg is missing.
 */
export function settleExpired(holding: HeldPortfolio, market: MarketAt): number {
  let paid = 0;
  for (const [index, instrument] of holding.instruments.entries()) {
    if (!hasExpired(instrument, market.timeMs)) continue;
    const { quantity, entryPrice } = holding.positions[index]!;
    paid +=
      quantity * instrument.contractSize * payoffUsd(instrument, market.indexOf(instrument.underlying), entryPrice);
  }
  return paid;
}

/**
 * Returns what a contract of size 1 pays at expiry, in US dollars. An option settled in the coin pays the same worth in
 * the coin.
 */
function payoffUsd(instrument: Instrument, index: number, entryPrice: number): number {
  return hasStrike(instrument) ? intrinsicValue(instrument, index) : index - entryPrice;
}

export function hasExpired(instrument: Instrument, timeMs: number): boolean {
  return expiryMsOf(instrument) <= timeMs;
}

/**
 * Returns what a recorded account holds from its opening on. Returns null before the time of its record, and while one
 * of its prices is in doubt.
 */
export function holdRecorded(recorded: RecordedAccount, market: MarketAt): HeldPortfolio | null {
  const { recordedAtMs, positions, balances } = recorded;
  if (recordedAtMs !== null && market.timeMs < recordedAtMs) return null;
  if (!coinsOf(recorded).every((coin) => market.isBelieved(coin))) return null;
  const priceOf = (currency: string) => (currency === "USD" ? 1 : market.indexOf(currency));
  const grossUnits = new Map<string, number>();
  const held = positions.map((position) => {
    const instrument = perpetualOf(position.underlying);
    const { markPrice } = market.quote(instrument);
    const quantity = position.kind === "sized" ? position.quantity : position.notionalUsd / markPrice;
    const entryPrice = position.kind === "sized" ? position.entryPrice : markPrice;
    grossUnits.set(position.underlying, (grossUnits.get(position.underlying) ?? 0) + Math.abs(quantity));
    return { instrument, quantity, entryPrice };
  });
  const coins = balances.map(({ asset, amount: units, countedIn }) => ({
    asset,
    amount: (units * priceOf(countedIn)) / priceOf(asset),
  }));
  for (const { asset, amount: units } of coins) {
    if (positions.length === 0 && asset !== "USD") grossUnits.set(asset, Math.abs(units));
  }
  return {
    instruments: held.map(({ instrument }) => instrument),
    positions: held.map(({ instrument, quantity, entryPrice }) => ({
      instrumentId: instrument.instrumentId,
      quantity,
      entryPrice,
    })),
    coins,
    rollAtMs: Number.POSITIVE_INFINITY,
    grossUnits,
  };
}
