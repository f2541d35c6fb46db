import { positivePrice, symbol } from "@plimsoll/schema";
import { InvalidArgumentError } from "commander";

/** The prices that `--price` states, US dollars per unit as decimal text, by currency. */
export type StatedPrices = ReadonlyMap<string, string>;

/** Adds what one `--price` states to the prices of those before it; parses for commander. */
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
