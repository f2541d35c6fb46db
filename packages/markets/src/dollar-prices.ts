import { groupDigits } from "@plimsoll/calls";
import { InputError } from "@plimsoll/files";
import { PAR } from "@plimsoll/risk";
import { AmountError, positivePrice, quotedPriceText, toNumber } from "@plimsoll/schema";

/** What one unit of `coin` costs according to a source, in units of `currency`. */
export interface PairPrice {
  readonly coin: string;
  readonly currency: string;
  /** Decimal text above zero. */
  readonly price: string;
}

/**
 * What one unit costs in US dollars, as decimal text. The price may rest on a stablecoin without a known price being
 * worth 1 US dollar; `atPar` then names that stablecoin.
 */
export interface DollarPrice {
  readonly priceUsd: string;
  readonly atPar?: string;
}

/** What the caller asks of a market, beside what the market's source says. */
export interface MarketTerms {
  /** Prices that the user states, by currency: US dollars per unit, as decimal text. */
  readonly prices: ReadonlyMap<string, string>;
  /** Stablecoins of the US dollar. Each may be taken at par where nothing else prices it. */
  readonly pegged: ReadonlySet<string>;
  /** Currencies that the question is about, beside those that the market names. */
  readonly held: ReadonlySet<string>;
}

/** The decimals of a price computed as a ratio. A ratio below 1 has as many significant digits instead. */
const ratioDecimals = 6;
const productDigits = 12;

/**
 * Returns the price in US dollars per unit of every coin and currency that the pairs name, as far as it can be known. A
 * price comes from the first of these that gives one:
 *
 * 1. Pairs in US dollars count first, and then pairs of which one side is known.
 * 2. Next come the prices that the user states, and the pairs that these make known.
 * 3. What is pegged and has no price yet is taken at par.
 *
 * Several stablecoins may be tied to each other by pairs. Then only the dearest of them is taken at par and the others
 * are worth less by their ratios, so that par hides no depeg. If a price follows in two ways, the earlier pair wins.
 * Throws an `InputError` if the user states a price that the market has, in dollars or in another currency. It also
 * throws one if a stated price already follows from another stated price.
 */
export function findDollarPrices(pairs: readonly PairPrice[], terms: MarketTerms): Map<string, DollarPrice> {
  const known = new Map<string, DollarPrice>([["USD", { priceUsd: "1" }]]);
  spread(known, pairs);
  for (const [currency, priceUsd] of terms.prices) {
    const own = known.get(currency);
    if (own !== undefined) throw alreadyPriced(currency, priceUsd, own.priceUsd);
    const pair = pairs.find(({ coin }) => coin === currency);
    if (pair !== undefined) throw pricedIn(pair, priceUsd);
    known.set(currency, { priceUsd });
    spread(known, pairs);
  }
  const named = new Set([...pairs.flatMap(({ coin, currency }) => [currency, coin]), ...terms.held]);
  for (const coin of [...named].filter((name) => terms.pegged.has(name)).sort()) {
    if (known.has(coin)) continue;
    const dearest = dearestBeside(coin, pairs, terms.pegged);
    known.set(dearest, { priceUsd: String(PAR), atPar: dearest });
    spread(known, pairs);
  }
  known.delete("USD");
  return known;
}

/** Returns the error for a stated price of a currency that the market prices itself, in US dollars. */
export function alreadyPriced(currency: string, stated: string, own: string): InputError {
  const message = `--price ${currency}=${stated}: the market prices ${currency} itself, at ${own}; leave it out`;
  return new InputError(message, { mistakeIn: "request" });
}

/**
 * Returns the error for a stated price of a coin that the market prices in another currency. The user is to state the
 * price of that other currency.
 */
export function pricedIn({ coin, currency, price }: PairPrice, stated: string): InputError {
  const message = `--price ${coin}=${stated}: the market has ${coin} at ${groupDigits(price)} ${currency}; leave it out, and state with --price what the market does not price, such as ${currency}`;
  return new InputError(message, { mistakeIn: "request" });
}

/**
 * Prices everything that the pairs connect to a known price. It goes through the pairs in order, and again while it
 * learns more.
 */
function spread(known: Map<string, DollarPrice>, pairs: readonly PairPrice[]): void {
  for (let before = -1; before < known.size; ) {
    before = known.size;
    for (const { coin, currency, price } of pairs) {
      const [ofCoin, ofCurrency] = [known.get(coin), known.get(currency)];
      if (ofCoin === undefined && ofCurrency !== undefined) {
        learn(known, coin, ofCurrency, () => product(price, ofCurrency.priceUsd));
      } else if (ofCoin !== undefined && ofCurrency === undefined) {
        learn(known, currency, ofCoin, () => ratio(ofCoin.priceUsd, price));
      }
    }
  }
}

/**
 * Adds a price under `name`. It adds nothing if no quote could carry the figure, because it is too small or too large.
 */
function learn(known: Map<string, DollarPrice>, name: string, from: DollarPrice, priceOf: () => string): void {
  try {
    const price = positivePrice.safeParse(priceOf());
    if (price.success) known.set(name, { ...from, priceUsd: price.data });
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
  }
}

/** Returns the stablecoin with the highest price among `coin` and those that pairs connect to it. */
function dearestBeside(coin: string, pairs: readonly PairPrice[], pegged: ReadonlySet<string>): string {
  const relative = new Map<string, DollarPrice>([[coin, { priceUsd: "1" }]]);
  spread(relative, pairs);
  let dearest = coin;
  for (const [name, { priceUsd }] of relative) {
    if (pegged.has(name) && toNumber(priceUsd) > toNumber(relative.get(dearest)!.priceUsd)) dearest = name;
  }
  return dearest;
}

/** Converts a price to US dollars. `priceUsd` is what one unit of the price's currency costs in US dollars. */
export function product(price: string, priceUsd: string): string {
  if (priceUsd === "1") return price;
  return quotedPriceText(toNumber(price) * toNumber(priceUsd), 0, productDigits);
}

function ratio(priceUsd: string, price: string): string {
  return quotedPriceText(toNumber(priceUsd) / toNumber(price), ratioDecimals, ratioDecimals);
}
