import { black76Price, createRandom, DAYS_PER_YEAR, exp, log, MS_PER_DAY, type Random } from "@plimsoll/risk";
import { type InstrumentQuote, type Quote, quote, quotedPriceText } from "@plimsoll/schema";
import { roundedDecimal } from "../decimal-text.ts";
import { expiryText } from "../instrument-name.ts";
import type { MarketBatch } from "../quote-batch.ts";

/**
 * The model from which the sample market of one underlying is drawn. Its figures are our own and round, not those of a
 * venue.
 */
interface CoinModel {
  readonly underlying: string;
  /** In US dollars. */
  readonly typicalIndex: number;
  /** The at-the-money volatilities of short and of long expiries, as fractions per year. */
  readonly shortVolatility: number;
  readonly longVolatility: number;
  /** The premium of futures over the index, as a fraction per year. */
  readonly carry: number;
  readonly strikeSteps: readonly number[];
  /** The size of one future contract, in US dollars. */
  readonly futureSize: string;
}

const coins: readonly CoinModel[] = [
  {
    underlying: "BTC",
    typicalIndex: 80_000,
    shortVolatility: 0.46,
    longVolatility: 0.52,
    carry: 0.05,
    strikeSteps: [500, 1_000, 2_000, 5_000, 10_000],
    futureSize: "10",
  },
  {
    underlying: "ETH",
    typicalIndex: 2_400,
    shortVolatility: 0.66,
    longVolatility: 0.7,
    carry: 0.04,
    strikeSteps: [25, 50, 100, 200, 400],
    futureSize: "1",
  },
];

/**
 * How far strikes reach to each side of the forward, in standard deviations to the expiry. `leastStrikeReach` is the
 * least reach, as a log change.
 */
const strikeDeviations = 2.8;
const leastStrikeReach = 0.08;
const strikesPerSide = 14;

/** The time over which the volatility moves from the short level to the long one, in days. */
const volatilityTermDays = 60;
/**
 * The smile, as a relative change of volatility per standard deviation of moneyness. Options below the forward cost
 * more than those above, and the wings cost more than the middle.
 */
const skew = -0.035;
const curvature = 0.03;

/**
 * Returns a seeded market of our own: BTC and ETH, each with a perpetual, dated futures and an option chain with a
 * smile.
 */
export function sampleMarket(seed: number, asOfMs: number): MarketBatch {
  const random = createRandom(seed, 0x6d6b74);
  const indices: Quote[] = [];
  const instruments: InstrumentQuote[] = [];
  for (const coin of coins) {
    const drawn = drawCoin(coin, random);
    indices.push({ kind: "index", underlying: coin.underlying, index_price: quotedPriceText(drawn.index, 2, 6) });
    instruments.push(...coinInstruments(coin, drawn, asOfMs));
  }
  indices.push({ kind: "index", underlying: "USDC", index_price: "0.9999" });
  return {
    source: "sample",
    observed_at: new Date(asOfMs).toISOString(),
    quotes: [...indices, ...instruments.sort((a, b) => (a.instrument_id < b.instrument_id ? -1 : 1))],
  };
}

interface DrawnCoin {
  readonly index: number;
  readonly volatilityLevel: number;
  readonly perpetualBasis: number;
}

function drawCoin(coin: CoinModel, random: Random): DrawnCoin {
  return {
    index: coin.typicalIndex * random.logNormal(0, 0.03),
    volatilityLevel: random.logNormal(0, 0.05),
    perpetualBasis: 0.0003 * random.normal(),
  };
}

function coinInstruments(coin: CoinModel, drawn: DrawnCoin, asOfMs: number): InstrumentQuote[] {
  const perpetual = {
    kind: "perpetual",
    ...base(coin, `${coin.underlying}-PERPETUAL`, coin.futureSize, drawn.index),
    mark_price: quotedPriceText(drawn.index * (1 + drawn.perpetualBasis), 2, 6),
  };
  const dated = expiriesAfter(asOfMs).flatMap(({ expiryMs, hasFuture }) => {
    const years = (expiryMs - asOfMs) / MS_PER_DAY / DAYS_PER_YEAR;
    const forward = drawn.index * exp(coin.carry * years);
    const name = `${coin.underlying}-${expiryText(expiryMs)}`;
    const expiry = new Date(expiryMs).toISOString();
    const future = {
      kind: "future",
      ...base(coin, name, coin.futureSize, forward),
      mark_price: quotedPriceText(forward, 2, 6),
      expiry,
    };
    const options = optionsOf(coin, drawn, { name, expiry, forward, years });
    return hasFuture ? [future, ...options] : options;
  });
  return [perpetual, ...dated].map((wire) => quote.parse(wire) as InstrumentQuote);
}

function base(coin: CoinModel, instrumentId: string, contractSize: string, forward: number) {
  return {
    instrument_id: instrumentId,
    underlying: coin.underlying,
    settlement: "inverse",
    quote_currency: "USD",
    contract_size: contractSize,
    forward_price: quotedPriceText(forward, 2, 6),
  };
}

interface Expiry {
  readonly name: string;
  readonly expiry: string;
  readonly forward: number;
  readonly years: number;
}

function optionsOf(coin: CoinModel, drawn: DrawnCoin, { name, expiry, forward, years }: Expiry) {
  const atTheMoney = drawn.volatilityLevel * termVolatility(coin, years);
  const deviation = atTheMoney * Math.sqrt(years);
  return strikesAround(coin, forward, deviation).flatMap((strike) => {
    const moneyness = log(strike / forward) / deviation;
    const volatility = atTheMoney * (1 + skew * moneyness + (curvature * moneyness * moneyness) / 2);
    return (["call", "put"] as const).map((optionType) => ({
      kind: "option",
      ...base(coin, `${name}-${strike}-${optionType === "call" ? "C" : "P"}`, "1", forward),
      mark_price: roundedDecimal(
        black76Price(optionType === "call" ? 1 : -1, forward, strike, years, volatility, 1) / forward,
        6,
      ),
      option_type: optionType,
      strike: String(strike),
      expiry,
      mark_volatility: roundedDecimal(volatility, 4),
    }));
  });
}

function termVolatility(coin: CoinModel, years: number): number {
  const nearness = exp((-years * DAYS_PER_YEAR) / volatilityTermDays);
  return coin.longVolatility + (coin.shortVolatility - coin.longVolatility) * nearness;
}

function strikesAround(coin: CoinModel, forward: number, deviation: number): number[] {
  const reach = Math.max(leastStrikeReach, strikeDeviations * deviation);
  const low = forward * exp(-reach);
  const high = forward * exp(Math.min(reach, 1.1));
  const step = coin.strikeSteps.find((size) => (high - low) / size <= 2 * strikesPerSide) ?? coin.strikeSteps.at(-1)!;
  const strikes: number[] = [];
  for (let strike = Math.max(1, Math.floor(low / step)) * step; strike <= high + step; strike += step)
    strikes.push(strike);
  return strikes;
}

const expiryHourUtc = 8;
const friday = 5;

/**
 * Returns expiries at 08:00 UTC, as options venues list them. They are the next three days, the next three Fridays, and
 * the last Friday of each of the next three months and the next three quarters.
 */
function expiriesAfter(asOfMs: number): { expiryMs: number; hasFuture: boolean }[] {
  const days: number[] = [];
  const first = new Date(asOfMs);
  first.setUTCHours(expiryHourUtc, 0, 0, 0);
  for (let ahead = 0; ahead <= 400; ahead += 1) {
    const day = first.getTime() + ahead * MS_PER_DAY;
    if (day > asOfMs + MS_PER_DAY / 24) days.push(day);
  }
  const fridays = days.filter((day) => new Date(day).getUTCDay() === friday);
  const lastFridays = fridays.filter((day) => monthOf(day + 7 * MS_PER_DAY) !== monthOf(day));
  const quarterEnds = lastFridays.filter((day) => monthOf(day) % 3 === 2);
  const listed = new Set([
    ...days.slice(0, 3),
    ...fridays.slice(0, 3),
    ...lastFridays.slice(0, 3),
    ...quarterEnds.slice(0, 3),
  ]);
  const withFuture = new Set([...fridays.slice(0, 2), ...lastFridays.slice(0, 3), ...quarterEnds.slice(0, 3)]);
  return [...listed].sort((a, b) => a - b).map((expiryMs) => ({ expiryMs, hasFuture: withFuture.has(expiryMs) }));
}

function monthOf(timeMs: number): number {
  return new Date(timeMs).getUTCMonth();
}
