import { positivePrice, symbol } from "@plimsoll/schema";
import { InvalidArgumentError } from "commander";

/** The prices that `--price` states, by currency, in US dollars per unit as decimal text. */
export type StatedPrices = ReadonlyMap<string, string>;

/** Adds the prices of one `--price` option to those of the options before it. It is a parser for commander. */
export function addPrices(text: string, before: StatedPrices = new Map()): StatedPrices {
  const prices = new Map(before);
  for (const part of text.split(",")) {
    const [name, price, ...rest] = part.split("=");
    const currency = symbol.safeParse(name);
    const stated = positivePrice.safeParse(price);
    const isSound = currency.success && stated.success && rest.length === 0 && name !== "USD";
    if (!isSound || prices.has(currency.data)) {
      throw new InvalidArgumentError(
        "Write it as USDT=0.999, a decimal above 0 and below 10^24, each currency once and USD never.",
      );
    }
    prices.set(currency.data, stated.data);
  }
  return prices;
}
