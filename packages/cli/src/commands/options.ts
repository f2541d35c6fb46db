import { positivePrice, symbol } from "@plimsoll/schema";
import { InvalidArgumentError, Option } from "commander";

/** Parses an option that is a whole number within bounds, for commander. */
export function wholeNumber(name: string, low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`${name} must be a whole number from ${low} to ${high}.`);
  };
}

/** The prices that `--price` states, US dollars per unit as decimal text, by currency. */
export type StatedPrices = ReadonlyMap<string, string>;

/** `--price USDT=0.999`, the one way to state what a market does not price. */
export function priceOption(): Option {
  return new Option(
    "--price <prices>",
    "US dollars per unit of what the market does not price, such as USDT=0.999 (stablecoins are at par without; may be repeated)",
  ).argParser(addPrices);
}

function addPrices(text: string, before: StatedPrices = new Map()): StatedPrices {
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
