import { type MarketSnapshot, type MethodId, marksByInstrument, type QuotedInstrument } from "@plimsoll/risk";
import { priceText } from "@plimsoll/schema";
import fc from "fast-check";
import type { AccountChange } from "./asked-stage.ts";
import { chain } from "./books.ts";
import { collateralSnapshot, tokens } from "./collateral.ts";
import {
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "./market.ts";

const solPrice = 90;

/** Gives a perpetual a stated funding. */
function withFunding(quoted: QuotedInstrument): QuotedInstrument {
  if (quoted.instrument.kind !== "perpetual") return quoted;
  return { ...quoted, funding: { hourlyRate: 0.000_012_5, cumulative: quoted.markPrice / 7 } };
}

/**
 * The chain of two coins with all that a holding can rest on beside it: stated funding, a stablecoin off its par, tokens
 * as collateral, a coin whose prices are blocked, an option without a volatility, and instruments that nobody quotes
 * any more.
 */
export const mixedMarket: MarketSnapshot = (() => {
  const { currencies } = collateralSnapshot({ USDC: 0.9993, DAI: 1.002, ETH: 1_985 });
  const known = new Set([...chain.currencies.map(({ currency }) => currency), "SOL"]);
  const option = { underlying: "BTC", strike: 68_000, expiryMs: expiryInDays(8) } as const;
  const instruments = [
    ...chain.instruments.map(withFunding),
    {
      ...quotedOption({ instrumentId: "NO-VOLATILITY", optionType: "call", ...option }, 67_985, 0.7),
      markVolatility: null,
      volatilitySource: null,
    },
    quotedPerpetual({ instrumentId: "SOL-PERPETUAL", underlying: "SOL" }, solPrice),
  ];
  return {
    ...chain,
    currencies: [
      ...chain.currencies.map((entry) => (entry.currency === "USDC" ? { ...entry, priceUsd: 0.9993 } : entry)),
      ...currencies.filter(({ currency }) => !known.has(currency)),
      { currency: "SOL", priceUsd: solPrice },
    ],
    underlyings: [
      ...chain.underlyings,
      { ...underlyingState("SOL", solPrice), quality: "blocked" as const, qualityReason: "no agreement" },
      underlyingState("USDC", 0.9993),
    ],
    instruments: instruments.sort((a, b) => (a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1)),
    lapsed: [
      {
        quoted: quotedFuture({ instrumentId: "GONE-FUTURE", underlying: "BTC", expiryMs: expiryInDays(20) }, 67_985),
        indexPrice: 67_985,
        markedAtMs: chain.asOfMs - 60_000,
      },
    ],
    tokens,
  };
})();

/** A market of one perpetual at a round price, in which margins are whole cents. */
export const roundMarket: MarketSnapshot = marketSnapshot(
  [underlyingState("BTC", 60_000)],
  [quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC" }, 60_000)],
);

const marks = marksByInstrument(mixedMarket);
const quotedIds = [...marks.keys()];

const perpetuals = quotedIds.filter((id) => id.endsWith("PERPETUAL"));

/** Instruments that positions and orders may be in, of which some cannot be margined in full. */
const anyInstrument = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...quotedIds) },
  { weight: 3, arbitrary: fc.constantFrom(...perpetuals) },
  { weight: 1, arbitrary: fc.constantFrom("NO-VOLATILITY", "GONE-FUTURE", "SOL-PERPETUAL") },
);

/** Returns contracts that are worth about so many tenths of a bitcoin or of ten ether. */
function contractsOf(instrumentId: string, tenths: number): string {
  const isDollars = /^(BTC|ETH)-(PERPETUAL|27MAR26)$/.test(instrumentId);
  return String(isDollars ? tenths * 500 : instrumentId.startsWith("ETH") ? tenths : tenths / 10);
}

/** More contracts than any venue has, of which the kernel states no margin. */
const absurd = fc.constant(`9${"0".repeat(27)}`);

const tenths = fc.integer({ min: -40, max: 40 }).filter((count) => count !== 0);

/** A price up to 25 % off the mark. */
const pricedNear = (instrumentId: string) =>
  fc.integer({ min: -25, max: 25 }).map((percent) => {
    const mark = marks.get(instrumentId) ?? 60_000;
    return priceText(Number((Math.max(mark, 1e-8) * (1 + percent / 100)).toPrecision(8)));
  });

const positionIn = (instrument: fc.Arbitrary<string>) =>
  instrument.chain((instrumentId) =>
    fc
      .record({
        count: tenths,
        price: pricedNear(instrumentId),
        hasIndex: fc.boolean(),
        isFaulty: fc.integer({ min: 0, max: 11 }),
      })
      .map(({ count, price, hasIndex, isFaulty }) => ({
        instrument_id: instrumentId,
        quantity: contractsOf(instrumentId, count),
        entry_price: isFaulty === 0 ? "0" : price,
        ...(hasIndex &&
          perpetuals.includes(instrumentId) && { funding_index: priceText((marks.get(instrumentId) ?? 0) / 8) }),
      })),
  );

const order = (orderId: string, instrument = anyInstrument) =>
  instrument.chain((instrumentId) =>
    fc.record({ count: tenths, price: pricedNear(instrumentId) }).map(({ count, price }) => ({
      order_id: orderId,
      instrument_id: instrumentId,
      quantity: contractsOf(instrumentId, count),
      price,
    })),
  );

const asset = fc.constantFrom("USD", "USDC", "BTC", "ETH", "DAI", "WSTETH", "SOL", "ETHUSDCLP", "DOGE");
const worth: Readonly<Record<string, number>> = { BTC: 68_000, ETH: 2_000, WSTETH: 2_400, SOL: 90, ETHUSDCLP: 100 };

/** A balance or a transfer worth up to 400,000 US dollars; one in four is negative. */
const amountOf = (of: string) =>
  fc
    .oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 400_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -50_000, max: -1 }) },
    )
    .map((usd) => (usd / (worth[of] ?? 1)).toFixed(4))
    .filter((text) => Number(text) !== 0);
const balance = asset.chain((of) => amountOf(of).map((amount) => ({ asset: of, amount })));

const orderIds = ["o1", "o2", "o3"];
const someOrders = fc
  .subarray(orderIds)
  .chain((ids) => fc.tuple(...ids.map((id) => order(id))) as fc.Arbitrary<readonly OrderWire[]>);

export type OrderWire = {
  readonly order_id: string;
  readonly instrument_id: string;
  readonly quantity: string;
  readonly price: string;
};

export type PoolWire = {
  readonly pool_currency: string;
  readonly method_id: MethodId;
  readonly collateral: readonly { readonly asset: string; readonly amount: string }[];
  readonly positions: readonly {
    readonly instrument_id: string;
    readonly quantity: string;
    readonly entry_price: string;
    readonly funding_index?: string;
  }[];
  readonly open_orders: readonly OrderWire[];
};

const contentsOf = (methodId: MethodId, instrument = anyInstrument): fc.Arbitrary<PoolWire> =>
  fc.record({
    pool_currency: fc.constantFrom("USD", "USDC", "BTC"),
    method_id: fc.constant(methodId),
    collateral: fc.uniqueArray(balance, { maxLength: 4, selector: (held) => held.asset }),
    positions: fc.uniqueArray(positionIn(instrument), { maxLength: 6, selector: (held) => held.instrument_id }),
    open_orders: someOrders,
  });

/** The members of an account_state: a cross pool, mostly another one beside it, and an isolated one. */
export type AccountWire = PoolWire & {
  readonly kind: "account_state";
  readonly pools: readonly (PoolWire & { readonly pool_id: string; readonly pool_kind: string })[];
};

/** The instruments that a method margins in full. */
const soundInstruments = (methodId: MethodId) =>
  fc.constantFrom(
    ...quotedIds.filter((id) => {
      const isFuture = id.includes("27MAR26");
      if (["NO-VOLATILITY", "SOL-PERPETUAL"].includes(id)) return false;
      if (methodId.startsWith("derive")) return !isFuture;
      return methodId !== "account_ratio" || isFuture || id.endsWith("PERPETUAL");
    }),
  );

/** Draws what a pool holds that its method margins in full. */
export const soundPortfolio = (methodId: MethodId): fc.Arbitrary<PoolWire> =>
  contentsOf(methodId, soundInstruments(methodId)).map((contents) => ({
    ...contents,
    pool_currency: methodId.startsWith("derive") && contents.pool_currency === "BTC" ? "USD" : contents.pool_currency,
    collateral: contents.collateral.filter(({ asset: held }) => !["SOL", "DOGE"].includes(held)),
    positions: contents.positions
      .filter((held) => held.entry_price !== "0")
      .map(({ funding_index: _, ...held }) => held),
    open_orders: [],
  }));

/** Draws orders that a method margins in full, under the ids new0, new1 and new2. */
export const soundOrders = (methodId: MethodId): fc.Arbitrary<readonly OrderWire[]> =>
  fc
    .tuple(fc.nat({ max: 2 }), ...["new0", "new1", "new2"].map((id) => order(id, soundInstruments(methodId))))
    .map(([last, ...orders]) => orders.slice(0, last + 1));

/** The parts of the changes of one pool as `POST /v1/margin/simulate` takes them. */
export interface ChangesWire {
  readonly transfers: readonly { readonly asset: string; readonly amount: string }[];
  readonly fills: readonly { readonly instrument_id: string; readonly quantity: string; readonly price?: string }[];
  readonly cancelled_order_ids: readonly string[];
  readonly placed_orders: readonly OrderWire[];
}

const isolatedIn = (contents: PoolWire): PoolWire => {
  const [first] = contents.positions;
  return {
    ...contents,
    positions: first === undefined ? [] : [first],
    open_orders: contents.open_orders.filter(({ instrument_id }) => instrument_id === first?.instrument_id),
  };
};

export const accountOf = (methodId: MethodId): fc.Arbitrary<AccountWire> =>
  fc
    .record({ cross: contentsOf(methodId), beside: contentsOf(methodId), isolated: contentsOf(methodId) })
    .map(({ cross, beside, isolated }) => ({
      kind: "account_state",
      ...cross,
      pools: [
        { pool_id: "beside", pool_kind: "cross", ...beside },
        { pool_id: "one", pool_kind: "isolated", ...isolatedIn(isolated) },
      ],
    }));

export const poolOf = (account: AccountWire, poolId: string): PoolWire =>
  account.pools.find(({ pool_id }) => pool_id === poolId) ?? account;

/** Draws changes of a pool: fills of what it holds, of what it does not hold, and fills that close. */
export function changesOf({ positions }: PoolWire): fc.Arbitrary<ChangesWire> {
  const newFill = anyInstrument.chain((instrumentId) =>
    fillOf(
      instrumentId,
      tenths.map((count) => contractsOf(instrumentId, count)),
    ),
  );
  const heldFills = positions.map(({ instrument_id, quantity }) =>
    fillOf(
      instrument_id,
      fc.constantFrom(-1, -0.5, 0.5, -2).map((share) => String(Number((Number(quantity) * share).toFixed(6)))),
    ),
  );
  const absurdFill = anyInstrument.chain((instrumentId) => fillOf(instrumentId, absurd));
  return fc.record({
    transfers: fc.array(balance, { maxLength: 2 }),
    fills: fc.array(
      fc.oneof({ weight: 6, arbitrary: fc.oneof(newFill, ...heldFills) }, { weight: 1, arbitrary: absurdFill }),
      { maxLength: 3 },
    ),
    cancelled_order_ids: fc.subarray(["o1", "o9"]),
    placed_orders: fc
      .subarray(["o1", "o2", "o4"])
      .chain((ids) => fc.tuple(...ids.map((id) => order(id))) as fc.Arbitrary<readonly OrderWire[]>),
  });
}

function fillOf(instrumentId: string, quantity: fc.Arbitrary<string>) {
  return fc
    .record({ quantity, price: fc.option(pricedNear(instrumentId)) })
    .map(({ quantity, price }) => ({ instrument_id: instrumentId, quantity, ...(price !== null && { price }) }));
}

/**
 * Returns the events by which a venue would report these changes. A trade without a price was at the mark. The venue
 * states the cumulative funding of a perpetual if the account has paid up to an index of it.
 */
export function eventsOf(
  account: AccountWire,
  poolId: string,
  changes: ChangesWire,
  market: MarketSnapshot,
): AccountChange[] {
  const { transfers, fills, cancelled_order_ids, placed_orders } = changes;
  const markOf = marksByInstrument(market);
  const fundingOf = new Map(
    market.instruments.map(({ instrument, funding }) => [instrument.instrumentId, funding?.cumulative ?? null]),
  );
  const indexed = new Set(
    [account, ...account.pools].flatMap(({ positions }) =>
      positions.filter((held) => held.funding_index !== undefined).map((held) => held.instrument_id),
    ),
  );
  return [
    ...transfers.map((transfer) => ({ kind: "transfer", pool_id: poolId, ...transfer })),
    ...fills.map(({ instrument_id, quantity, price }) => {
      const cumulative = fundingOf.get(instrument_id) ?? null;
      return {
        kind: "fill",
        pool_id: poolId,
        instrument_id,
        quantity,
        price: price ?? priceText(markOf.get(instrument_id) ?? 0),
        ...(indexed.has(instrument_id) && cumulative !== null && { funding_index: priceText(cumulative) }),
      };
    }),
    ...(cancelled_order_ids.length + placed_orders.length === 0
      ? []
      : [{ kind: "orders", pool_id: poolId, placed: placed_orders, cancelled_order_ids }]),
  ];
}
