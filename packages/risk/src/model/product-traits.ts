import type { Instrument } from "./instrument.ts";

export type ProductKind = Instrument["kind"];

/**
 * The traits by which the code tells products apart. A caller asks for the trait that it means, never for the kind. A
 * new product is then one new row of `productTraits`, beside its pricing.
 */
export interface ProductTraits {
  /** The name that messages use for the product. */
  readonly name: string;
  /**
   * How the product's value follows the market. A `delta_one` product moves in proportion to its own price. Black-76
   * values a `black_76` product on the forward of its expiry. The model of its kind in `perpetuals` values a
   * `perpetual_model` product on the index. Values of the last two are not linear in the price. They need a volatility
   * and are revalued in full in each scenario.
   */
  readonly valuation: "delta_one" | "black_76" | "perpetual_model";
  /**
   * Whether the product ends at `expiryMs`, where it settles on the index or on its average. A product that is not
   * dated never expires.
   */
  readonly isDated: boolean;
  /**
   * Whether it is a call or a put with a strike. It may be worth nothing, and it stands for its whole contract size in
   * a notional.
   */
  readonly hasStrike: boolean;
  /**
   * Whether the buyer pays the price at once and can lose no more than that. A position is then worth its mark,
   * whatever its entry price. A position in any other product is worth its gain since its entry price.
   */
  readonly isPaidFor: boolean;
  /**
   * The unit of the mark and of the contract size of a coin-settled contract. With `quote_currency` both are in the
   * quote currency, so that it gains coin with 1 / price. With `settlement_currency` the mark is in coin and the size
   * in units of the underlying. Linear contracts are marked in the quote currency either way.
   */
  readonly coinSettledIn: "quote_currency" | "settlement_currency";
  /**
   * Whether a settlement price alone determines the payout. A product without this trait can only be closed by a trade.
   */
  readonly isSettledByPrice: boolean;
  /**
   * The payments between holders while they hold the product. A `stated_rate` is a share of the value, where the venue
   * states a rate.
   */
  readonly funding: "none" | "stated_rate" | "mark_less_payoff";
}

/** The traits that the terms of an instrument decide. A row that contradicts the terms of its kind does not compile. */
interface TraitsOfTerms<Terms> {
  readonly isDated: Terms extends { readonly expiryMs: number } ? true : false;
  readonly hasStrike: Terms extends { readonly strike: number; readonly optionType: "call" | "put" } ? true : false;
}

/** The traits of each kind of instrument. No other place states them. */
export const productTraits = {
  option: {
    name: "option",
    valuation: "black_76",
    isDated: true,
    hasStrike: true,
    isPaidFor: true,
    coinSettledIn: "settlement_currency",
    isSettledByPrice: true,
    funding: "none",
  },
  future: {
    name: "future",
    valuation: "delta_one",
    isDated: true,
    hasStrike: false,
    isPaidFor: false,
    coinSettledIn: "quote_currency",
    isSettledByPrice: true,
    funding: "none",
  },
  perpetual: {
    name: "perpetual",
    valuation: "delta_one",
    isDated: false,
    hasStrike: false,
    isPaidFor: false,
    coinSettledIn: "quote_currency",
    isSettledByPrice: true,
    funding: "stated_rate",
  },
  perpetual_option: {
    name: "perpetual option",
    valuation: "perpetual_model",
    isDated: false,
    hasStrike: true,
    isPaidFor: false,
    coinSettledIn: "settlement_currency",
    isSettledByPrice: false,
    funding: "mark_less_payoff",
  },
  power_perpetual: {
    name: "power perpetual",
    valuation: "perpetual_model",
    isDated: false,
    hasStrike: false,
    isPaidFor: false,
    coinSettledIn: "settlement_currency",
    isSettledByPrice: false,
    funding: "mark_less_payoff",
  },
} as const satisfies {
  readonly [Kind in ProductKind]: ProductTraits & TraitsOfTerms<Extract<Instrument, { readonly kind: Kind }>>;
};

/** Any value that tells its kind of product, such as an instrument, a quote or a parsed name. */
interface OfKind {
  readonly kind: ProductKind;
}

type KindWith<Traits> = {
  [Kind in ProductKind]: (typeof productTraits)[Kind] extends Traits ? Kind : never;
}[ProductKind];

/** The members of a union of products whose row has these traits. */
type With<Traits, Product extends OfKind> = Extract<Product, { readonly kind: KindWith<Traits> }>;

/** Instruments that never expire and whose value is not linear in the price: perpetual options and power perpetuals. */
export type CurvedPerpetual = With<{ readonly valuation: "perpetual_model" }, Instrument>;

/** Calls and puts of every kind. */
export type StrikeInstrument = With<{ readonly hasStrike: true }, Instrument>;

const kinds = Object.keys(productTraits);
const rows: readonly ProductTraits[] = Object.values(productTraits);

/**
 * Returns the row of a product, and throws a RangeError for a kind without one. Inner loops take the row once, when a
 * market or book is prepared. The function walks over the few kinds, the most common first. A look-up by name made
 * pools of 20 positions take 5 to 10 % longer to margin by the static and the standard rates.
 */
export function traitsOf({ kind }: OfKind): ProductTraits {
  for (let row = 0; row < kinds.length; row += 1) if (kinds[row] === kind) return rows[row]!;
  throw new RangeError(`No product has the kind ${kind}`);
}

/** Returns whether the product has an expiry. */
export function isDated<Product extends OfKind>(
  product: Product,
): product is With<{ readonly isDated: true }, Product> {
  return traitsOf(product).isDated;
}

/** Returns whether the product has a strike, and therefore is a call or a put. */
export function hasStrike<Product extends OfKind>(
  product: Product,
): product is With<{ readonly hasStrike: true }, Product> {
  return traitsOf(product).hasStrike;
}

/** Returns whether the product is valued in proportion to its own price, as a future or a perpetual is. */
export function isDeltaOne<Product extends OfKind>(
  product: Product,
): product is With<{ readonly valuation: "delta_one" }, Product> {
  return traitsOf(product).valuation === "delta_one";
}

/** Returns whether the product is an option with an expiry, which Black-76 values on the forward. */
export function isDatedOption<Product extends OfKind>(
  product: Product,
): product is With<{ readonly valuation: "black_76" }, Product> {
  return traitsOf(product).valuation === "black_76";
}

/** Returns whether the product is a perpetual option or a power perpetual, which a model of `perpetuals` values. */
export function isCurvedPerpetual<Product extends OfKind>(
  product: Product,
): product is With<{ readonly valuation: "perpetual_model" }, Product> {
  return traitsOf(product).valuation === "perpetual_model";
}

/**
 * Returns whether the product gains coin with 1 / price. This holds for futures and perpetuals that settle in coin,
 * whose price and contract size are in the quote currency. Any other product gains its size times the change of its
 * mark, in its settlement currency.
 */
export function gainsByReciprocal(product: Pick<Instrument, "kind" | "settlement">): boolean {
  return product.settlement === "inverse" && traitsOf(product).coinSettledIn === "quote_currency";
}

/** Returns when an instrument expires, in milliseconds since 1970, or Infinity for one that never does. */
export function expiryMsOf(instrument: Instrument): number {
  return isDated(instrument) ? instrument.expiryMs : Number.POSITIVE_INFINITY;
}
