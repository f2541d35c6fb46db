import { gainsByReciprocal, hasStrike, type Instrument, settlementCurrency, traitsOf } from "@plimsoll/risk";
import type { Decimal } from "decimal.js";
import type { FillEvent, LedgerBalance, LedgerPosition, SettlementEvent } from "./account.ts";
import { Exact, ledgerPriceText, ledgerText } from "./exact.ts";

/** The effect of a fill: the position after it, and the cash that moves in the settlement currency. */
export interface FillEffect {
  /** It is null if the fill closes the position. */
  readonly position: LedgerPosition | null;
  readonly asset: string;
  /**
   * Signed, positive in favour of the account: realised profit with funding for futures and perpetuals, premium for
   * options.
   */
  readonly cash: string;
}

/** The members of a fill that change the position. */
type Trade = Pick<FillEvent, "instrumentId" | "quantity" | "price" | "fundingIndex">;

/** Applies a trade to the position held before it (null for none). Every rounding goes against the account. */
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
    // A higher entry price is worse for a long, a lower one for a short, for linear and inverse instruments alike.
    const rounding = after.isPositive() ? "up" : "down";
    if (opens) return ledgerPriceText(averageEntry(before, entry, traded, price, instrument), rounding);
    const turned = before.isPositive() !== after.isPositive();
    return ledgerPriceText(turned ? price : entry, rounding);
  }
}

/**
 * Closes a position by a trade at the mark that its instrument has at the settlement price, which is in quote currency
 * per unit of the underlying. The mark of an option is its intrinsic value, which an inverse option pays in coin at
 * that price. Do not use it for perpetual options and power perpetuals, whose marks depend on more than a price.
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

/** Computes the mark at a settlement price, in the unit of the instrument's mark. */
function settledMark(price: Decimal, instrument: Instrument): Decimal {
  if (!hasStrike(instrument)) return price;
  const above = price.minus(instrument.strike);
  const paid = Exact.max(0, instrument.optionType === "call" ? above : above.negated());
  return instrument.settlement === "inverse" ? paid.dividedBy(price) : paid;
}

/**
 * Computes the funding gained since the position last paid, in the settlement currency. A long pays the rise of the
 * cumulative funding. The result is 0 for a position without an index, whose funding the venue books itself.
 */
export function fundingGain(held: LedgerPosition | null, fundingIndex: string): Decimal {
  if (held?.fundingIndex === undefined) return new Exact(0);
  return new Exact(held.quantity).negated().times(new Exact(fundingIndex).minus(held.fundingIndex));
}

/**
 * Computes the part of the held position that a trade closes, with the position's sign. It is 0 if the trade only
 * opens.
 */
function closedQuantity(before: Decimal, traded: Decimal): Decimal {
  if (before.isZero() || before.isPositive() === traded.isPositive()) return new Exact(0);
  const size = Exact.min(before.abs(), traded.abs());
  return before.isPositive() ? size : size.negated();
}

/**
 * Computes the realised profit in the settlement currency: q s (exit - entry) for linear contracts and for perpetuals
 * on a curve, and q s (1/entry - 1/exit) for inverse futures and perpetuals, whose contract size s is in quote
 * currency.
 */
function realisedProfit(closed: Decimal, entry: Decimal, exit: Decimal, instrument: Instrument): Decimal {
  if (closed.isZero()) return closed;
  const size = closed.times(instrument.contractSize);
  if (!gainsByReciprocal(instrument)) return size.times(exit.minus(entry));
  return size.times(exit.minus(entry)).dividedBy(entry.times(exit));
}

/**
 * Computes the entry price at which the joined position has the profit of its two parts. It is the mean weighted by
 * quantity, or the weighted harmonic mean for inverse futures and perpetuals, whose profit depends on 1/price.
 */
function averageEntry(before: Decimal, entry: Decimal, traded: Decimal, price: Decimal, of: Instrument): Decimal {
  const total = before.plus(traded);
  if (gainsByReciprocal(of)) {
    const weighted = before.times(price).plus(traded.times(entry));
    return total.times(entry).times(price).dividedBy(weighted);
  }
  return before.times(entry).plus(traded.times(price)).dividedBy(total);
}

/** Adds cash to a list of balances. The list stays sorted and free of zeros. */
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
