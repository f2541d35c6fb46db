import { applyEvent, type LedgerAccount } from "@plimsoll/ledger";
import {
  createMarginEngine,
  defaultParameters,
  type LapsedInstrument,
  type MarketSnapshot,
  methodIds,
  type QuotedInstrument,
} from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chain, propertySettings } from "../support/books.ts";
import { kernelCrossPool } from "../support/kernel-cross-pool.ts";
import { asOfMs, quotedFuture, quotedOption } from "../support/market.ts";

const expiryMs = asOfMs - 30 * 60_000;
const marked = 67_000;

/** A future and options of both kinds that have expired, in dollars and in coin. */
const expired: QuotedInstrument[] = (["linear", "inverse"] as const)
  .flatMap((settlement) => {
    const terms = { underlying: "BTC", settlement, expiryMs } as const;
    const options = (["call", "put"] as const).flatMap((optionType) =>
      [60_000, 67_500].map((strike): QuotedInstrument => {
        const instrumentId = `OLD-${strike}-${optionType}-${settlement}`;
        // Marked while a moment was left of it.
        const alive = { instrumentId, ...terms, optionType, strike, expiryMs: asOfMs + 60_000 } as const;
        const quoted = quotedOption(alive, marked, 0.7);
        return { ...quoted, instrument: { ...alive, kind: "option", quoteCurrency: "USD", contractSize: 1 } };
      }),
    );
    const contractSize = settlement === "linear" ? 1 : 10;
    return [quotedFuture({ instrumentId: `OLD-FUTURE-${settlement}`, ...terms, contractSize }, marked), ...options];
  })
  .map((quoted) => ({ ...quoted, instrument: { ...quoted.instrument, expiryMs } as QuotedInstrument["instrument"] }));

const definitions = new Map(expired.map(({ instrument }) => [instrument.instrumentId, instrument]));
const live = ["BTC-PERPETUAL", "BTC_USDC-PERPETUAL", "BTC-8D-67985-call-inverse", "ETH-8D-1985-put-linear"];

const cents = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((amount) => String(amount / 100));
const lots = fc.integer({ min: -300, max: 300 }).filter((tenths) => tenths !== 0);

/** An account with some of what has expired, and some of what has not. */
const holdings = fc.record({
  usd: cents(-5_000_000, 50_000_000),
  coins: cents(-50, 500),
  old: fc.uniqueArray(
    fc.record({ id: fc.constantFrom(...definitions.keys()), tenths: lots, entry: cents(5_000_000, 8_000_000) }),
    { selector: ({ id }) => id, minLength: 1, maxLength: 6 },
  ),
  held: fc.uniqueArray(fc.record({ id: fc.constantFrom(...live), tenths: lots }), {
    selector: ({ id }) => id,
    maxLength: 3,
  }),
  methodId: fc.constantFrom(...methodIds),
  poolCurrency: fc.constantFrom("USD", "BTC"),
  settlementPrice: cents(5_000_000, 9_000_000),
});

function accountOf({
  usd,
  coins,
  old,
  held,
  methodId,
  poolCurrency,
}: typeof holdings extends fc.Arbitrary<infer T> ? T : never): LedgerAccount {
  const marks = new Map(chain.instruments.map(({ instrument, markPrice }) => [instrument.instrumentId, markPrice]));
  return {
    accountId: "a",
    poolCurrency,
    methodId,
    ledgerSequence: 1,
    collateral: [
      { asset: "BTC", amount: coins },
      { asset: "USD", amount: usd },
    ].filter(({ amount }) => Number(amount) !== 0),
    positions: [
      ...old.map(({ id, tenths, entry }) => ({ instrumentId: id, quantity: String(tenths / 10), entryPrice: entry })),
      ...held.map(({ id, tenths }) => ({
        instrumentId: id,
        quantity: String(tenths / 10),
        entryPrice: (marks.get(id) ?? Number.NaN).toFixed(8),
      })),
    ],
    openOrders: [],
    pools: [],
  };
}

// Seen to fail with the payoff of an option taken at its last mark instead of its settlement price.
describe("settling at the price that is known", () => {
  it("changes no figure of an account, whatever else it holds, beyond the rounding of its cash", () => {
    let margined = 0;
    fc.assert(
      fc.property(holdings, (drawn) => {
        const { settlementPrice } = drawn;
        const lapsed = expired.map(
          (quoted): LapsedInstrument => ({
            quoted,
            indexPrice: marked,
            markedAtMs: expiryMs - 1,
            settlementPrice: Number(settlementPrice),
          }),
        );
        const market: MarketSnapshot = { ...chain, lapsed };
        const engine = createMarginEngine(market, defaultParameters);
        const before = accountOf(drawn);
        const after = drawn.old.reduce((account, { id: instrumentId }) => {
          const outcome = applyEvent(
            account,
            {
              kind: "settlement",
              accountId: "a",
              poolId: "cross",
              ledgerSequence: account.ledgerSequence + 1,
              instrumentId,
              settlementPrice,
            },
            (id) => definitions.get(id),
            limits,
          );
          if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
          return outcome.account;
        }, before);
        expect(after.positions).toHaveLength(drawn.held.length);
        const [unsettled, settled] = [before, after].map((account) => engine.margin(kernelCrossPool(account)));
        expect(unsettled?.status).toBe(settled?.status);
        if (unsettled?.status !== "margined" || settled?.status !== "margined") return;
        margined += 1;
        const size = 1 + Math.abs(settled.equity) + Math.abs(settled.marginBalance) + settled.initialMargin;
        const figures = [
          "equity",
          "marginBalance",
          "initialMarginBalance",
          "initialMargin",
          "maintenanceMargin",
        ] as const;
        for (const figure of figures) {
          expect(Math.abs(unsettled[figure] - settled[figure]), figure).toBeLessThanOrEqual(1e-9 * size);
        }
        expect(unsettled.incomplete?.map(({ code, value }) => [code, value])).toEqual(
          settled.incomplete?.map(({ code, value }) => [code, value]),
        );
      }),
      propertySettings,
    );
    expect(margined).toBeGreaterThan(propertySettings.numRuns / 2);
  });
});
