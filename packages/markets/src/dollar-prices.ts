import { groupDigits } from "@plimsoll/calls";
import { InputError } from "@plimsoll/files";
import { PAR } from "@plimsoll/risk";
import { AmountError, positivePrice, quotedPriceText, toNumber } from "@plimsoll/schema";

/** What a source says that one unit of `coin` costs, in units of `currency`. */
export interface PairPrice {
  readonly coin: string;
  readonly currency: string;
  /** Decimal text above zero. */
  readonly price: string;
}

/** What a unit costs in US dollars, as decimal text; `atPar` names the stablecoin that this takes to be worth 1 without knowing. */
export interface DollarPrice {
  readonly priceUsd: string;
  readonly atPar?: string;
}

/** What is asked of a market beside what its source says. */
export interface MarketTerms {
  /** US dollars per unit that the user states, as decimal text, by currency. */
  readonly prices: ReadonlyMap<string, string>;
  /** Stablecoins of the US dollar, which may be taken at par where nothing prices them. */
  readonly pegged: ReadonlySet<string>;
  /** Currencies that the question is about beside those that the market names. */
  readonly held: ReadonlySet<string>;
}

/** Of a ratio; of one far below 1 as many digits. Kept as they were for stablecoins. */
const ratioDecimals = 6;
const productDigits = 12;

/**
 * US dollars per unit of every coin and currency that the pairs name, as far as it can be known: from pairs in US dollars, then
 * through pairs of which one side is known, then from the prices that the user states. What is left and pegged is taken at par;
 * of several stablecoins that are tied to each other by pairs the dearest is, and the others are worth less by their ratios, so
 * that par hides no depeg. Of two ways to a price the earlier pair wins. Throws an `InputError` where the user states a price
 * that the market has, in dollars or in another currency, or that follows from another that he states.
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

/** The error of a price that is stated for what the market prices itself. */
export function alreadyPriced(currency: string, stated: string, own: string): InputError {
  const message = `--price ${currency}=${stated}: the market prices ${currency} itself, at ${own}; leave it out`;
  return new InputError(message, { mistakeIn: "request" });
}

/** The error of a price that is stated for what the market prices in a currency: that currency's is the one to state. */
export function pricedIn({ coin, currency, price }: PairPrice, stated: string): InputError {
  const message = `--price ${coin}=${stated}: the market has ${coin} at ${groupDigits(price)} ${currency}; leave it out, and state with --price what the market does not price, such as ${currency}`;
  return new InputError(message, { mistakeIn: "request" });
}

/** Prices everything that pairs tie to what is known, nearest first, in the order of the pairs. */
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

/** A figure that no quote could carry, below its last decimal or beyond the largest amount, is no price. */
function learn(known: Map<string, DollarPrice>, name: string, from: DollarPrice, priceOf: () => string): void {
  try {
    const price = positivePrice.safeParse(priceOf());
    if (price.success) known.set(name, { ...from, priceUsd: price.data });
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
  }
}

/** The stablecoin with the highest price among those that pairs tie to one of them; itself where it is the only one. */
function dearestBeside(coin: string, pairs: readonly PairPrice[], pegged: ReadonlySet<string>): string {
  const relative = new Map<string, DollarPrice>([[coin, { priceUsd: "1" }]]);
  spread(relative, pairs);
  let dearest = coin;
  for (const [name, { priceUsd }] of relative) {
    if (pegged.has(name) && toNumber(priceUsd) > toNumber(relative.get(dearest)!.priceUsd)) dearest = name;
  }
  return dearest;
}

/** The price of something, in what costs `priceUsd`, in US dollars. */
export function product(price: string, priceUsd: string): string {
  if (priceUsd === "1") return price;
  return quotedPriceText(toNumber(price) * toNumber(priceUsd), 0, productDigits);
}

function ratio(priceUsd: string, price: string): string {
  return quotedPriceText(toNumber(priceUsd) / toNumber(price), ratioDecimals, ratioDecimals);
}
