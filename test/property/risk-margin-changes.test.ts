import {
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  type ParameterSet,
  type Pool,
  type Position,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, chain, supported } from "../support/books.ts";
import { arbitraryLongBook } from "../support/bounded-books.ts";
import { collateralSnapshot, withAsset } from "../support/collateral.ts";
import { assets, accounts as collateralAccounts } from "../support/collateral-books.ts";
import { accountWith } from "../support/market.ts";

const settings = { seed: 20260205, numRuns: 40 } as const;

const tokenMarket = collateralSnapshot({ USDC: 0.985 });
const tokenPosition: fc.Arbitrary<Position> = fc.record({
  instrumentId: fc.constantFrom(...tokenMarket.instruments.map(({ instrument }) => instrument.instrumentId)),
  quantity: fc.integer({ min: -200, max: 200 }),
  entryPrice: fc.constantFrom(100, 1_900, 2_100, 61_000),
});

/** One change of a pool. What it does with a pool is up to `applied`. */
interface Change {
  readonly kind: "add" | "double" | "oppose" | "close" | "replace" | "turn" | "pay" | "owe" | "spoil" | "unlist";
  readonly position: Position;
  readonly place: number;
  readonly asset: string;
  readonly amount: number;
}

function arbitraryChange(snapshot: MarketSnapshot): fc.Arbitrary<Change> {
  return fc.record({
    kind: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom("add", "double", "oppose", "close", "replace", "turn", "pay", "owe") },
      { weight: 1, arbitrary: fc.constantFrom("spoil", "unlist") },
    ) as fc.Arbitrary<Change["kind"]>,
    position: snapshot === tokenMarket ? tokenPosition : arbitraryPosition(snapshot),
    place: fc.nat(20),
    asset: fc.constantFrom(...(snapshot === tokenMarket ? assets : ["USD", "USDC", "BTC", "ETH"])),
    amount: fc.integer({ min: 1, max: 3_000 }),
  });
}

/** Returns a pool after one change. A place beyond its positions comes round to the first. */
function applied(pool: Pool, { kind, position, place, asset, amount }: Change): Pool {
  const { positions, collateral } = pool;
  const at = positions.length === 0 ? 0 : place % positions.length;
  const own = positions[at];
  const with_ = (added: Position): Pool => ({ ...pool, positions: [...positions, added] });
  const put = (changed: readonly Position[]): Pool => ({ ...pool, positions: positions.toSpliced(at, 1, ...changed) });
  switch (kind) {
    case "add":
      return with_(position);
    case "double":
      return with_(own ?? position);
    case "oppose":
      return with_(own === undefined ? position : { ...own, quantity: -own.quantity, entryPrice: position.entryPrice });
    case "close":
      return put([]);
    case "replace":
      return own === undefined ? pool : put([{ ...own, quantity: own.quantity + 1 }]);
    case "turn":
      return { ...pool, positions: positions.toReversed() };
    case "pay":
      return { ...pool, collateral: [...collateral, { asset, amount }] };
    case "owe":
      return { ...pool, collateral: collateral.toSpliced(0, 1, { asset, amount: -amount }) };
    case "spoil":
      return with_({ ...position, quantity: Number.NaN });
    case "unlist":
      return with_({ ...position, instrumentId: "BTC-1JAN20" });
  }
}

/** Draws a pool with pools that each differ from it in one to four changes. */
function cases(pools: fc.Arbitrary<Pool>, snapshot: MarketSnapshot) {
  return fc
    .tuple(
      pools,
      fc.array(fc.array(arbitraryChange(snapshot), { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 8 }),
    )
    .map(([base, changes]) => ({ base, changed: changes.map((own) => own.reduce(applied, base)) }));
}

/** Expects each changed pool to have every figure that margin gives it, to the bit; toStrictEqual tells 0 from -0. */
function expectSameAsMargin(engine: MarginEngine, base: Pool, changed: readonly Pool[]): void {
  const marginOf = engine.marginChanges(base);
  for (const pool of [base, ...changed, base]) expect(marginOf(pool)).toStrictEqual(engine.margin(pool));
}

function expectAlways(engine: MarginEngine, pools: fc.Arbitrary<Pool>, snapshot: MarketSnapshot): void {
  fc.assert(
    fc.property(cases(pools, snapshot), ({ base, changed }) => expectSameAsMargin(engine, base, changed)),
    settings,
  );
}

describe.each(methodIds)("pools that differ in few holdings, under %s", (methodId) => {
  const engine = createMarginEngine(chain, defaultParameters);

  it("have the bits of margin: added, doubled, opposite, closing and new fills, cash moves and faults", () => {
    expectAlways(engine, arbitraryAccount(chain, methodId).map(supported), chain);
  });
});

describe("pools that differ in few holdings", () => {
  const offPar: MarketSnapshot = {
    ...chain,
    currencies: [
      ...chain.currencies.filter(({ currency }) => currency !== "USDC"),
      { currency: "USDC", priceUsd: 0.97 },
    ],
  };
  const ruled: ParameterSet = withAsset("ETH", {
    concentration: {
      poolShare: 0.3,
      dailyVolumeUsd: null,
      volumeShare: 0.5,
      initialHaircut: 0.9,
      maintenanceHaircut: 0.8,
    },
    wrongWay: { underlyings: ["BTC", "ETH"], initialHaircut: 0.5, maintenanceHaircut: 0.4 },
  });
  const { portfolio } = defaultParameters.methods;
  const floored: ParameterSet = {
    ...defaultParameters,
    methods: { ...defaultParameters.methods, portfolio: { ...portfolio, floorBy: "var" } },
  };

  it.each<MethodId>(["portfolio", "portfolio_okx", "var"])("have the bits of margin off par, under %s", (methodId) => {
    expectAlways(createMarginEngine(offPar, defaultParameters), arbitraryAccount(offPar, methodId), offPar);
  });

  it("have the bits of margin with a floor by joint scenarios", () => {
    expectAlways(createMarginEngine(chain, floored), arbitraryAccount(chain), chain);
  });

  it("have the bits of margin where losses are bounded", () => {
    expectAlways(createMarginEngine(chain, defaultParameters), arbitraryLongBook(chain), chain);
  });

  it.each<[string, ParameterSet]>([
    ["tokens and debts", defaultParameters],
    ["balances whose haircut depends on the whole pool", ruled],
  ])("have the bits of margin with %s", (_name, parameters) => {
    expectAlways(createMarginEngine(tokenMarket, parameters), collateralAccounts, tokenMarket);
  });

  it("have the bits of margin with many positions, of which a sum goes on from one that is kept", () => {
    const many = fc
      .array(arbitraryPosition(chain), { minLength: 60, maxLength: 120 })
      .map((positions) => accountWith({ methodId: "var", positions }));
    expectAlways(createMarginEngine(chain, defaultParameters), many, chain);
  });
});
