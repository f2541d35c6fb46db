import type { Instrument } from "./instrument.ts";

export type ProductKind = Instrument["kind"];

/**
 * What the code asks about a product, whatever else it is. A caller asks for the trait that it means, never for the kind, so
 * that a new product is a new row of `productTraits` beside its pricing.
 */
export interface ProductTraits {
  /** What messages call it. */
  readonly name: string;
  /**
   * How its value follows the market. `delta_one`: in proportion to its own price. `black_76`: Black-76 on the forward of its
   * expiry. `perpetual_model`: by the model of its kind in `perpetuals`, on the index. The last two bend with the price, so
   * that they need a volatility and are revalued in full in each scenario.
   */
  readonly valuation: "delta_one" | "black_76" | "perpetual_model";
  /** It ends at `expiryMs`, where it settles on the index or on its average; what is not dated never expires. */
  readonly isDated: boolean;
  /** It is a call or put with a strike: it may be worth nothing, and it stands for its whole contract size in a notional. */
  readonly hasStrike: boolean;
  /**
   * The buyer pays its price at once and can lose no more than that: a position is worth its mark, whatever it was entered at.
   * Of anything else a position is worth what it has gained since its entry price.
   */
  readonly isPaidFor: boolean;
  /**
   * Unit of the mark and of the contract size of a coin-settled contract. `quote_currency`: both in the quote currency, so
   * that it gains coin with 1 / price. `settlement_currency`: the mark in coin and the size in units of the underlying. Linear
   * contracts are marked in the quote currency either way.
   */
  readonly coinSettledIn: "quote_currency" | "settlement_currency";
  /** A settlement price alone says what it pays; what has none can only be closed by a trade. */
  readonly isSettledByPrice: boolean;
  /** What its holders pay each other while they hold it. `stated_rate`: a share of the value, where the venue states a rate. */
  readonly funding: "none" | "stated_rate" | "mark_less_payoff";
}

/** The traits that the terms of an instrument decide: a row that contradicts the terms of its kind does not compile. */
interface TraitsOfTerms<Terms> {
  readonly isDated: Terms extends { readonly expiryMs: number } ? true : false;
  readonly hasStrike: Terms extends { readonly strike: number; readonly optionType: "call" | "put" } ? true : false;
}

/** The one place that says what a kind of instrument is like. */
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

/** An instrument, or anything else that says which kind of product it is: a quote, a name that was read. */
interface OfKind {
  readonly kind: ProductKind;
}

type KindWith<Traits> = {
  [Kind in ProductKind]: (typeof productTraits)[Kind] extends Traits ? Kind : never;
}[ProductKind];

/** Those of a union of products whose row has these traits. */
type With<Traits, Product extends OfKind> = Extract<Product, { readonly kind: KindWith<Traits> }>;

/** Instruments whose value bends with the price and that never expire: perpetual options and power perpetuals. */
export type CurvedPerpetual = With<{ readonly valuation: "perpetual_model" }, Instrument>;

/** Calls and puts of every kind. */
export type StrikeInstrument = With<{ readonly hasStrike: true }, Instrument>;

const kinds = Object.keys(productTraits);
const rows: readonly ProductTraits[] = Object.values(productTraits);

/**
 * The row of a product; throws a RangeError for a kind without one. Inner loops take it once, when a market or book is
 * prepared. It walks over the few kinds, the most listed first: looked up by name, accounts of 20 positions took 5 to 10 % longer
 * to margin by the static and the standard rates.
 */
export function traitsOf({ kind }: OfKind): ProductTraits {
  for (let row = 0; row < kinds.length; row += 1) if (kinds[row] === kind) return rows[row]!;
  throw new RangeError(`No product has the kind ${kind}`);
}

/** Whether it has an expiry. */
export function isDated<Product extends OfKind>(
  product: Product,
): product is With<{ readonly isDated: true }, Product> {
  return traitsOf(product).isDated;
}

/** Whether it has a strike, and with it a side: call or put. */
export function hasStrike<Product extends OfKind>(
  product: Product,
): product is With<{ readonly hasStrike: true }, Product> {
  return traitsOf(product).hasStrike;
}

/** Whether it is valued in proportion to its own price: a future, or a perpetual. */
export function isDeltaOne<Product extends OfKind>(
  product: Product,
): product is With<{ readonly valuation: "delta_one" }, Product> {
  return traitsOf(product).valuation === "delta_one";
}

/** Whether it is an option with an expiry, which Black-76 values on the forward. */
export function isDatedOption<Product extends OfKind>(
  product: Product,
): product is With<{ readonly valuation: "black_76" }, Product> {
  return traitsOf(product).valuation === "black_76";
}

/** Whether it is a perpetual option or a power perpetual: valued by a model of `perpetuals`. */
export function isCurvedPerpetual<Product extends OfKind>(
  product: Product,
): product is With<{ readonly valuation: "perpetual_model" }, Product> {
  return traitsOf(product).valuation === "perpetual_model";
}

/**
 * Whether it gains coin with 1 / price: futures and perpetuals that settle in coin, whose price and contract size are in the
 * quote currency. Anything else gains its size times the change of its mark, in its settlement currency.
 */
export function gainsByReciprocal(product: Pick<Instrument, "kind" | "settlement">): boolean {
  return product.settlement === "inverse" && traitsOf(product).coinSettledIn === "quote_currency";
}

/** When an instrument expires, milliseconds since 1970; Infinity for those that never do. */
export function expiryMsOf(instrument: Instrument): number {
  return isDated(instrument) ? instrument.expiryMs : Number.POSITIVE_INFINITY;
}
