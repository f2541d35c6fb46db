import { applyEvent, type LedgerAccount, type LedgerEvent } from "@plimsoll/ledger";
import { type Instrument, type MarketSnapshot, marksByInstrument, nearestWords } from "@plimsoll/risk";
import { limits, positivePrice, priceText, type WhatIfRequest } from "@plimsoll/schema";

export type WhatIfChanges = WhatIfRequest["changes"];

/** A change that the ledger would refuse, by its place in the request. */
export interface RejectedChange {
  readonly kind: "rejected";
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
}

/** The instruments of a snapshot and their marks, looked up by id. */
export interface Listing {
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly marks: ReadonlyMap<string, number>;
  /** Cumulative funding of the perpetuals that state it. */
  readonly funding: ReadonlyMap<string, number>;
}

const listings = new WeakMap<MarketSnapshot, Listing>();

/** Returns the instruments of a snapshot, prepared once for each. */
export function listingOf(snapshot: MarketSnapshot): Listing {
  const known = listings.get(snapshot);
  if (known !== undefined) return known;
  const quoted = [...snapshot.instruments, ...(snapshot.lapsed ?? []).map((lapsed) => lapsed.quoted)];
  const listing = {
    instruments: new Map(quoted.map(({ instrument }) => [instrument.instrumentId, instrument])),
    marks: marksByInstrument(snapshot),
    funding: new Map(
      quoted.flatMap(({ instrument, funding }): [string, number][] =>
        typeof funding?.cumulative === "number" ? [[instrument.instrumentId, funding.cumulative]] : [],
      ),
    ),
  };
  listings.set(snapshot, listing);
  return listing;
}

type UnplacedEvent = LedgerEvent extends infer Event ? Omit<Event & object, "accountId" | "ledgerSequence"> : never;

/**
 * Applies changes to one pool of an account as the ledger would apply the events that report them: transfers, fills,
 * cancelled orders and placed orders, in this order. The account's sequence rises by one for each event.
 */
export function applyChanges(
  account: LedgerAccount,
  poolId: string,
  changes: WhatIfChanges,
  listing: Listing,
): { readonly kind: "applied"; readonly account: LedgerAccount } | RejectedChange {
  let current = account;
  for (const { event, field } of eventsOf(account, poolId, changes, listing)) {
    if ("remedy" in event) return event;
    const { accountId, ledgerSequence } = current;
    const placed = { ...event, accountId, ledgerSequence: ledgerSequence + 1 } as LedgerEvent;
    const outcome = applyEvent(current, placed, (id) => listing.instruments.get(id), limits);
    if (outcome.kind === "refused") {
      return { kind: "rejected", field: memberOf(field, outcome.field), value: outcome.value, remedy: outcome.problem };
    }
    if (outcome.kind !== "applied") throw new Error(`${accountId}: an event in order was a ${outcome.kind}`);
    current = outcome.account;
  }
  return { kind: "applied", account: current };
}

/** Members of the changes that the ledger names alike in the event of one. */
const changeMembers = ["instrument_id", "quantity", "price", "asset", "amount"];

/** Names the member of the request that a refused event came from; the change as a whole if no member of it is at fault. */
function memberOf(change: string, eventField: string): string {
  if (eventField.startsWith("placed[")) return eventField.replace("placed", change);
  return changeMembers.includes(eventField) ? `${change}.${eventField}` : change;
}

interface NamedEvent {
  readonly field: string;
  readonly event: UnplacedEvent | RejectedChange;
}

function eventsOf(account: LedgerAccount, poolId: string, changes: WhatIfChanges, listing: Listing): NamedEvent[] {
  const { transfers, fills, cancelled_order_ids: cancelledOrderIds, placed_orders } = changes;
  const placed = placed_orders.map(({ order_id, instrument_id, quantity, price }) => {
    return { orderId: order_id, instrumentId: instrument_id, quantity, price };
  });
  return [
    ...transfers.map(({ asset, amount }, index) => ({
      field: `transfers[${index}]`,
      event: { kind: "transfer", poolId, asset, amount } as UnplacedEvent,
    })),
    ...fills.map((fill, index) => ({
      field: `fills[${index}]`,
      event: fillEvent(account, poolId, fill, `fills[${index}]`, listing),
    })),
    ...(cancelledOrderIds.length + placed.length === 0
      ? []
      : [
          {
            field: "placed_orders",
            event: { kind: "orders", poolId, placed, cancelledOrderIds } as UnplacedEvent,
          },
        ]),
  ];
}

/** Builds the event of a trade. A price that is left out is the mark, if a trade can be reported at it. */
function fillEvent(
  account: LedgerAccount,
  poolId: string,
  { instrument_id: instrumentId, quantity, price }: WhatIfChanges["fills"][number],
  field: string,
  { instruments, marks, funding }: Listing,
): UnplacedEvent | RejectedChange {
  const mark = marks.get(instrumentId);
  if (!instruments.has(instrumentId) || (price === undefined && mark === undefined)) {
    const remedy = `an instrument of the snapshot${nearestWords(instrumentId, instruments.keys())}`;
    return { kind: "rejected", field: `${field}.instrument_id`, value: instrumentId, remedy };
  }
  const tradedAt = price ?? priceText(mark ?? Number.NaN);
  if (!positivePrice.safeParse(tradedAt).success) {
    const remedy = `the price of the trade, as no venue reports one at the mark of ${instrumentId}, ${mark}`;
    return { kind: "rejected", field: `${field}.price`, value: "none", remedy };
  }
  const cumulative = funding.get(instrumentId);
  const hasIndex = [account, ...account.pools].some(({ positions }) =>
    positions.some((held) => held.instrumentId === instrumentId && held.fundingIndex !== undefined),
  );
  return {
    kind: "fill",
    poolId,
    instrumentId,
    quantity,
    price: tradedAt,
    orderId: null,
    ...(hasIndex && cumulative !== undefined && { fundingIndex: priceText(cumulative) }),
  } as UnplacedEvent;
}
