import type { Account, OpenOrder, QuotedInstrument, Random } from "@plimsoll/risk";

/** An account with what it has ordered. */
export interface SampleAccount extends Account {
  readonly openOrders: readonly OpenOrder[];
}

/** Of the accounts that hold positions, this share has orders resting; most traders send theirs at the market. */
const orderingShare = 0.1;
const mostOrderedInstruments = 3;
/** How far from the mark orders rest. */
const leastDistance = 0.002;
const furtherDistance = 0.03;

/** Orders on some of what the account holds: to take profit of a part of it, to add to it, or both. */
export function drawOrders(
  random: Random,
  { positions }: Account,
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

/** Five digits, as a venue's ticks have them. */
function roundPrice(price: number): number {
  return Number(price.toPrecision(5));
}
