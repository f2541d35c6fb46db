import {
  defaultParameters,
  type MethodId,
  methodIds,
  moveUnderlying,
  type Severity,
  severityRank,
} from "@plimsoll/risk";
import { addAmounts, subtractAmounts } from "@plimsoll/schema";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AskedStage } from "../support/asked-stage.ts";
import { openMs } from "../support/venue.ts";
import {
  accountOf,
  mixedMarket,
  type PoolWire,
  roundMarket,
  soundOrders,
  soundPortfolio,
} from "../support/whatif-books.ts";

const seed = 20260205;

let stage: AskedStage;
beforeAll(async () => {
  stage = await AskedStage.open(openMs);
  await stage.sweep(mixedMarket);
});
afterAll(() => stage.close());

interface Rung {
  readonly underlying: string;
  readonly direction: "up" | "down";
  readonly severity: Severity;
  readonly price: string | null;
}

/** Asks what becomes of a portfolio that belongs to nobody. */
async function simulated(portfolio: unknown, rest: object = {}) {
  return stage.asked("POST /v1/margin/simulate", { portfolio, call_prices: false, ...rest });
}

const decimalsOf = (text: string) => text.split(".")[1]?.length ?? 0;
/** One unit of the last decimal that an amount is stated in. */
const unitOf = (text: string) => (decimalsOf(text) === 0 ? "1" : `0.${"1".padStart(decimalsOf(text), "0")}`);

/** A perpetual sold, with cash for a rise of a quarter. */
function shortBook(methodId: MethodId): PoolWire {
  return {
    pool_currency: "USD",
    method_id: methodId,
    collateral: [{ asset: "USD", amount: "17000" }],
    positions: [{ instrument_id: "BTC_USDC-PERPETUAL", quantity: "-1", entry_price: "67971" }],
    open_orders: [],
  };
}

/** Opens an account and returns its id. */
let opened = 0;
async function open(state: object): Promise<string> {
  opened += 1;
  const accountId = `b${opened}`;
  await stage.tell([{ accountId, from: 1, events: [{ kind: "account_state", ...state }] }]);
  return accountId;
}

describe.each(methodIds)("under %s", (methodId) => {
  // A stated price is rounded towards the market to the decimals it is stated with, so its severity begins at it or less
  // than one unit beyond.
  it("a severity begins at its stated call price: one unit beyond it is there, one unit before it is not", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(soundPortfolio(methodId), async (portfolio) => {
        const { before } = await simulated(portfolio, { call_prices: true });
        for (const { underlying, direction, severity, price } of before.call_prices as Rung[]) {
          if (price === null) continue;
          found += 1;
          const step = direction === "up" ? unitOf(price) : `-${unitOf(price)}`;
          const rankAt = async (at: string) => {
            const { after } = await simulated(portfolio, { market: { prices: [{ underlying, price: at }] } });
            return severityRank(after.severity);
          };
          const where = `${underlying} ${direction} ${severity} at ${price}`;
          expect(await rankAt(addAmounts(price, step)), where).toBeGreaterThanOrEqual(severityRank(severity));
          expect(await rankAt(subtractAmounts(price, step)), where).toBeLessThan(severityRank(severity));
        }
      }),
      { seed, numRuns: 4, examples: [[shortBook(methodId)]] },
    );
    expect(found).toBeGreaterThan(2);
  });

  it("moves by nothing change no bit", async () => {
    await fc.assert(
      fc.asyncProperty(soundPortfolio(methodId), async (portfolio) => {
        const { before } = await simulated(portfolio);
        const none = [
          { underlying: "BTC", move_pct: "0" },
          { underlying: "USDC", move_pct: "0.0" },
        ];
        for (const market of [{ prices: none }, { volatilities: none }, { days_forward: 0 }]) {
          expect((await simulated(portfolio, { market })).after).toEqual(before);
        }
      }),
      { seed, numRuns: 3 },
    );
  });

  it("orders that make positions smaller are accepted, whatever the account is like, unless their fills need more", async () => {
    const drawn = fc.record({
      account: accountOf(methodId),
      shares: fc.array(fc.constantFrom(0, 0.25, 1), { minLength: 6, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ account, shares }) => {
        const orders = account.positions.flatMap(({ instrument_id, quantity }, index) => {
          const closed = Number((-Number(quantity) * shares[index]!).toFixed(6));
          return closed === 0 ? [] : [{ order_id: `c${index}`, instrument_id, quantity: String(closed), price: "1" }];
        });
        if (orders.length === 0) return;
        const accountId = await open({ ...account, open_orders: [] });
        const answer = await stage.asked("POST /v1/orders/check", { account_id: accountId, orders });
        if (answer.rule === "reduces_risk") {
          expect(answer.accepted).toBe(true);
          return;
        }
        // One leg of a hedge was sold: that needs more, which the projection states.
        expect(answer.reduces_risk).toBe(false);
        const { initial_margin: now, projected_initial_margin: projected, rule } = answer;
        if (rule.startsWith("initial_margin")) expect(Number(projected)).toBeGreaterThan(Number(now));
        else expect(["severity_allows_reducing_only", "prices_blocked", "orders_not_projected"]).toContain(rule);
      }),
      { seed, numRuns: 5 },
    );
  });

  it("orders that are accepted leave funds, whichever of them fill at their limits; a deposit never turns them down", async () => {
    const drawn = fc.record({
      portfolio: soundPortfolio(methodId),
      orders: soundOrders(methodId),
      cash: fc.constantFrom("0", "100000", "3000000"),
    });
    const outcomes = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(drawn, async ({ portfolio, orders, cash }) => {
        const accountId = await open(withCash(portfolio, cash));
        const check = () => stage.asked("POST /v1/orders/check", { account_id: accountId, orders });
        const {
          accepted,
          rule,
          reason,
          projected_initial_margin: projected,
          initial_margin_balance: balance,
        } = await check();
        outcomes.add(accepted);
        if (rule.startsWith("initial_margin")) {
          expect(reason).toContain(projected);
          expect(reason).toContain(balance);
        }
        if (!accepted || rule === "reduces_risk") return;
        for (let subset = 1; subset < 2 ** orders.length; subset += 1) {
          const fills = orders
            .filter((_, index) => (subset >> index) % 2 === 1)
            .map(({ order_id: _, ...fill }) => fill);
          const { after } = await stage.asked("POST /v1/margin/simulate", {
            account_id: accountId,
            changes: { fills },
            call_prices: false,
          });
          // Requirement and balance are each rounded against the account, before the fills and after them.
          const slack = 2 * Number(unitOf(after.margin.available_funds));
          expect(Number(after.margin.available_funds), JSON.stringify(fills)).toBeGreaterThanOrEqual(-slack);
        }
        await stage.tell([
          { accountId, from: 2, events: [{ kind: "transfer", asset: portfolio.pool_currency, amount: "5" }] },
        ]);
        expect(await check()).toMatchObject({ accepted: true });
      }),
      { seed, numRuns: 8 },
    );
    expect([...outcomes].sort()).toEqual([false, true]);
  });
});

/** Adds cash in the pool's currency. */
function withCash(portfolio: PoolWire, usd: string): PoolWire {
  const amount = portfolio.pool_currency === "BTC" ? String(Number(usd) / 50_000) : usd;
  const others = portfolio.collateral.filter(({ asset }) => asset !== portfolio.pool_currency);
  return usd === "0"
    ? portfolio
    : { ...portfolio, collateral: [...others, { asset: portfolio.pool_currency, amount }] };
}

/** A perpetual sold, with cash. Prices, and so the margins, are round in the market of these. */
function shortPerpetual(methodId: MethodId, usd: string): object {
  return {
    pool_currency: "USD",
    method_id: methodId,
    collateral: [{ asset: "USD", amount: usd }],
    positions: [{ instrument_id: "BTC-PERPETUAL", quantity: "-1", entry_price: "60000" }],
  };
}

/**
 * Methods whose initial margin of that perpetual is no whole number of cents, so that it is stated above what it is by a
 * part of one. The deposit is computed from the stated figures and covers that part too.
 */
const isStatedAbove = new Set<MethodId>(["tims", "var", "derive_pmrm_2"]);

describe.each(methodIds)("a call under %s", (methodId) => {
  it("is cleared by amount_required, in a what-if and for real, and not by one unit less", async () => {
    await stage.clear();
    await stage.sweep(roundMarket);
    const { before } = await simulated(shortPerpetual(methodId, "1000000"));
    const initial = before.margin.initial_margin;
    const usd = (Number(initial) * 0.97).toFixed(2);
    const ids = [await open(shortPerpetual(methodId, usd)), await open(shortPerpetual(methodId, usd))] as const;
    const callOf = async (id: string) => (await stage.asked(`GET /v1/accounts/${id}/calls`)).calls[0];
    const { amount_required: amount, severity } = await callOf(ids[0]);
    expect(severityRank(severity)).toBeGreaterThanOrEqual(severityRank("MARGIN_CALL"));
    const settles = async (of: string) => {
      const changes = { transfers: [{ asset: "USD", amount: of }] };
      const body = { account_id: ids[0], changes, call_prices: false };
      return (await stage.asked("POST /v1/margin/simulate", body)).after.settles_at;
    };
    const less = subtractAmounts(amount, isStatedAbove.has(methodId) ? "0.02" : "0.01");
    expect(await settles(amount)).toBe("NORMAL");
    expect(await settles(less)).not.toBe("NORMAL");
    const told = [amount, less].map((of, index) => ({
      accountId: ids[index]!,
      from: 2,
      events: [{ kind: "transfer", asset: "USD", amount: of }],
    }));
    await stage.tell(told);
    for (let sweep = 0; sweep < 2 * defaultParameters.severity.cleanSweepsToLeave; sweep += 1) {
      await stage.sweep(roundMarket);
    }
    expect(await callOf(ids[0])).toMatchObject({ status: "cured", severity: "NORMAL" });
    expect(await callOf(ids[1])).toMatchObject({ status: "open", severity: expect.not.stringMatching("NORMAL") });
  });
});

describe("time and volatility", () => {
  beforeAll(async () => {
    await stage.clear();
    await stage.sweep(mixedMarket);
  });

  const call = (id: string, quantity = "1"): PoolWire => ({
    ...shortBook("portfolio"),
    positions: [{ instrument_id: id, quantity, entry_price: "1" }],
  });
  const equityOf = async (portfolio: unknown, market: object) =>
    Number((await simulated(portfolio, { market })).after.margin.equity);

  it("a long option alone loses with time, and gains with volatility", async () => {
    const options = mixedMarket.instruments.filter(
      ({ instrument, markVolatility }) => instrument.kind === "option" && markVolatility !== null,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...options),
        fc.double({ min: 0.01, max: 0.35, noNaN: true }),
        async ({ instrument: { instrumentId } }, days) => {
          const long = call(instrumentId);
          const now = await equityOf(long, {});
          expect(await equityOf(long, { days_forward: days })).toBeLessThanOrEqual(now);
          const [underlying = ""] = instrumentId.split("-");
          expect(await equityOf(long, { volatilities: [{ underlying, move_pct: "10" }] })).toBeGreaterThanOrEqual(now);
        },
      ),
      { seed, numRuns: 20 },
    );
  });

  it("what has expired pays what it is worth at the index, moved or not, and asks for nothing more", async () => {
    const option = call("BTC-0.4D-57787-call-linear", "-1");
    for (const [move, index] of [
      ["0", 67_985],
      ["10", 74_783.5],
      ["-20", 54_388],
    ] as const) {
      const market = { days_forward: 1, prices: [{ underlying: "BTC", move_pct: move }] };
      const { before, after } = await simulated(option, { market });
      const [priceUsdc, cash] = [0.9993, 17_000];
      const payout = Math.max(0, index / priceUsdc - 57_787) * priceUsdc;
      // Rounded down to the cent.
      expect(Math.abs(Number(after.margin.equity) - (cash - payout))).toBeLessThanOrEqual(0.0101);
      expect(after.margin.components.map(({ name }: { readonly name: string }) => name)).not.toContain("scan_risk");
      expect(after.margin.incomplete?.in_doubt ?? 0).toBe(0);
      expect(after.margin.ledger_sequence).toBe(before.margin.ledger_sequence);
    }
  });

  it("two moves of 10 % are one of 21 %", async () => {
    const underlying = "BTC";
    const once = { ...mixedMarket, ...moveUnderlying(mixedMarket, underlying, 1.1) };
    const books = fc.sample(soundPortfolio("portfolio"), { seed, numRuns: 8 });
    const move = (percent: string) => ({ market: { prices: [{ underlying, move_pct: percent }] } });
    const atOnce = [];
    for (const book of books) atOnce.push((await simulated(book, move("21"))).after.margin);
    await stage.clear();
    await stage.sweep(once);
    for (const [index, book] of books.entries()) {
      const { margin } = (await simulated(book, move("10"))).after;
      // Doubles multiplied in another order, and two amounts that are each rounded to the cent.
      for (const name of ["equity", "margin_balance", "initial_margin"]) {
        const [twice, single] = [Number(margin[name]), Number(atOnce[index][name])];
        expect(Math.abs(twice - single), name).toBeLessThanOrEqual(1e-9 * Math.abs(single) + 0.02);
      }
    }
  });
});
