import type { OpenOrder, Pool, QuotedInstrument, Random } from "@plimsoll/risk";

/** An account with its open orders. */
export interface SampleAccount extends Pool {
  readonly openOrders: readonly OpenOrder[];
}

/** The share of accounts with positions that have open orders. Most traders send market orders, which do not rest. */
const orderingShare = 0.1;
const mostOrderedInstruments = 3;
/** The least distance of an order's price from the mark, and how much further it can be, as fractions of the mark. */
const leastDistance = 0.002;
const furtherDistance = 0.03;

/**
 * Draws orders on up to three of the instruments that an account holds. Each order either closes the position or
 * doubles it. Buys rest below the mark and sells above it.
 */
export function drawOrders(
  random: Random,
  { positions }: Pool,
  quotes: ReadonlyMap<string, QuotedInstrument>,
): OpenOrder[] {
  if (positions.length === 0 || !random.chance(orderingShare)) return [];
  const count = Math.min(positions.length, 1 + Math.floor(mostOrderedInstruments * random.uniform()));
  return positions.slice(0, count).flatMap(({ instrumentId, quantity }, index): OpenOrder[] => {
    const quoted = quotes.get(instrumentId);
    if (quoted === undefined) return [];
    const adds = random.chance(0.5);
    const ordered = adds ? quantity : -quantity;
    const distance = leastDistance + furtherDistance * random.uniform();
    const price = quoted.markPrice * (ordered > 0 ? 1 - distance : 1 + distance);
    return [{ orderId: `order-${index + 1}`, instrumentId, quantity: ordered, price: roundPrice(price) }];
  });
}

/** Rounds a price to five significant digits, as the ticks of venues do. */
function roundPrice(price: number): number {
  return Number(price.toPrecision(5));
}
