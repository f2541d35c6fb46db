import {
  black76Price,
  createMarginEngine,
  daysToExpiry,
  defaultParameters,
  type HaircutBand,
  type MarginedPool,
  type MarketSnapshot,
  movedVolatility,
  type ParameterSet,
  type Pool,
  type QuotedInstrument,
  type ScanParameters,
  type ScenarioSet,
  settlementCurrency,
  type VolatilityState,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, chain, propertySettings } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

const engine = createMarginEngine(chain, defaultParameters);

/** The default parameters with every scan changed alike. */
function withScans(change: (scan: ScanParameters) => Partial<ScanParameters>): ParameterSet {
  return { ...defaultParameters, scan: defaultParameters.scan.map((scan) => ({ ...scan, ...change(scan) })) };
}

function margined(account: Pool, parameters = defaultParameters, snapshot = chain): MarginedPool {
  const own =
    parameters === defaultParameters && snapshot === chain ? engine : createMarginEngine(snapshot, parameters);
  const result = own.margin(account);
  if (result.status !== "margined") throw new Error(`${result.field}: ${result.value}`);
  return result;
}

/** One haircut for all sizes and both margins. */
function flat(haircut: number) {
  const bands: readonly HaircutBand[] = [{ upToUsd: null, haircut }];
  return { initialBands: bands, maintenanceBands: bands };
}

function scanRisk(result: MarginedPool): number {
  let sum = 0;
  for (const { name, amount } of result.components) if (name === "scan_risk") sum += amount;
  return sum;
}

/** A permutation of fills, some of them cut in two with whole lots on each side. */
function arbitraryRecord(account: Pool): fc.Arbitrary<Pool> {
  const pieces = account.positions.map((position) =>
    fc.integer({ min: -30, max: 30 }).map((lots) => {
      const part = Number((position.quantity === 0 ? 0 : lots / 10).toFixed(1));
      const rest = Number((position.quantity - part).toFixed(1));
      return part === 0 ? [position] : [part, rest].map((quantity) => ({ ...position, quantity }));
    }),
  );
  const positions = fc.tuple(...pieces).chain((split) => {
    const fills = split.flat();
    return fc.shuffledSubarray(fills, { minLength: fills.length });
  });
  const collateral = fc.shuffledSubarray([...account.collateral], { minLength: account.collateral.length });
  return fc.record({ positions, collateral }).map((record) => ({ ...account, ...record }));
}

describe("losses by scenario", () => {
  it("are what the pool loses when everything in it is valued anew in US dollars", () => {
    const parameters = withScans(() => ({ extendedDampenerUsd: 0 }));
    const undampened = createMarginEngine(chain, parameters);
    fc.assert(
      fc.property(arbitraryAccount(chain), (account) => {
        for (const { underlying, set, losses } of undampened.scenarioLosses(account)) {
          const scan = parameters.scan.find((entry) => entry.underlying === underlying);
          if (scan === undefined) throw new Error(`no scan for ${underlying}`);
          const revaluation = new FullRevaluation(account, underlying, scan, set);
          for (let s = 0; s < set.scenarioCount; s += 1) {
            const difference = Math.abs((losses[s] ?? Number.NaN) - revaluation.loss(s));
            expect(difference).toBeLessThanOrEqual(1e-11 * revaluation.gross);
          }
        }
      }),
      { ...propertySettings, numRuns: 60 },
    );
  });

  it("of the short are exactly the negative of those of the long, and 0 without a move", () => {
    fc.assert(
      fc.property(arbitraryPosition(chain), (position) => {
        const entryPrice = chain.instruments.find(
          ({ instrument }) => instrument.instrumentId === position.instrumentId,
        )?.markPrice;
        if (entryPrice === undefined) throw new Error(`no ${position.instrumentId}`);
        const pool = position.instrumentId.slice(0, 3);
        const [long, short] = [1, -1].map((sign) => {
          const held = { ...position, quantity: sign * position.quantity, entryPrice };
          return engine.scenarioLosses(accountWith({ poolCurrency: pool, positions: [held] }))[0];
        });
        if (long === undefined || short === undefined) throw new Error("no unit");
        expect(long.losses[long.set.noMoveIndex]).toBe(0);
        expect(Array.from(short.losses, (loss) => 0 - loss)).toEqual(Array.from(long.losses, (loss) => 0 + loss));
      }),
      propertySettings,
    );
  });
});

describe("margin", () => {
  it("does not change by a bit when fills are split, merged or reordered (I11)", () => {
    const pairs = arbitraryAccount(chain).chain((account) =>
      arbitraryRecord(account).map((recorded) => ({ account, recorded })),
    );
    fc.assert(
      fc.property(pairs, ({ account, recorded }) => {
        expect(JSON.stringify(margined(recorded))).toBe(JSON.stringify(margined(account)));
      }),
      propertySettings,
    );
  });

  it("does not change by a bit with the order of fills of one instrument at any prices and quantities (I11)", () => {
    const fill = fc.record({
      instrumentId: fc.constantFrom("BTC-PERPETUAL", "BTC_USDC-PERPETUAL"),
      // Sevenths are no decimals: their sums depend on the order, unless there is one.
      quantity: fc.integer({ min: -1e9, max: 1e9 }).map((sevenths) => sevenths / 7e3),
      entryPrice: fc.constantFrom(61_003.7, 66_666.6, 70_000.3),
    });
    const orders = fc
      .array(fill, { minLength: 3, maxLength: 8 })
      .chain((fills) => fc.tuple(fc.constant(fills), fc.shuffledSubarray(fills, { minLength: fills.length })));
    fc.assert(
      fc.property(orders, ([fills, shuffled]) => {
        const [one, other] = [fills, shuffled].map((positions) => margined(accountWith({ positions })));
        expect(JSON.stringify(one)).toBe(JSON.stringify(other));
      }),
      propertySettings,
    );
  });

  it("never has more scan risk after adding part of the opposite of the whole book (I11)", () => {
    const offsets = fc.record({
      account: arbitraryAccount(chain).map((account) => ({ ...account, poolCurrency: "USD", collateral: [] })),
      share: fc.integer({ min: 0, max: 16 }).map((sixteenths) => sixteenths / 16),
    });
    fc.assert(
      fc.property(offsets, ({ account, share }) => {
        const opposite = account.positions.map((held) => ({ ...held, quantity: -share * held.quantity }));
        const offset = margined({ ...account, positions: [...account.positions, ...opposite] });
        const before = scanRisk(margined(account));
        expect(scanRisk(offset)).toBeLessThanOrEqual(before * (1 + 1e-12));
        if (share === 1) expect(scanRisk(offset)).toBe(0);
      }),
      propertySettings,
    );
  });

  it("of two books together never has more scan risk than the two apart", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), arbitraryAccount(chain), (a, b) => {
        const together = {
          ...a,
          collateral: [...a.collateral, ...b.collateral],
          positions: [...a.positions, ...b.positions],
        };
        const apart = scanRisk(margined(a)) + scanRisk(margined({ ...b, poolCurrency: a.poolCurrency }));
        expect(scanRisk(margined(together))).toBeLessThanOrEqual(apart * (1 + 1e-10) + 1e-9);
      }),
      propertySettings,
    );
  });

  it("grows in proportion to the account, but for the dampener and the bands", () => {
    const linear = {
      ...withScans(() => ({ extendedDampenerUsd: 0 })),
      collateral: defaultParameters.collateral.map((entry) => ({
        ...entry,
        ...flat(0.05),
      })),
    };
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.constantFrom(0.25, 2, 8), (account, factor) => {
        const scaled = margined(
          {
            ...account,
            collateral: account.collateral.map((held) => ({ ...held, amount: factor * held.amount })),
            positions: account.positions.map((held) => ({ ...held, quantity: factor * held.quantity })),
          },
          linear,
        );
        const result = margined(account, linear);
        for (const key of [
          "equity",
          "marginBalance",
          "initialMargin",
          "maintenanceMargin",
          "netOptionValue",
        ] as const) {
          expect(relativeDifference(scaled[key], factor * result[key], result)).toBeLessThan(1e-12);
        }
        expect(scaled.units.map(({ worstScenario }) => worstScenario?.scenarioId)).toEqual(
          result.units.map(({ worstScenario }) => worstScenario?.scenarioId),
        );
      }),
      propertySettings,
    );
  });

  it("of a US-dollar pool scales exactly when the dollar is counted in another unit", () => {
    const unit = 2 ** -5;
    // A contract is quoted in US dollars or in a peg to them, and no peg is kept here.
    const inDollars: MarketSnapshot = {
      ...chain,
      instruments: chain.instruments.map((quoted) => ({
        ...quoted,
        instrument: { ...quoted.instrument, quoteCurrency: "USD" },
      })),
    };
    const redenominated: MarketSnapshot = {
      ...inDollars,
      currencies: chain.currencies.map((entry) => ({ ...entry, priceUsd: entry.priceUsd * unit })),
      underlyings: chain.underlyings.map((state) => ({ ...state, indexPrice: state.indexPrice * unit })),
    };
    const inUnits = ({ upToUsd, haircut }: HaircutBand): HaircutBand => ({
      upToUsd: upToUsd === null ? null : upToUsd * unit,
      haircut,
    });
    // A peg is to one US dollar, in whatever unit that is counted.
    const unpegged = defaultParameters.collateral.filter(({ valuation }) => valuation.kind !== "redeemable");
    const atMarket = unpegged.map((entry) => ({ ...entry, valuation: { kind: "market" } as const }));
    const bands = atMarket.map((entry) => ({
      ...entry,
      initialBands: entry.initialBands.map(inUnits),
      maintenanceBands: entry.maintenanceBands.map(inUnits),
    }));
    const scan = withScans(({ extendedDampenerUsd }) => ({ extendedDampenerUsd: extendedDampenerUsd * unit })).scan;
    fc.assert(
      fc.property(arbitraryAccount(chain), (account) => {
        const result = margined(account, { ...defaultParameters, scan, collateral: bands }, redenominated);
        const plain = margined(account, { ...defaultParameters, collateral: atMarket }, inDollars);
        const { components, equity, marginBalance, initialMargin, maintenanceMargin } = plain;
        expect(result).toMatchObject({ components, equity, marginBalance, initialMargin, maintenanceMargin });
      }),
      { ...propertySettings, numRuns: 60 },
    );
  });

  it("never asks less for a wider set of scenarios", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.constantFrom(2, 3), (account, times) => {
        const finer = withScans(({ priceScanRange, priceStepsPerSide }) => ({
          priceScanRange: Math.min(priceScanRange * times, 0.9),
          priceStepsPerSide: priceStepsPerSide * times,
          extendedMoves: [],
        }));
        const range = withScans(({ priceScanRange }) => ({
          priceScanRange: Math.min(priceScanRange * times, 0.9) / times,
          extendedMoves: [],
        }));
        const wider = scanRisk(margined(account, finer));
        const narrower = scanRisk(margined(account, range));
        expect(wider).toBeGreaterThanOrEqual(narrower * (1 - 1e-12));
      }),
      { ...propertySettings, numRuns: 40 },
    );
  });

  it("balance never grows with a haircut, and the requirement only falls where less is left than it asks for", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.integer({ min: 0, max: 10 }), (account, tenths) => {
        const [milder, harder] = [tenths / 20, tenths / 10].map((haircut) =>
          margined(account, {
            ...defaultParameters,
            collateral: defaultParameters.collateral.map((entry) => ({
              ...entry,
              ...flat(haircut),
            })),
          }),
        );
        if (milder === undefined || harder === undefined) throw new Error("unreachable");
        expect(harder.marginBalance).toBeLessThanOrEqual(milder.marginBalance);
        expect(harder.marginBalance).toBeLessThanOrEqual(harder.equity + 1e-9 * Math.abs(harder.equity));
        // No scan takes more than half of a balance, which is what is left at a haircut of a half.
        const rounding = 1e-9 * milder.initialMargin;
        expect(harder.initialMargin).toBeLessThanOrEqual(milder.initialMargin + rounding);
        // The bound on what a book with options can lose takes what is held as it counts.
        const hasOptions = account.positions.some(({ instrumentId }) => /call|put/.test(instrumentId));
        if (tenths <= 5 && !hasOptions) expect(harder.initialMargin).toBe(milder.initialMargin);
      }),
      { ...propertySettings, numRuns: 60 },
    );
  });

  it("initial is at least maintenance, none is negative, and components add up to the units' requirements", () => {
    // What all methods ask beside their own measure.
    const beside: readonly string[] = [
      "confidence_charge",
      "expected_funding",
      "borrowing_charge",
      "loss_bound_credit",
    ];
    for (const methodId of ["portfolio", "static"] as const) {
      fc.assert(
        fc.property(arbitraryAccount(chain, methodId), (account) => {
          const result = margined(account);
          expect(result.maintenanceMargin).toBeGreaterThanOrEqual(0);
          expect(result.initialMargin).toBeGreaterThanOrEqual(result.maintenanceMargin);
          for (const { underlying, requirement } of result.units) {
            let sum = 0;
            for (const component of result.components) {
              if (component.underlying === underlying && !beside.includes(component.name)) sum += component.amount;
            }
            expect(sum).toBe(requirement);
          }
        }),
        propertySettings,
      );
    }
  });
});

describe("missing or worse market data", () => {
  const damages: Record<string, (snapshot: MarketSnapshot, pick: number) => MarketSnapshot> = {
    "an instrument": (snapshot, pick) => ({
      ...snapshot,
      instruments: snapshot.instruments.filter((_, index) => index !== pick % snapshot.instruments.length),
    }),
    "every volatility": (snapshot) => ({
      ...snapshot,
      instruments: snapshot.instruments.map((quoted) => ({ ...quoted, markVolatility: null, volatilitySource: null })),
    }),
    "a currency": (snapshot, pick) => ({
      ...snapshot,
      currencies: snapshot.currencies.filter((_, index) => index !== pick % snapshot.currencies.length),
    }),
    "an underlying": (snapshot, pick) => ({
      ...snapshot,
      underlyings: snapshot.underlyings.filter((_, index) => index !== pick % snapshot.underlyings.length),
    }),
    "the quality of an underlying": (snapshot, pick) => ({
      ...snapshot,
      underlyings: snapshot.underlyings.map((state, index) =>
        index === pick % 2
          ? { ...state, quality: (["widened", "degraded", "blocked"] as const)[pick % 3] ?? "blocked" }
          : state,
      ),
    }),
    "a price that is a number": (snapshot, pick) => ({
      ...snapshot,
      instruments: snapshot.instruments.map((quoted, index) =>
        index % 7 === pick % 7 ? { ...quoted, [pick % 2 ? "forwardPrice" : "markPrice"]: Number.NaN } : quoted,
      ),
    }),
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`gains nothing: without ${what} there is a refusal, a holding left out by name, or no more funds (I8)`, () => {
      let refused = 0;
      fc.assert(
        fc.property(arbitraryAccount(chain), fc.nat(1000), (account, pick) => {
          const result = createMarginEngine(damage(chain, pick), defaultParameters).margin(account);
          if (result.status === "not_margined") {
            refused += 1;
            expect(result.field).toMatch(/^(positions\[\d+\]\.instrument_id|collateral\[\d+\]\.asset|pool_currency)$/);
            expect(result.remedy).not.toBe("");
            return;
          }
          const before = margined(account);
          if (result.incomplete !== undefined) {
            refused += 1;
            for (const { field, remedy } of result.incomplete) {
              expect(field).toMatch(/^(positions\[\d+\]\.instrument_id|collateral\[\d+\]\.asset)$/);
              expect(remedy).not.toBe("");
            }
            // Of an option bought nothing is asked when it counts for nothing, whatever the method asks beyond its value.
            const isOpen = ({ assumed, field }: (typeof result.incomplete)[number]) =>
              assumed === "nothing_known" || (assumed === "counts_for_nothing" && field.startsWith("positions"));
            if (result.incomplete.some(isOpen)) return;
            const slack = 1e-6 * (1 + before.initialMargin + Math.abs(before.equity));
            expect(result.availableFunds).toBeLessThanOrEqual(before.availableFunds + slack);
            expect(result.marginHeadroom).toBeLessThanOrEqual(before.marginHeadroom + slack);
            return;
          }
          expect(result.initialMargin).toBeGreaterThanOrEqual(before.initialMargin);
          expect(result.maintenanceMargin).toBeGreaterThanOrEqual(before.maintenanceMargin);
          expect(result.marginBalance).toBeLessThanOrEqual(before.marginBalance);
        }),
        { ...propertySettings, numRuns: 100 },
      );
      expect(refused).toBeGreaterThan(0);
    });
  }
});

/** The wealth of a pool before and after one scenario, item by item in US dollars: a second way to its loss. */
class FullRevaluation {
  readonly gross: number;
  private readonly account: Pool;
  private readonly underlying: string;
  private readonly scan: ScanParameters;
  private readonly set: ScenarioSet;
  private readonly held: readonly { quoted: QuotedInstrument; quantity: number; entryPrice: number }[];

  constructor(account: Pool, underlying: string, scan: ScanParameters, set: ScenarioSet) {
    this.account = account;
    this.underlying = underlying;
    this.scan = scan;
    this.set = set;
    this.held = account.positions.map(({ instrumentId, quantity, entryPrice }) => {
      const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId);
      if (quoted === undefined) throw new Error(`no ${instrumentId}`);
      return { quoted, quantity, entryPrice };
    });
    this.gross = [...this.amounts(0, 0)].reduce((sum, [currency, amounts]) => {
      const usd = amounts.reduce((total, amount) => total + Math.abs(amount), 0) * this.priceUsd(currency, 0);
      return sum + usd / this.priceUsd(account.poolCurrency, 0);
    }, 1);
  }

  loss(s: number): number {
    const move = this.set.priceMove[s] ?? Number.NaN;
    const change = this.wealth(0, 0) - this.wealth(move, (this.set.volatilityState[s] ?? 0) as VolatilityState);
    const { poolCurrency } = this.account;
    const settled =
      this.priceUsd(poolCurrency, move) / this.priceUsd(poolCurrency, this.set.settlementMove[s] ?? Number.NaN);
    return change * (this.set.weight[s] ?? Number.NaN) * settled;
  }

  private wealth(move: number, state: VolatilityState): number {
    let usd = 0;
    for (const [currency, amounts] of this.amounts(move, state)) {
      for (const amount of amounts) usd += amount * this.priceUsd(currency, move);
    }
    return usd / this.priceUsd(this.account.poolCurrency, move);
  }

  private priceUsd(currency: string, move: number): number {
    const price = chain.currencies.find((entry) => entry.currency === currency)?.priceUsd ?? Number.NaN;
    return currency === this.underlying ? price * (1 + move) : price;
  }

  private amounts(move: number, state: VolatilityState): Map<string, number[]> {
    const amounts = new Map<string, number[]>();
    const add = (currency: string, amount: number) => amounts.set(currency, [...(amounts.get(currency) ?? []), amount]);
    for (const { asset, amount } of this.account.collateral) add(asset, amount);
    for (const { quoted, quantity, entryPrice } of this.held) {
      const { instrument } = quoted;
      const own = instrument.underlying === this.underlying;
      const price = quoted.markPrice * (own && instrument.kind !== "option" ? 1 + move : 1);
      if (instrument.kind === "option") {
        add(settlementCurrency(instrument), quantity * this.optionValue(quoted, own ? move : 0, own ? state : 0));
      } else if (instrument.settlement === "inverse") {
        add(settlementCurrency(instrument), quantity / entryPrice);
        add(settlementCurrency(instrument), -quantity / price);
      } else {
        add(settlementCurrency(instrument), quantity * price);
        add(settlementCurrency(instrument), -quantity * entryPrice);
      }
    }
    return amounts;
  }

  private optionValue(
    { instrument, forwardPrice, markVolatility }: QuotedInstrument,
    move: number,
    state: VolatilityState,
  ) {
    if (instrument.kind !== "option" || markVolatility === null) throw new Error("not an option");
    const days = daysToExpiry(instrument, chain.asOfMs);
    const volatility = movedVolatility(markVolatility, days, state, this.scan);
    const forward = forwardPrice * (1 + move);
    const sign = instrument.optionType === "call" ? 1 : -1;
    const value = black76Price(sign, forward, instrument.strike, days / 365, volatility, 1);
    return instrument.settlement === "inverse" ? value / forward : value;
  }
}

/** Of two amounts, against the size of the account they belong to. */
function relativeDifference(a: number, b: number, { equity, initialMargin }: MarginedPool): number {
  return Math.abs(a - b) / (Math.abs(equity) + initialMargin + Math.abs(a) + 1e-9);
}
