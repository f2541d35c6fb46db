import {
  black76Price,
  blendInWindows,
  blendSettlement,
  closeShare,
  createMarginEngine,
  defaultParameters,
  type MarketSnapshot,
  moveUnderlying,
  type QuotedInstrument,
  type SettlementAverage,
  varianceYears,
  windowShare,
} from "@plimsoll/risk";
import { nameSnapshot } from "@plimsoll/schema";
import { ownSpanFile } from "@plimsoll/span-files";
import { describe, expect, it } from "vitest";
import { explainPool } from "../../packages/app/src/explain/explain-pool.ts";
import { inputsOf } from "../../packages/cli/src/explain/margin-inputs.ts";
import { assertClose } from "../support/close.ts";
import {
  accountWith,
  asOfMs,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";
import { seeded } from "../support/seeded.ts";

const minute = 60_000;
const year = 365 * 86_400_000;
const settlementWindowMinutes = 30;
const index = 70_000;
const volatility = 0.8;

function call(minutesLeft: number, strike = index, terms: object = {}): QuotedInstrument {
  const expiryMs = asOfMs + minutesLeft * minute;
  const option = { instrumentId: "CALL", underlying: "BTC", optionType: "call", strike, expiryMs } as const;
  return quotedOption({ ...option, settlementWindowMinutes, ...terms }, index, volatility);
}

function averageAt(quoted: QuotedInstrument, averagePrice: number): SettlementAverage[] {
  if (quoted.instrument.kind !== "option" && quoted.instrument.kind !== "future") throw new Error("it never expires");
  return [{ underlying: "BTC", expiryMs: quoted.instrument.expiryMs, averagePrice }];
}

/** Model value of an option on its blend. */
function modelValue(quoted: QuotedInstrument): number {
  const { instrument, forwardPrice } = quoted;
  if (instrument.kind !== "option") throw new Error("not an option");
  const sign = instrument.optionType === "call" ? 1 : -1;
  return black76Price(sign, forwardPrice, instrument.strike, varianceYears(quoted, asOfMs), volatility, 1);
}

function marketOf(instruments: readonly QuotedInstrument[], settlementAverages: readonly SettlementAverage[]) {
  return { ...marketSnapshot([underlyingState("BTC", index)], instruments), settlementAverages };
}

describe("the settlement window", () => {
  it("leaves of the index the share of the window that is to come", () => {
    for (const [minutes, share] of [
      [600, 1],
      [30, 1],
      [15, 0.5],
      [3, 0.1],
    ] as const) {
      assertClose(windowShare(call(minutes).instrument, asOfMs), share, 1e-15, { minutes });
    }
    expect(windowShare(quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, index).instrument, asOfMs)).toBe(1);
  });

  it("blends the average so far with the forward", () => {
    const quoted = call(12);
    const blended = blendSettlement(quoted, averageAt(quoted, 69_000), asOfMs);
    assertClose(blended.forwardPrice, 0.6 * 69_000 + 0.4 * index, 1e-9, {});
    assertClose(blended.movingShare ?? Number.NaN, (0.4 * index) / blended.forwardPrice, 1e-15, {});
  });

  it("starts without a jump of value or variance", () => {
    const before = call(30 + 1e-6);
    const inside = call(30 - 1e-6);
    const blended = blendSettlement(inside, averageAt(inside, 60_000), asOfMs);
    // One microminute of a window changes variance by 3e-8 of itself, and the blend by 3e-8 of the distance to the average.
    assertClose(varianceYears(blended, asOfMs), varianceYears(before, asOfMs), (1e-7 * (30 * minute)) / year, {});
    assertClose(modelValue(blended), modelValue(before), 1e-3, {});
  });

  it("ends at the intrinsic value on the average", () => {
    for (const strike of [60_000, 69_500, 75_000]) {
      const quoted = call(1e-4, strike);
      const blended = blendSettlement(quoted, averageAt(quoted, 69_500.5), asOfMs);
      // 6 ms of index are left in the average, 1/300,000 of the window.
      assertClose(modelValue(blended), Math.max(0, 69_500.5 - strike), 0.01, { strike });
    }
  });

  it("has the variance of a simulated average", () => {
    // Average of the rest of the window in 60 steps of a lognormal walk, 20,000 paths: the standard error of the mean payoff
    // is about 1 % of it, and 60 steps leave 2.5 % of variance, 1.3 % of value: within 5 %.
    const quoted = call(20);
    const blended = blendSettlement(quoted, averageAt(quoted, 69_950), asOfMs);
    const steps = 60;
    const paths = 20_000;
    const random = seeded(20260205);
    // Box and Muller (1958).
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const deviation = volatility * Math.sqrt((20 * minute) / year / steps);
    let paid = 0;
    for (let path = 0; path < paths; path += 1) {
      let price = index;
      let sum = 0;
      for (let step = 0; step < steps; step += 1) {
        price *= Math.exp(deviation * normal() - (deviation * deviation) / 2);
        sum += price;
      }
      paid += Math.max(0, 69_950 / 3 + ((2 / 3) * sum) / steps - index);
    }
    const simulated = paid / paths;
    assertClose(modelValue(blended), simulated, 0.05 * simulated, { simulated });
  });
});

describe("a position inside the settlement window", () => {
  const averagePrice = 63_000;
  /** Payoffs of one contract, US dollars at the index of now, where the rest of the window is walked 20,000 times. */
  const walked = (minutesLeft: number, payoff: (settlementPrice: number) => number): number => {
    const steps = 60;
    const paths = 20_000;
    const random = seeded(20260206);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const deviation = volatility * Math.sqrt((minutesLeft * minute) / year / steps);
    const share = minutesLeft / settlementWindowMinutes;
    let paid = 0;
    for (let path = 0; path < paths; path += 1) {
      let price = index;
      let sum = 0;
      for (let step = 0; step < steps; step += 1) {
        price *= Math.exp(deviation * normal() - (deviation * deviation) / 2);
        sum += price;
      }
      paid += payoff(averagePrice * (1 - share) + share * (sum / steps));
    }
    return paid / paths;
  };
  /** What one contract entered at 65,000 adds to equity, whatever the mark of its source says. */
  const worth = (quoted: QuotedInstrument, markPrice: number): number => {
    const market = marketOf([{ ...quoted, markPrice }], averageAt(quoted, averagePrice));
    const { instrumentId } = quoted.instrument;
    const account = accountWith({ positions: [{ instrumentId, quantity: 1, entryPrice: 65_000 }] });
    const result = createMarginEngine(market, defaultParameters).margin(account);
    if (result.status !== "margined") throw new Error(`${result.code}: ${result.value}`);
    return result.equity;
  };
  const future = (minutesLeft: number, terms: object): QuotedInstrument => {
    const own = { instrumentId: "FUTURE", underlying: "BTC", expiryMs: asOfMs + minutesLeft * minute, ...terms };
    return quotedFuture({ ...own, settlementWindowMinutes }, index);
  };

  it.each([1, 10, 25])("is worth what a walked average pays, %i minutes before its end, at any mark", (minutes) => {
    const inverse = { settlement: "inverse" } as const;
    const cases: readonly (readonly [string, QuotedInstrument, (price: number) => number])[] = [
      ["call", call(minutes, 60_000), (price) => Math.max(0, price - 60_000)],
      ["call near its strike", call(minutes, 64_000), (price) => Math.max(0, price - 64_000)],
      ["put", call(minutes, 72_000, { optionType: "put" }), (price) => Math.max(0, 72_000 - price)],
      ["inverse call", call(minutes, 60_000, inverse), (price) => (Math.max(0, price - 60_000) / price) * index],
      ["future", future(minutes, {}), (price) => price - 65_000],
      ["inverse future", future(minutes, { ...inverse, contractSize: 1e5 }), (p) => 1e5 * (1 / 65_000 - 1 / p) * index],
    ];
    for (const [name, quoted, payoff] of cases) {
      const expected = walked(minutes, payoff);
      // 20,000 walks of so little time miss by less than a thousandth of the price; what is near its strike by more of itself.
      const tolerance = 1e-3 * Math.abs(expected) + (name === "call near its strike" ? 25 : 5);
      assertClose(worth(quoted, quoted.markPrice), expected, tolerance, { name, minutes });
      expect(worth(quoted, 0.9 * quoted.markPrice)).toBe(worth(quoted, quoted.markPrice));
    }
  });

  it("that is marked on the average already keeps its worth", () => {
    const quoted = call(5, 62_000);
    const known = modelValue(blendSettlement(quoted, averageAt(quoted, averagePrice), asOfMs));
    assertClose(worth(quoted, known), known, 1e-9 * known, {});
  });

  it("can be closed at what it is worth: equity stays, whatever the mark says", () => {
    const quoted = call(5, 60_000);
    const market = marketOf([quoted], averageAt(quoted, averagePrice));
    const account = accountWith({ positions: [{ instrumentId: "CALL", quantity: 1, entryPrice: 1 }] });
    const engine = createMarginEngine(market, defaultParameters);
    const [blended] = blendInWindows(market).instruments;
    if (blended === undefined) throw new Error("one instrument");
    const [before, after] = [account, closeShare(account, blended, 1)].map((held) => engine.margin(held));
    if (before?.status !== "margined" || after?.status !== "margined") throw new Error("not margined");
    assertClose(after.equity, before.equity, 1e-9 * before.equity, {});
  });
});

describe("what else reads a mark inside the settlement window", () => {
  const quoted = call(5, 60_000);
  const market = marketOf([quoted], averageAt(quoted, 63_000));
  const worth = blendInWindows(market).instruments[0]?.markPrice ?? Number.NaN;

  it("a cure that is stated closes at what the position is worth", () => {
    const portfolio = {
      account_id: "a",
      pool_currency: "USD",
      method_id: "portfolio" as const,
      collateral: [{ asset: "USD", amount: "-40000" }],
      positions: [{ instrument_id: "CALL", quantity: "10" }],
      open_orders: [],
      pools: [],
    };
    const { state } = inputsOf(portfolio, "portfolio", nameSnapshot(market), defaultParameters, null);
    const engine = createMarginEngine(state.snapshot, state.parameters);
    const result = engine.margin(state.pool);
    if (result.status !== "margined") throw new Error(result.value);
    const question = {
      state,
      result,
      engine,
      restores: "NORMAL",
      poolId: "cross",
      earlier: null,
    } as const;
    const cure = explainPool(question).cures.list.find(({ kind }) => kind === "reduction");
    if (cure?.kind !== "reduction") throw new Error("no reduction");
    const closed = Math.abs(Number(cure.quantity));
    const after = engine.margin({
      ...state.pool,
      collateral: [{ asset: "USD", amount: -40_000 + closed * worth }],
      positions: [{ instrumentId: "CALL", quantity: 10 - closed, entryPrice: 1 }],
    });
    if (after.status !== "margined") throw new Error(after.value);
    assertClose(Number(cure.margin_ratio), after.marginRatio ?? Number.NaN, 1e-5, { closed });
  });

  it("our own risk parameter file has its price", () => {
    const { file } = ownSpanFile(market, defaultParameters.methods.span);
    const [contract] = [...file.contracts.values()];
    assertClose(contract?.price ?? Number.NaN, worth, 1e-9 * worth, {});
  });
});

describe("an account inside the settlement window", () => {
  const accountOf = (instrumentId: string, quantity: number, entryPrice = 1) =>
    accountWith({ positions: [{ instrumentId, quantity, entryPrice }] });

  function marginOf(snapshot: MarketSnapshot, quantity: number, methodId: "portfolio" | "tims" | "span" = "portfolio") {
    const result = createMarginEngine(snapshot, defaultParameters).margin({ ...accountOf("CALL", quantity), methodId });
    if (result.status !== "margined") throw new Error(`${result.code}: ${result.value}`);
    return result;
  }

  it("has a delta that falls linearly to nothing", () => {
    const deltas = [30, 20, 10, 5, 1].map((minutes) => {
      const deep = call(minutes, 50_000);
      return marginOf(marketOf([deep], averageAt(deep, index)), 1).units[0]?.greeks.delta ?? Number.NaN;
    });
    for (const [at, share] of [1, 2 / 3, 1 / 3, 1 / 6, 1 / 30].entries()) {
      assertClose(deltas[at] ?? Number.NaN, share, 1e-9, { share });
    }
  });

  it("has the delta, gamma and vega of its value", () => {
    for (const settlement of ["linear", "inverse"] as const) {
      const quoted = call(12, 69_900, { settlement, quoteCurrency: "USD" });
      const averages = averageAt(quoted, 69_800);
      const { delta, gamma, vega } = marginOf(marketOf([quoted], averages), 1).units[0]?.greeks ?? {
        delta: 0,
        gamma: 0,
        vega: 0,
      };
      const at = (forward: number, moved = volatility) => {
        const blended = blendSettlement({ ...quoted, forwardPrice: forward }, averages, asOfMs);
        const years = varianceYears(blended, asOfMs);
        return black76Price(1, blended.forwardPrice, 69_900, years, moved, 1);
      };
      // The moving share itself moves with the forward, a term of second order that the Greeks leave out: 0.1 % of the value.
      assertClose(delta, (at(index + 1) - at(index - 1)) / 2, 1e-3, { settlement });
      assertClose(gamma, at(index + 10) / 100 - (2 * at(index)) / 100 + at(index - 10) / 100, 2e-2 * gamma, {
        settlement,
      });
      assertClose(vega, (at(index, volatility + 1e-4) - at(index, volatility - 1e-4)) / 2e-4 / 100, 1e-6 * vega, {});
    }
  });

  it("needs less and less under each scanning method, and the same as before at the start", () => {
    for (const methodId of ["portfolio", "tims", "span"] as const) {
      const needs = [31, 30, 20, 10, 1].map((minutes) => {
        const quoted = call(minutes, 75_000);
        return marginOf(marketOf([quoted], averageAt(quoted, index)), -1, methodId).maintenanceMargin;
      });
      assertClose(needs[1] ?? Number.NaN, needs[0] ?? Number.NaN, 0.02 * (needs[0] ?? 0), { methodId });
      for (let at = 2; at < needs.length; at += 1) expect(needs[at]).toBeLessThanOrEqual(needs[at - 1] ?? 0);
    }
  });

  it("is the exact negative for the other side, and nothing in the scenario without a move", () => {
    const quoted = call(12, 70_500, { settlement: "inverse" });
    const engine = createMarginEngine(marketOf([quoted], averageAt(quoted, 69_000)), defaultParameters);
    const pool = { poolCurrency: "BTC" };
    const [long] = engine.scenarioLosses({ ...accountOf("CALL", 2), ...pool });
    const [short] = engine.scenarioLosses({ ...accountOf("CALL", -2), ...pool });
    if (long === undefined || short === undefined) throw new Error("one unit each");
    for (let s = 0; s < long.set.mainCount; s += 1) expect(short.losses[s]).toBe(0 - (long.losses[s] ?? 0));
    expect(Math.abs(long.losses[long.set.noMoveIndex] ?? 1)).toBe(0);
  });

  it("scans what is left of a future", () => {
    for (const settlement of ["linear", "inverse"] as const) {
      const terms = { instrumentId: "FUTURE", underlying: "BTC", expiryMs: asOfMs + 6 * minute, settlement };
      const quoted = quotedFuture({ ...terms, settlementWindowMinutes }, index);
      const engine = createMarginEngine(marketOf([quoted], averageAt(quoted, index)), defaultParameters);
      const size = settlement === "linear" ? 1 : index;
      const [unit] = engine.scenarioLosses(accountOf("FUTURE", size, index));
      if (unit === undefined) throw new Error("one unit");
      for (let s = 0; s < unit.set.mainCount; s += 1) {
        // A fifth of the window is left: the future loses a fifth of the move, in coin at the coin's moved price if inverse.
        const move = unit.set.priceMove[s] ?? 0;
        const loss =
          settlement === "linear" ? -0.2 * move * index : ((-0.2 * move) / (1 + 0.2 * move)) * (1 + move) * index;
        assertClose(unit.losses[s] ?? Number.NaN, loss, 1e-8 * index, { settlement, move });
      }
    }
  });

  it("is refused without the average, by name, and after expiry", () => {
    const quoted = call(12);
    const refuse = (minutes: number) =>
      createMarginEngine(marketOf([call(minutes)], []), defaultParameters).margin(accountOf("CALL", 1));
    expect(refuse(12)).toMatchObject({
      status: "not_margined",
      code: "settlement_average_missing",
      field: "positions[0].instrument_id",
      value: "CALL",
    });
    expect(refuse(0)).toMatchObject({ code: "instrument_expired" });
    expect(refuse(31)).toMatchObject({ status: "margined" });
    const otherExpiry = averageAt(call(13), index);
    const wrong = createMarginEngine(marketOf([quoted], otherExpiry), defaultParameters).margin(accountOf("CALL", 1));
    expect(wrong).toMatchObject({ code: "settlement_average_missing" });
  });

  it("is moved by the same share when its underlying is", () => {
    const quoted = call(12, 60_000);
    const moved = moveUnderlying(marketOf([quoted], averageAt(quoted, index)), "BTC", 1.1).instruments[0];
    // Deep in the money: 40 % of the move arrives in the mark; the forward as quoted moves in full.
    assertClose((moved?.markPrice ?? 0) - quoted.markPrice, 0.4 * 0.1 * index, 1e-3, {});
    assertClose(moved?.forwardPrice ?? 0, 1.1 * index, 1e-9, {});
  });
});
