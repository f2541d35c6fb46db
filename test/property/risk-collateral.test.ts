import {
  type CollateralParameters,
  createMarginEngine,
  type DatedRate,
  defaultParameters,
  type HaircutBand,
  type ParameterSet,
  type TokenState,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertySettings } from "../support/books.ts";
import { collateralSnapshot, engineFor, ethPrice, marginedIn, poolState, tokens } from "../support/collateral.ts";
import { accounts, assets, sizes, slack, snapshots, withBalance } from "../support/collateral-books.ts";
import { accountWith } from "../support/market.ts";

const settings = { ...propertySettings, numRuns: 120 };

describe("the margin balances", () => {
  it("never fall when more of an asset is held", () => {
    fc.assert(
      fc.property(
        accounts,
        snapshots,
        fc.constantFrom(...assets),
        fc.integer({ min: 1, max: 5_000_000 }),
        (account, snapshot, asset, valueUsd) => {
          const engine = engineFor(snapshot);
          const less = marginedIn(engine, account);
          const more = marginedIn(engine, withBalance(account, asset, valueUsd / (sizes[asset] ?? Number.NaN)));
          expect(more.marginBalance).toBeGreaterThanOrEqual(less.marginBalance - slack(account));
          expect(more.initialMarginBalance).toBeGreaterThanOrEqual(less.initialMarginBalance - slack(account));
        },
      ),
      settings,
    );
  });

  it("are ordered: initial at most maintenance, which is at most equity", () => {
    fc.assert(
      fc.property(accounts, snapshots, (account, snapshot) => {
        const { equity, marginBalance, initialMarginBalance } = marginedIn(engineFor(snapshot), account);
        expect(initialMarginBalance).toBeLessThanOrEqual(marginBalance + slack(account));
        expect(marginBalance).toBeLessThanOrEqual(equity + slack(account));
      }),
      settings,
    );
  });

  it("never grow with any haircut, of either kind and of any rule", () => {
    const harder = (by: number) => (bands: readonly HaircutBand[]) =>
      bands.map(({ upToUsd, haircut }) => ({ upToUsd, haircut: Math.min(1, haircut + by) }));
    const changes: readonly ((entry: CollateralParameters, by: number) => CollateralParameters)[] = [
      (entry, by) => ({ ...entry, initialBands: harder(by)(entry.initialBands) }),
      (entry, by) => ({
        ...entry,
        initialBands: harder(by)(entry.initialBands),
        maintenanceBands: harder(by)(entry.maintenanceBands),
      }),
      (entry, by) =>
        entry.valuation.kind === "pegged"
          ? {
              ...entry,
              valuation: {
                ...entry.valuation,
                depegTiers: [...entry.valuation.depegTiers, { belowPrice: 1, factor: 5 * by }],
              },
            }
          : entry,
      (entry, by) => ({
        ...entry,
        wrongWay: { underlyings: ["*"], initialHaircut: 0.25 + by, maintenanceHaircut: 0.25 + by },
      }),
      (entry, by) =>
        entry.concentration === null
          ? entry
          : {
              ...entry,
              concentration: { ...entry.concentration, poolShare: 0.5 * (1 - by), initialHaircut: 0.15 + by },
            },
    ];
    fc.assert(
      fc.property(
        accounts,
        snapshots,
        fc.constantFrom(...changes),
        fc.constantFrom(...assets),
        fc.constantFrom(0.01, 0.2, 0.7),
        (account, snapshot, change, asset, by) => {
          const collateral = defaultParameters.collateral.map((entry) =>
            entry.asset === asset ? change(entry, by) : entry,
          );
          const milder = marginedIn(engineFor(snapshot), account);
          const result = marginedIn(engineFor(snapshot, { ...defaultParameters, collateral }), account);
          expect(result.marginBalance).toBeLessThanOrEqual(milder.marginBalance + slack(account));
          expect(result.initialMarginBalance).toBeLessThanOrEqual(milder.initialMarginBalance + slack(account));
          expect(result.equity).toBe(milder.equity);
        },
      ),
      settings,
    );
  });

  it("are the same however balances are split and ordered", () => {
    fc.assert(
      fc.property(accounts, fc.integer({ min: 2, max: 4 }), (account, parts) => {
        const split = account.collateral.flatMap(({ asset, amount }) => {
          const part = Number((amount / parts).toPrecision(6));
          const rest = Number((amount - part).toPrecision(12));
          return [
            { asset, amount: rest },
            { asset, amount: part },
          ];
        });
        const whole = marginedIn(engineFor(), account);
        const result = marginedIn(engineFor(), { ...account, collateral: split.toReversed() });
        expect(Math.abs(result.marginBalance - whole.marginBalance)).toBeLessThanOrEqual(slack(account));
        expect(Math.abs(result.initialMarginBalance - whole.initialMarginBalance)).toBeLessThanOrEqual(slack(account));
      }),
      settings,
    );
  });

  it("grow in proportion with the account and the bounds of its bands", () => {
    const scaleBands = (bands: readonly HaircutBand[], by: number) =>
      bands.map(({ upToUsd, haircut }) => ({ upToUsd: upToUsd === null ? null : upToUsd * by, haircut }));
    fc.assert(
      fc.property(accounts, snapshots, fc.constantFrom(0.25, 4), (account, snapshot, by) => {
        const scaled: ParameterSet = {
          ...defaultParameters,
          collateral: defaultParameters.collateral.map((entry) => ({
            ...entry,
            initialBands: scaleBands(entry.initialBands, by),
            maintenanceBands: scaleBands(entry.maintenanceBands, by),
          })),
        };
        const times = {
          ...account,
          collateral: account.collateral.map(({ asset, amount }) => ({ asset, amount: amount * by })),
          positions: account.positions.map((held) => ({ ...held, quantity: held.quantity * by })),
        };
        const one = marginedIn(engineFor(snapshot), account);
        const many = marginedIn(engineFor(snapshot, scaled), times);
        expect(Math.abs(many.marginBalance - by * one.marginBalance)).toBeLessThanOrEqual(by * slack(account));
        expect(Math.abs(many.initialMarginBalance - by * one.initialMarginBalance)).toBeLessThanOrEqual(
          by * slack(account),
        );
      }),
      settings,
    );
  });

  it("take the whole of every debt: one dollar more of it costs one at least, at par for a stablecoin", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...assets),
        fc.integer({ min: 1, max: 1_000_000 }),
        snapshots,
        (asset, valueUsd, snapshot) => {
          const amount = valueUsd / (sizes[asset] ?? Number.NaN);
          const engine = engineFor(snapshot);
          const owing = marginedIn(
            engine,
            accountWith({
              collateral: [
                { asset: "USD", amount: 1 },
                { asset, amount: -amount },
              ],
            }),
          );
          const price = snapshot.currencies.find(({ currency }) => currency === asset)?.priceUsd ?? 0;
          expect(owing.marginBalance).toBeLessThanOrEqual(1 - amount * price + 1e-6);
          expect(owing.initialMarginBalance).toBe(owing.marginBalance);
          expect(owing.marginBalance).toBeLessThanOrEqual(1 - valueUsd * (1 - 1e-9) + 1e-6);
        },
      ),
      settings,
    );
  });

  it("fall with the price of a stablecoin held, without a jump", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80_000_000 }),
        fc.double({ min: 0.3, max: 1.1, noNaN: true }),
        (amount, price) => {
          const balanceAt = (priceUsd: number) =>
            marginedIn(
              engineFor(collateralSnapshot({ USDC: priceUsd })),
              accountWith({ collateral: [{ asset: "USDC", amount }] }),
            ).marginBalance;
          const step = 1e-4;
          const [lower, upper] = [balanceAt(price - step), balanceAt(price)];
          expect(lower).toBeLessThanOrEqual(upper + 1e-9 * amount);
          expect(upper).toBeLessThanOrEqual(amount * Math.min(1, price) + 1e-9 * amount);
          // The steepest: a price step takes 1 of itself and at most 4 more through the tiers.
          expect(upper - lower).toBeLessThanOrEqual(5 * step * amount);
        },
      ),
      settings,
    );
  });
});

describe("manipulated sources", () => {
  it("of a pool's reserves leave its token as it was: a trade moves them along the invariant only", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
        fc.integer({ min: 1, max: 5_000 }),
        (ratio, amount) => {
          const [coins, cash] = poolState.reserves;
          const reserves = [
            { asset: coins.asset, amount: coins.amount * ratio },
            { asset: cash.asset, amount: cash.amount / ratio },
          ];
          const traded = { ...collateralSnapshot(), tokens: [{ ...poolState, reserves }] };
          const account = accountWith({ collateral: [{ asset: "ETHUSDCLP", amount }], positions: [] });
          const before = marginedIn(engineFor(), account);
          const after = marginedIn(engineFor(traded), account);
          for (const figure of ["equity", "marginBalance", "initialMarginBalance", "initialMargin"] as const) {
            expect(Math.abs(after[figure] / before[figure] - 1)).toBeLessThan(1e-12);
          }
        },
      ),
      settings,
    );
  });

  it("of a weighted pool leave its token as it was as well", () => {
    const weights = [
      { asset: "ETH", weight: 0.8 },
      { asset: "USDC", weight: 0.2 },
    ];
    const collateral = defaultParameters.collateral.map((entry) =>
      entry.asset === "ETHUSDCLP" ? { ...entry, valuation: { kind: "pool_token", parts: weights } as const } : entry,
    );
    fc.assert(
      fc.property(fc.double({ min: 1e-2, max: 1e2, noNaN: true }), (ratio) => {
        const [coins, cash] = poolState.reserves;
        // Along coins ^ 0.8 x cash ^ 0.2 = constant.
        const reserves = [
          { asset: coins.asset, amount: coins.amount * ratio },
          { asset: cash.asset, amount: cash.amount * ratio ** -4 },
        ];
        const account = accountWith({ collateral: [{ asset: "ETHUSDCLP", amount: 10 }] });
        const parameters = { ...defaultParameters, collateral };
        const before = marginedIn(engineFor(undefined, parameters), account);
        const traded = { ...collateralSnapshot(), tokens: [{ ...poolState, reserves }] };
        const after = marginedIn(engineFor(traded, parameters), account);
        // ln of a reserve of 1e14 carries 14 digits into the exponent.
        expect(Math.abs(after.marginBalance / before.marginBalance - 1)).toBeLessThan(1e-11);
      }),
      settings,
    );
  });

  it("of a redemption rate or a thin market never lift a token above the other, nor above the cap", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 10, max: 1e6, noNaN: true }),
        (rate, priceUsd) => {
          const state: TokenState = { kind: "redeemable", asset: "WSTETH", rate };
          const snapshot = { ...collateralSnapshot({ WSTETH: priceUsd }), tokens: [state] };
          const account = accountWith({ collateral: [{ asset: "WSTETH", amount: 1 }] });
          const { equity } = marginedIn(createMarginEngine(snapshot, defaultParameters), account);
          expect(equity).toBeLessThanOrEqual(Math.min(priceUsd, rate * ethPrice) * (1 + 1e-12));
          expect(equity).toBeLessThanOrEqual(1.157209899495068 * 1.25 * ethPrice);
        },
      ),
      settings,
    );
    expect(tokens).toHaveLength(3);
  });
});

describe("a redemption rate of any size", () => {
  const day = 86_400_000;
  const { asOfMs } = collateralSnapshot();
  const readings = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  /** Days of honest rates about 1.17, up to three of them replaced by anything. */
  const records = fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.uniqueArray(fc.nat({ max: 6 }), { maxLength: 3 }), readings)
    .map(([count, wrong, rate]) =>
      Array.from({ length: count }, (_, index) => ({
        atMs: asOfMs - (count - index) * day,
        rate: count === 7 && wrong.includes(index) ? rate : 1.17 * (1 + (index - count) * 1e-4),
      })),
    );
  const market = (rate: number, rates: readonly DatedRate[]) =>
    createMarginEngine(
      {
        ...collateralSnapshot(),
        tokens: tokens.map((state) =>
          state.kind === "redeemable" && state.asset === "SDAI" ? { ...state, rate } : state,
        ),
        ...(rates.length > 0 && { tokenRates: [{ asset: "SDAI", rates }] }),
      },
      defaultParameters,
    );
  const priceOf = (rate: number, rates: readonly DatedRate[], amount: number) => {
    const account = accountWith({ collateral: [{ asset: "SDAI", amount }] });
    return market(rate, rates)
      .collateral(account)
      .find(({ asset }) => asset === "SDAI")!;
  };

  it("raises a debt by no more than growth with room, lowers it by no more than the fall that is believed", () => {
    fc.assert(
      fc.property(readings, records, (rate, rates) => {
        const honest = priceOf(1.17, rates, -1_000).priceUsd;
        const owed = priceOf(rate, rates, -1_000).priceUsd;
        // The anchor's room by then is 7 %, that of a week's records a quarter of a percent.
        expect(owed / honest).toBeLessThan(rates.length < 3 ? 1.07 : 1.0025);
        expect(owed / honest).toBeGreaterThan(0.93);
      }),
      propertySettings,
    );
  });

  it("counts what is held at itself at most, never above what is owed, and a greater one never at less", () => {
    fc.assert(
      fc.property(readings, readings, records, (one, other, rates) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const held = [low, high].map((rate) => priceOf(rate, rates, 1_000));
        const owed = [low, high].map((rate) => priceOf(rate, rates, -1_000));
        expect(held[0]!.priceUsd).toBeLessThanOrEqual(held[1]!.priceUsd);
        expect(owed[0]!.priceUsd).toBeLessThanOrEqual(owed[1]!.priceUsd);
        for (const [index, { priceUsd, quality, reasons }] of held.entries()) {
          expect(priceUsd).toBeLessThanOrEqual([low, high][index]! * (1 + 1e-15));
          expect(priceUsd).toBeLessThanOrEqual(owed[index]!.priceUsd);
          expect(quality).toBe(reasons.includes("rate_collapsed") ? "degraded" : "good");
          expect(owed[index]!.quality).toBe("good");
        }
      }),
      propertySettings,
    );
  });
});
