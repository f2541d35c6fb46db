import { accountPools, applyEvent, type LedgerAccount, type LedgerEvent } from "@plimsoll/ledger";
import { createMarginEngine, crossPoolId, defaultParameters, type Instrument, severityOf } from "@plimsoll/risk";
import { kernelPools } from "@plimsoll/schema";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

const runs = { seed: 20260205, numRuns: 200 };
const Exact = Decimal.clone({ precision: 100 });
const limits = {
  positionsPerAccount: 20,
  openOrdersPerAccount: 50,
  poolsPerAccount: 5,
  collateralAssets: 5,
  firstLedgerSequence: 1_000,
  ledgerSequenceJump: 100,
};

const poolIds = [crossPoolId, "P", "Q"] as const;
const perpetual = { kind: "perpetual", underlying: "BTC", settlement: "linear", quoteCurrency: "USD" } as const;
const findInstrument = (instrumentId: string): Instrument => ({ ...perpetual, instrumentId, contractSize: 1 });

const opened: LedgerAccount = {
  accountId: "a",
  poolCurrency: "USD",
  methodId: "portfolio",
  ledgerSequence: 1,
  collateral: [{ asset: "USD", amount: "1000" }],
  positions: [],
  openOrders: [],
  pools: (["P", "Q"] as const).map((poolId) => ({
    poolId,
    poolKind: "isolated",
    poolCurrency: "USD",
    methodId: "portfolio",
    collateral: [],
    positions: [],
    openOrders: [],
  })),
};

const poolId = fc.constantFrom(...poolIds);
const amount = fc
  .bigInt({ min: 1n, max: 10n ** 22n })
  .map((units) => new Exact(units.toString()).div("1e18").toFixed());
const quantity = fc.integer({ min: -5, max: 5 }).filter((count) => count !== 0);
const price = fc.integer({ min: 1, max: 100_000 }).map(String);
const orderId = fc.integer({ min: 1, max: 6 }).map(String);

/** Any event but a state, of one of three pools that each trade an instrument of their own. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("transfer" as const), poolId, asset: fc.constant("USD"), amount }),
  fc
    .tuple(fc.subarray([...poolIds], { minLength: 2, maxLength: 2 }), amount, fc.boolean())
    .map(([ids, moved, isBack]) => {
      const [from = "", to = ""] = isBack ? ids.toReversed() : ids;
      return { kind: "pool_transfer" as const, asset: "USD", amount: moved, fromPoolId: from, toPoolId: to };
    }),
  fc.record({ poolId, quantity, price, orderId: fc.option(orderId) }).map((fill) => ({
    kind: "fill" as const,
    ...fill,
    quantity: String(fill.quantity),
    instrumentId: `I-${fill.poolId}`,
  })),
  fc
    .record({ poolId, placed: fc.uniqueArray(orderId, { maxLength: 3 }), quantity, price, cancelled: orderId })
    .map(({ poolId: own, placed, quantity: count, price: limit, cancelled }) => ({
      kind: "orders" as const,
      poolId: own,
      placed: placed.map((id) => ({ orderId: id, instrumentId: `I-${own}`, quantity: String(count), price: limit })),
      cancelledOrderIds: placed.includes(cancelled) ? [] : [cancelled],
    })),
);

/** The events in turn; one that is refused leaves its sequence to the next. */
function numbered(changes: readonly (typeof change extends fc.Arbitrary<infer Change> ? Change : never)[]) {
  const events: LedgerEvent[] = [];
  const account = changes.reduce<LedgerAccount>((held, one) => {
    const event: LedgerEvent = { accountId: "a", ledgerSequence: held.ledgerSequence + 1, ...one };
    const outcome = applyEvent(held, event, findInstrument, limits);
    if (outcome.kind !== "applied") return held;
    events.push(event);
    return outcome.account;
  }, opened);
  return { events, account };
}

const market = marketSnapshot(
  [underlyingState("BTC", 70_000)],
  poolIds.map((id) => quotedPerpetual({ instrumentId: `I-${id}`, underlying: "BTC" }, 70_000)),
);
const engine = createMarginEngine(market, defaultParameters);

/** Everything the kernel says of one pool. */
function figuresOf(account: LedgerAccount, id: string) {
  const known = kernelPools(account).find((one) => one.poolId === id);
  if (known === undefined) throw new Error(`no pool ${id}`);
  const result = engine.margin(known.pool);
  if (result.status === "not_margined") throw new Error(result.field);
  const projected = engine.projectMargin(known.pool, known.openOrders);
  const { initialMargin, maintenanceMargin, marginBalance, equity } = result;
  const severity = severityOf(result, defaultParameters.severity);
  return { initialMargin, maintenanceMargin, marginBalance, equity, severity, projected };
}

function totalUsd(account: LedgerAccount): Decimal {
  return accountPools(account)
    .flatMap(({ collateral }) => collateral)
    .reduce((sum, balance) => sum.plus(balance.amount), new Exact(0));
}

describe("an account of several pools", () => {
  it("comes out the same however its events are repeated, delayed and shuffled (I1, I11; seen to fail without the duplicate check of applyEvent)", () => {
    const delivered = fc
      .array(change, { minLength: 1, maxLength: 12 })
      .map(numbered)
      .chain(({ events, account }) => {
        const twice = [...events, ...events, ...events];
        const shuffled = fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length });
        return fc.tuple(fc.constant(events), fc.constant(account), shuffled);
      });
    fc.assert(
      fc.property(delivered, ([events, account, messages]) => {
        // A queue gives back what came too early, until it fits.
        let held = opened;
        for (let round = 0; round < events.length; round += 1) {
          for (const event of messages) {
            const outcome = applyEvent(held, event, findInstrument, limits);
            if (outcome.kind === "applied") held = outcome.account;
            else expect(outcome.kind).toBe(event.ledgerSequence <= held.ledgerSequence ? "duplicate" : "gap");
          }
        }
        expect(held).toEqual(account);
      }),
      runs,
    );
  });

  it("keeps every unit of collateral that is moved between its pools", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const { events } = numbered(changes);
        events.reduce<LedgerAccount>((held, event) => {
          const outcome = applyEvent(held, event, findInstrument, limits);
          if (outcome.kind !== "applied") throw new Error(outcome.kind);
          if (event.kind === "pool_transfer") expect(totalUsd(outcome.account).eq(totalUsd(held))).toBe(true);
          return outcome.account;
        }, opened);
      }),
      runs,
    );
  });

  it("pays for a pool with nothing but its own collateral: no other pool changes its margin or severity", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.constantFrom("P", "Q"), amount, (changes, own, deposit) => {
        const { account } = numbered(changes);
        const before = figuresOf(account, own);
        for (const { poolId: other } of accountPools(account)) {
          if (other === own) continue;
          const event: LedgerEvent = {
            kind: "transfer",
            accountId: "a",
            ledgerSequence: account.ledgerSequence + 1,
            poolId: other,
            asset: "USD",
            amount: deposit,
          };
          const outcome = applyEvent(account, event, findInstrument, limits);
          if (outcome.kind !== "applied") throw new Error(outcome.kind);
          expect(figuresOf(outcome.account, own)).toEqual(before);
        }
        // The same pool alone in the account: nothing else was counted.
        const emptied = { ...account, collateral: [], positions: [], openOrders: [] };
        const alone = { ...emptied, pools: account.pools.filter((pool) => pool.poolId === own) };
        expect(figuresOf(alone, own)).toEqual(before);
      }),
      runs,
    );
  });

  it("changes no pool that an event does not name", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const { events, account } = numbered(changes);
        const named = new Set(events.flatMap((event) => ("poolId" in event ? [event.poolId] : [])));
        for (const event of events) {
          if (event.kind === "pool_transfer") named.add(event.fromPoolId).add(event.toPoolId);
        }
        for (const [index, pool] of accountPools(account).entries()) {
          if (!named.has(pool.poolId)) expect(pool).toEqual(accountPools(opened)[index]);
        }
      }),
      runs,
    );
  });

  it("never holds an order twice, of nothing, or beyond what was placed", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        for (const { openOrders } of accountPools(numbered(changes).account)) {
          const ids = openOrders.map((order) => order.orderId);
          expect(ids).toEqual([...new Set(ids)].sort());
          for (const order of openOrders) {
            const left = Math.abs(Number(order.quantity));
            expect(left > 0 && left <= 5).toBe(true);
          }
        }
      }),
      runs,
    );
  });
});
