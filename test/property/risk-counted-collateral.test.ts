import {
  type CollateralParameters,
  type ConcentrationRule,
  createMarginEngine,
  defaultParameters,
  type HaircutBand,
  type MarginEngine,
  type MarginedPool,
  type MarketSnapshot,
  methodIds,
  type ParameterSet,
  type Pool,
  type Severity,
  severityOf,
  valueAfterHaircutUsd,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertySettings } from "../support/books.ts";
import { marginedIn } from "../support/collateral.ts";
import { assets, sizes, snapshots } from "../support/collateral-books.ts";
import { type CountedPool, countByDollar } from "../support/counted-by-dollar.ts";
import { accountWith } from "../support/market.ts";

/** The parts of a dollar that a cut begins or ends within are a thousandth of it, and there are few of these. */
const toleranceUsd = 0.02;

/** Balances worth up to 20,000 US dollars, a debt in one of four, and a few small positions. */
const smallAccounts = (kinds: readonly string[], poolCurrencies: readonly string[]) =>
  fc
    .record({
      poolCurrency: fc.constantFrom(...poolCurrencies),
      collateral: fc.uniqueArray(
        fc.record({
          asset: fc.constantFrom(...assets),
          valueUsd: fc.oneof(
            { weight: 3, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
            { weight: 1, arbitrary: fc.integer({ min: -3_000, max: 0 }) },
          ),
        }),
        { selector: ({ asset }) => asset, minLength: 1, maxLength: 5 },
      ),
      positions: fc.array(
        fc.record({
          kind: fc.constantFrom(...kinds),
          contracts: fc.integer({ min: -30, max: 30 }),
          entry: fc.constantFrom(0.9, 0.99, 1, 1.02),
        }),
        { maxLength: 3 },
      ),
    })
    .map(
      ({ poolCurrency, collateral, positions }): Pool =>
        accountWith({
          poolCurrency,
          collateral: collateral.map(({ asset, valueUsd }) => ({ asset, amount: valueUsd / sizes[asset]! })),
          positions: positions.map(({ kind, contracts, entry }) => {
            const coin = ["BTC", "ETH", "SOL"].find((name) => kind.startsWith(name))!;
            // Some hundred dollars a contract; an inverse contract is one dollar.
            const quantity = kind.endsWith("INVERSE") ? 100 * contracts : (contracts * 150) / sizes[coin]!;
            return { instrumentId: kind, quantity, entryPrice: sizes[coin]! * entry };
          }),
        }),
    );

const instruments = [
  "BTC-PERPETUAL",
  "ETH-PERPETUAL",
  "ETH-INVERSE",
  "ETH_USDC-PERPETUAL",
  "SOL-PERPETUAL",
  "SOL-FUTURE",
  "SOL-100-put",
  "SOL-100-call",
];

const share = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);

/** A rule that names a daily volume of up to some ten thousand dollars, and often a share of the pool beside it. */
const concentrationRules = fc
  .record({
    poolShare: fc.constantFrom(0.25, 0.5, 1, 1),
    dailyVolumeUsd: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    volumeShare: fc.constantFrom(0.05, 0.1, 0.333, 1),
    maintenanceHaircut: share,
    more: share,
  })
  .map(
    ({ maintenanceHaircut, more, ...rule }): ConcentrationRule => ({
      ...rule,
      maintenanceHaircut,
      initialHaircut: Math.min(1, maintenanceHaircut + more),
    }),
  );

const wrongWayRules = fc.constantFrom(
  null,
  { underlyings: ["*"], initialHaircut: 0.3, maintenanceHaircut: 0.2 },
  { underlyings: ["SOL"], initialHaircut: 0.5, maintenanceHaircut: 0.1 },
);

const thousandth = (bands: readonly HaircutBand[]) =>
  bands.map(({ upToUsd, haircut }) => ({ upToUsd: upToUsd === null ? null : upToUsd / 1_000, haircut }));

/** The shipped collateral with its bands at a thousandth of their size, and the rules that are given by asset. */
function withRules(rules: ReadonlyMap<string, Partial<CollateralParameters>>): ParameterSet {
  return {
    ...defaultParameters,
    collateral: defaultParameters.collateral.map((entry) => ({
      ...entry,
      initialBands: thousandth(entry.initialBands),
      maintenanceBands: thousandth(entry.maintenanceBands),
      ...rules.get(entry.asset),
    })),
  };
}

const parameterSets = fc
  .array(fc.record({ asset: fc.constantFrom(...assets), concentration: concentrationRules, wrongWay: wrongWayRules }), {
    minLength: 2,
    maxLength: 8,
  })
  .map((rules) => withRules(new Map(rules.map(({ asset, ...own }) => [asset, own]))));

function expectCounted(actual: number, expected: number, { poolUsd }: { readonly poolUsd: number }, what: string) {
  expect(Math.abs(actual - expected) * poolUsd, `${what}: ${actual} instead of ${expected}`).toBeLessThan(toleranceUsd);
}

function poolPriceOf({ poolCurrency }: Pool, { currencies }: MarketSnapshot): { readonly poolUsd: number } {
  return { poolUsd: currencies.find(({ currency }) => currency === poolCurrency)!.priceUsd };
}

describe("one asset counted dollar by dollar", () => {
  it("is cut beyond a share of its daily volume, by each margin at its own rate, and never by more than all", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30_000 }),
        concentrationRules,
        fc.constantFrom("BTC", "SOL", "WSTETH", "USDC", "DAI", "ETHUSDCLP"),
        snapshots,
        (valueUsd, concentration, asset, snapshot) => {
          const parameters = withRules(new Map([[asset, { concentration, wrongWay: null }]]));
          const account = accountWith({ collateral: [{ asset, amount: valueUsd / sizes[asset]! }] });
          const engine = createMarginEngine(snapshot, parameters);
          const result = marginedIn(engine, account);
          const counted = countByDollar(account, snapshot, parameters);
          const pool = poolPriceOf(account, snapshot);
          expectCounted(result.initialMarginBalance, counted.initial, pool, "initial");
          expectCounted(result.marginBalance, counted.maintenance, pool, "maintenance");
          const [row] = engine.collateral(account);
          const own = counted.byAsset.get(asset)!;
          expectCounted(row!.countedInitial, own.initialUsd, pool, "row, initial");
          expectCounted(row!.countedMaintenance, own.maintenanceUsd, pool, "row, maintenance");
          // The share that does not count, and why.
          expectCounted(row!.initialHaircut * own.valueUsd, own.valueUsd - own.initialUsd, pool, "haircut");
          const { dailyVolumeUsd, volumeShare, poolShare } = concentration;
          const isBeyond = dailyVolumeUsd !== null && own.valueUsd > volumeShare * dailyVolumeUsd + 1e-6;
          if (poolShare === 1) expect(row!.reasons.includes("concentration")).toBe(isBeyond);
        },
      ),
      { ...propertySettings, numRuns: 200 },
    );
  });

  it("is what valueAfterHaircutUsd says of any bands and any limit, dollar by dollar", () => {
    const bandsOf = fc
      .array(fc.record({ width: fc.integer({ min: 1, max: 900 }), haircut: share }), { minLength: 1, maxLength: 4 })
      .chain((parts) =>
        fc.boolean().map((isOpen) => {
          let upTo = 0;
          return parts.map(({ width, haircut }, index): HaircutBand => {
            upTo += width;
            return { upToUsd: isOpen && index === parts.length - 1 ? null : upTo, haircut };
          });
        }),
      );
    const dollars = fc.integer({ min: 0, max: 3_000 });
    fc.assert(
      fc.property(
        dollars,
        bandsOf,
        dollars,
        dollars,
        share,
        share,
        (value, bands, first, excess, onFirst, onExcess) => {
          let counted = 0;
          for (let dollar = 0; dollar < value; dollar += 1) {
            const band = bands.find(({ upToUsd }) => upToUsd === null || dollar < upToUsd);
            const cut = (band?.haircut ?? 1) + (dollar < first ? onFirst : 0) + (dollar >= excess ? onExcess : 0);
            counted += 1 - Math.min(1, cut);
          }
          const added = { onAll: 0, onFirst, onFirstUsd: first, onExcess, onExcessFromUsd: excess };
          expect(valueAfterHaircutUsd(value, bands, added)).toBeCloseTo(counted, 8);
        },
      ),
      { ...propertySettings, numRuns: 300 },
    );
  });
});

/** The account without what its method cannot margin, in a pool that it takes; null where nothing else helps. */
function marginable(engine: MarginEngine, account: Pool): { account: Pool; result: MarginedPool } | null {
  for (let own = account; ; ) {
    const result = engine.margin(own);
    if (result.status === "margined" && result.incomplete === undefined) return { account: own, result };
    const reasons = result.status === "margined" ? result.incomplete! : [result];
    const fields = new Set(reasons.map(({ field }) => field.replace(/\].*/, "]")));
    const positions = own.positions.filter((_, index) => !fields.has(`positions[${index}]`));
    const collateral = own.collateral.filter((_, index) => !fields.has(`collateral[${index}]`));
    if (positions.length + collateral.length === own.positions.length + own.collateral.length) return null;
    own = { ...own, positions, collateral };
  }
}

/** The severity by the rungs alone, each with its own requirement and its own balance; null within rounding of a rung. */
function severityByRungs(result: MarginedPool, counted: CountedPool, rounding: number): Severity | null {
  const { equity, initialMargin, maintenanceMargin } = result;
  if (Math.abs(equity) < rounding) return null;
  if (equity < 0) return "BANKRUPT";
  let severity: Severity = "NORMAL";
  for (const rung of defaultParameters.severity.rungs) {
    const [asked, held] =
      rung.requirement === "initial" ? [initialMargin, counted.initial] : [maintenanceMargin, counted.maintenance];
    const left = rung.enterRatio * held - asked;
    if (Math.abs(left) < rounding) return null;
    if (left < 0) severity = rung.severity;
  }
  return severity;
}

describe.each(methodIds)("the two schedules under %s", (methodId) => {
  const poolCurrencies = methodId.startsWith("derive") ? ["USD", "USDC"] : ["USD", "USDC", "ETH", "BTC"];
  const seen = { cut: 0, apart: 0, severities: new Set<Severity>(), rungs: 0 };

  it("hold each margin against its own balance, counted dollar by dollar", () => {
    fc.assert(
      fc.property(
        smallAccounts(instruments, poolCurrencies),
        snapshots,
        parameterSets,
        (held, snapshot, parameters) => {
          const engine = createMarginEngine(snapshot, parameters);
          const found = marginable(engine, { ...held, methodId });
          if (found === null) return;
          const { account, result } = found;
          const counted = countByDollar(account, snapshot, parameters);
          const pool = poolPriceOf(account, snapshot);
          expectCounted(result.equity, counted.equity, pool, "equity");
          expectCounted(result.marginBalance, counted.maintenance, pool, "maintenance");
          expectCounted(result.initialMarginBalance, counted.initial, pool, "initial");
          expectCounted(result.availableFunds, counted.initial - result.initialMargin, pool, "available funds");
          expectCounted(result.marginHeadroom, counted.maintenance - result.maintenanceMargin, pool, "headroom");
          if (counted.maintenance - counted.initial > 1 / pool.poolUsd) seen.apart += 1;
          if (counted.equity - counted.maintenance > 1 / pool.poolUsd) seen.cut += 1;
          // A severity that rests on less than these figures has a basis of its own.
          if (result.severityBasis !== undefined || result.initialMargin === 0) return;
          if (counted.maintenance > 1 / pool.poolUsd) {
            const ratio = result.maintenanceMargin / counted.maintenance;
            expect(Math.abs(result.marginRatio! / ratio - 1)).toBeLessThan(toleranceUsd);
          }
          const severity = severityByRungs(result, counted, toleranceUsd / pool.poolUsd);
          if (severity === null) return;
          seen.severities.add(severity);
          seen.rungs += 1;
          expect(severityOf(result, defaultParameters.severity)).toBe(severity);
        },
      ),
      { ...propertySettings, numRuns: 120 },
    );
    // The accounts reach what this is about.
    expect(seen.apart).toBeGreaterThan(40);
    expect(seen.cut).toBeGreaterThan(40);
    expect(seen.rungs).toBeGreaterThan(15);
    expect(seen.severities.size).toBeGreaterThan(2);
  });
});
