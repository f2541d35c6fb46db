import { roundedDecimal, type SampleAccount } from "@plimsoll/markets";
import {
  expiryMsOf,
  gainsByReciprocal,
  type Instrument,
  inversePnl,
  linearPnl,
  type Position,
  type QuotedInstrument,
  settledMark,
  settlementCurrency,
  traitsOf,
} from "@plimsoll/risk";
import { type AccountStateEvent, accountState, priceText, toWire } from "@plimsoll/schema";

const settlementDecimals = 8;

/** Returns the event by which an exchange reports an account: its whole state at a ledger sequence. */
export function stateEvent(account: SampleAccount, occurredAtMs: number): AccountStateEvent {
  return accountState.parse({
    ...toWire({
      kind: "account_state",
      schemaVersion: 1,
      ...account,
      collateral: account.collateral.map(({ asset, amount }) => ({ asset, amount: priceText(amount) })),
      positions: account.positions.map(({ instrumentId, quantity, entryPrice }) => ({
        instrumentId,
        quantity: priceText(quantity),
        entryPrice: priceText(entryPrice),
      })),
      openOrders: account.openOrders.map(({ orderId, instrumentId, quantity, price }) => ({
        orderId,
        instrumentId,
        quantity: priceText(quantity),
        price: priceText(price),
      })),
    }),
    occurred_at: new Date(occurredAtMs).toISOString(),
  });
}

/**
 * Settles the positions that have expired by `nowMs`, as an exchange does. Such a position goes, with its orders, and
 * its value is booked to the collateral in the settlement currency, at the next ledger sequence. `settlementPrice` has
 * the index price at which each underlying is settled. The recordings have no delivery prices, so the first index after
 * the expiry stands in. Returns undefined when nothing expired, or when the price for an expired position is missing.
 */
export function settleExpired(
  account: SampleAccount,
  nowMs: number,
  instruments: ReadonlyMap<string, QuotedInstrument>,
  settlementPrice: ReadonlyMap<string, number>,
): SampleAccount | undefined {
  const hasExpired = ({ instrumentId }: { readonly instrumentId: string }) => {
    const instrument = instruments.get(instrumentId)?.instrument;
    return instrument !== undefined && expiryMsOf(instrument) <= nowMs;
  };
  const expired = account.positions.filter(hasExpired);
  if (expired.length === 0) return undefined;
  const balances = new Map(account.collateral.map(({ asset, amount }) => [asset, amount]));
  for (const position of expired) {
    const { instrument } = instruments.get(position.instrumentId)!;
    const price = settlementPrice.get(instrument.underlying);
    if (price === undefined) return undefined;
    const currency = settlementCurrency(instrument);
    const booked = (balances.get(currency) ?? 0) + settlementValue(position, instrument, price);
    balances.set(currency, Number(roundedDecimal(booked, settlementDecimals)));
  }
  return {
    ...account,
    ledgerSequence: account.ledgerSequence + 1,
    collateral: [...balances].map(([asset, amount]) => ({ asset, amount })).filter(({ amount }) => amount !== 0),
    positions: account.positions.filter((position) => !expired.includes(position)),
    openOrders: account.openOrders.filter((order) => !hasExpired(order)),
  };
}

/** Returns what a position pays at expiry, in the settlement currency. A gain is positive. */
function settlementValue({ quantity, entryPrice }: Position, instrument: Instrument, price: number): number {
  const size = quantity * instrument.contractSize;
  const mark = settledMark(instrument, price);
  if (traitsOf(instrument).isPaidFor) return size * mark;
  return (gainsByReciprocal(instrument) ? inversePnl : linearPnl)(size, entryPrice, mark);
}
