/** A stress that has not happened yet. */
export interface Hypothetical {
  readonly id: string;
  readonly label: string;
  /** Fraction of the price by symbol. Symbols that are not named do not move. */
  readonly price: Readonly<Record<string, number>>;
  /** Fraction by which all implied volatilities move: 1 doubles them, -0.5 halves them. */
  readonly volatility: number;
}

/**
 * Move of a gap, down and up. It is our choice: about the worst day of BTC and ETH in the history (-50 % and -53 %).
 */
const gap = 0.5;

/** Move of coins that part or move as one. It is our choice: about twice the worst hour of the recent events. */
const correlatedMove = 0.3;

/**
 * Price of a stablecoin off its peg in US dollars. It is our choice: lower than the low of USDC on 2023-03-11 (0.874 on
 * Kraken).
 */
const brokenPeg = 0.8;

/**
 * Builds the hypothetical stresses: gaps of all coins at once, volatility alone, all coins moving as one, each coin
 * against all others, and each stablecoin off its peg. All figures are our own choice.
 */
export function hypotheticals(coins: readonly string[], stablecoins: readonly string[]): readonly Hypothetical[] {
  const all = (move: number) => Object.fromEntries(coins.map((coin) => [coin, move]));
  const parted = (coin: string, move: number) => ({ ...all(-move), [coin]: move });
  const percent = Math.round(correlatedMove * 100);
  return [
    { id: "gap-down", label: "all coins −50 %, volatility doubled", price: all(-gap), volatility: 1 },
    { id: "gap-up", label: "all coins +50 %, volatility up by half", price: all(gap), volatility: 0.5 },
    { id: "volatility-doubled", label: "volatility doubled, prices unmoved", price: {}, volatility: 1 },
    { id: "volatility-halved", label: "volatility halved, prices unmoved", price: {}, volatility: -0.5 },
    {
      id: "correlation-one-down",
      label: `correlation to one: all coins −${percent} %, volatility unmoved`,
      price: all(-correlatedMove),
      volatility: 0,
    },
    {
      id: "correlation-one-up",
      label: `correlation to one: all coins +${percent} %, volatility unmoved`,
      price: all(correlatedMove),
      volatility: 0,
    },
    // With two coins, one of them down is the same as the other up, so one is enough.
    ...(coins.length < 2 ? [] : coins.length === 2 ? coins.slice(0, 1) : coins).flatMap((coin): Hypothetical[] => [
      {
        id: `correlation-breakdown-${coin}-down`,
        label: `correlation breaks down: ${coin} −${percent} %, all others +${percent} %`,
        price: parted(coin, -correlatedMove),
        volatility: 0,
      },
      {
        id: `correlation-breakdown-${coin}-up`,
        label: `correlation breaks down: ${coin} +${percent} %, all others −${percent} %`,
        price: parted(coin, correlatedMove),
        volatility: 0,
      },
    ]),
    ...stablecoins.map((coin) => ({
      id: `depeg-${coin}`,
      label: `${coin} at ${brokenPeg.toFixed(2)}`,
      price: { [coin]: brokenPeg - 1 },
      volatility: 0,
    })),
  ];
}
