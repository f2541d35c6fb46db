import { gainsByReciprocal, hasStrike, type Instrument, settlementCurrency, traitsOf } from "@plimsoll/risk";
import type { Decimal } from "decimal.js";
import type { FillEvent, LedgerBalance, LedgerPosition, SettlementEvent } from "./account.ts";
import { Exact, ledgerPriceText, ledgerText } from "./exact.ts";

/** What a fill changes: the position, and the cash it moves in the settlement currency. */
export interface FillEffect {
  /** Null when the fill closes the position. */
  readonly position: LedgerPosition | null;
  readonly asset: string;
  /** Signed, account-positive: realised profit of futures and perpetuals with their funding, premium of options. */
  readonly cash: string;
}

/** What of a fill changes the position. */
type Trade = Pick<FillEvent, "instrumentId" | "quantity" | "price" | "fundingIndex">;

/** Applies a trade to the position held before it (null for none). Every rounding is against the account. */
export function fillEffect(held: LedgerPosition | null, fill: Trade, instrument: Instrument): FillEffect {
  const before = new Exact(held?.quantity ?? 0);
  const traded = new Exact(fill.quantity);
  const price = new Exact(fill.price);
  const after = before.plus(traded);
  const entry = held === null ? price : new Exact(held.entryPrice);
  const gained = traitsOf(instrument).isPaidFor
    ? traded.negated().times(price).times(instrument.contractSize)
    : realisedProfit(closedQuantity(before, traded), entry, price, instrument);
  const cash = fill.fundingIndex === undefined ? gained : gained.plus(fundingGain(held, fill.fundingIndex));
  const paidTo = fill.fundingIndex === undefined ? {} : { fundingIndex: fill.fundingIndex };
  return {
    position: after.isZero()
      ? null
      : { instrumentId: fill.instrumentId, quantity: ledgerText(after, "down"), entryPrice: entryAfter(), ...paidTo },
    asset: settlementCurrency(instrument),
    cash: ledgerText(cash, "down"),
  };

  function entryAfter(): string {
    const opens = before.isZero() || before.isPositive() === traded.isPositive();
    // A higher entry costs a long, a lower one a short, in linear and inverse instruments alike.
    const rounding = after.isPositive() ? "up" : "down";
    if (opens) return ledgerPriceText(averageEntry(before, entry, traded, price, instrument), rounding);
    const turned = before.isPositive() !== after.isPositive();
    return ledgerPriceText(turned ? price : entry, rounding);
  }
}

/**
 * Closes a position at a settlement price, quote currency per unit of the underlying, as a trade at the mark that the instrument
 * has there: an option's is what it is in the money, which an inverse one pays in coin of that price. Not for perpetual options
 * and power perpetuals, whose mark follows from more than a price.
 */
export function settlementEffect(
  held: LedgerPosition,
  { settlementPrice, fundingIndex }: Pick<SettlementEvent, "settlementPrice" | "fundingIndex">,
  instrument: Instrument,
): FillEffect {
  const trade = {
    instrumentId: held.instrumentId,
    quantity: new Exact(held.quantity).negated().toFixed(),
    price: settledMark(new Exact(settlementPrice), instrument).toFixed(),
    ...(fundingIndex !== undefined && { fundingIndex }),
  };
  return fillEffect(held, trade, instrument);
}

/** In the unit of the instrument's mark. */
function settledMark(price: Decimal, instrument: Instrument): Decimal {
  if (!hasStrike(instrument)) return price;
  const above = price.minus(instrument.strike);
  const paid = Exact.max(0, instrument.optionType === "call" ? above : above.negated());
  return instrument.settlement === "inverse" ? paid.dividedBy(price) : paid;
}

/**
 * Gained by funding since the position last paid, settlement currency: a long pays what the cumulative funding has risen by. A
 * position without an index has its funding booked by the venue up to here.
 */
export function fundingGain(held: LedgerPosition | null, fundingIndex: string): Decimal {
  if (held?.fundingIndex === undefined) return new Exact(0);
  return new Exact(held.quantity).negated().times(new Exact(fundingIndex).minus(held.fundingIndex));
}

/** The part of the held position that a trade closes, with the position's sign; 0 when it only opens. */
function closedQuantity(before: Decimal, traded: Decimal): Decimal {
  if (before.isZero() || before.isPositive() === traded.isPositive()) return new Exact(0);
  const size = Exact.min(before.abs(), traded.abs());
  return before.isPositive() ? size : size.negated();
}

/**
 * Settlement currency: q s (exit - entry) where the price is in it, as of linear contracts and perpetuals on a curve; inverse
 * futures and perpetuals q s (1/entry - 1/exit), with s in quote currency.
 */
function realisedProfit(closed: Decimal, entry: Decimal, exit: Decimal, instrument: Instrument): Decimal {
  if (closed.isZero()) return closed;
  const size = closed.times(instrument.contractSize);
  if (!gainsByReciprocal(instrument)) return size.times(exit.minus(entry));
  return size.times(exit.minus(entry)).dividedBy(entry.times(exit));
}

/**
 * Entry at which the joined position has the profit of its parts: weighted by quantity; for inverse futures and
 * perpetuals, whose profit goes with 1/price, the weighted harmonic mean.
 */
function averageEntry(before: Decimal, entry: Decimal, traded: Decimal, price: Decimal, of: Instrument): Decimal {
  const total = before.plus(traded);
  if (gainsByReciprocal(of)) {
    const weighted = before.times(price).plus(traded.times(entry));
    return total.times(entry).times(price).dividedBy(weighted);
  }
  return before.times(entry).plus(traded.times(price)).dividedBy(total);
}

/** Adds cash to a list of balances, which stays sorted and without zeros. */
export function creditBalance(balances: readonly LedgerBalance[], asset: string, cash: string): LedgerBalance[] {
  const held = balances.find((balance) => balance.asset === asset)?.amount ?? "0";
  const amount = ledgerText(new Exact(held).plus(cash), "down");
  const others = balances.filter((balance) => balance.asset !== asset);
  return sortBalances(amount === "0" ? others : [...others, { asset, amount }]);
}

export function sortBalances(balances: readonly LedgerBalance[]): LedgerBalance[] {
  return balances.toSorted((a, b) => (a.asset < b.asset ? -1 : 1));
}

export function sortPositions(positions: readonly LedgerPosition[]): LedgerPosition[] {
  return positions.toSorted((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1));
}
