import {
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarginedPool,
  type MarketSnapshot,
  type MethodId,
  type MethodParameters,
  methodIds,
  methodKeyOf,
  type ParameterSet,
  type Pool,
  type SizeParameters,
} from "@plimsoll/risk";
import { chain } from "./books.ts";
import { type KnobLaw, methodKnobs, scanKnobs, sharedKnobs, sizeKnobs } from "./method-facts.ts";

/** The chain of two coins with one stablecoin 3% below par, so that the charges for a depeg apply. */
export const lawChain: MarketSnapshot = {
  ...chain,
  currencies: chain.currencies.map((entry) => (entry.currency === "USDC" ? { ...entry, priceUsd: 0.97 } : entry)),
};

/** Returns a parameter set with the parameters of one method changed. */
export function withMethod<Key extends keyof MethodParameters>(
  parameters: ParameterSet,
  key: Key,
  change: (own: MethodParameters[Key]) => Partial<MethodParameters[Key]>,
): ParameterSet {
  const own = parameters.methods[key];
  return { ...parameters, methods: { ...parameters.methods, [key]: { ...own, ...change(own) } } };
}

/** Returns a parameter set in which every method charges for size alike. */
function withSize(parameters: ParameterSet, size: readonly SizeParameters[]): ParameterSet {
  const keys = methodIds.map(methodKeyOf);
  return keys.reduce((changed, key) => withMethod(changed, key, () => ({ size })), parameters);
}

const sized: SizeParameters = {
  underlying: "*",
  openInterest: { notionalUsd: 300_000_000, lowerUsd: 100_000_000, upperUsd: 1_000_000_000 },
  concentration: { freeUsd: 50_000, ratePerMillionUsd: 0.01, maximumRate: 0.02 },
  liquidation: { futureRate: 0.0005, optionRate: 0.0003, impactPerRootMillionUsd: 0.1 },
  minimum: { futureRate: 0.02, shortOptionRate: 0.01 },
};

const majors = { name: "majors", underlyings: ["BTC", "ETH"] };

/**
 * The shipped parameters without charges for size. Other rules that ship turned off are turned on, so that their laws
 * can be tested.
 */
export const lawParameters: ParameterSet = [
  (set: ParameterSet) => withSize(set, []),
  (set: ParameterSet) => ({
    ...set,
    collateral: set.collateral.map((entry) => ({
      ...entry,
      wrongWay: { underlyings: ["*"], initialHaircut: 0.2, maintenanceHaircut: 0.1 },
      concentration: {
        poolShare: 0.3,
        dailyVolumeUsd: null,
        volumeShare: 0.1,
        initialHaircut: 0.15,
        maintenanceHaircut: 0.1,
      },
    })),
  }),
  (set: ParameterSet) =>
    withMethod(set, "portfolio", () => ({ offsets: [{ ...majors, gainShare: 0.5, decorrelation: 0.3 }] })),
  (set: ParameterSet) =>
    withMethod(set, "portfolioDeribit", ({ currencies }) => ({
      currencies: currencies.map((row) => ({ ...row, pnlOffset: 0.3, maximumOffsettablePnlUsd: 50_000 })),
    })),
  (set: ParameterSet) =>
    withMethod(set, "standard", ({ options }) => ({ options: { ...options, closingFeeRate: 0.002 } })),
  (set: ParameterSet) =>
    withMethod(set, "derivePmrm1", ({ contingency }) => ({ contingency: { ...contingency, baseRate: 0.02 } })),
].reduce((set, change) => change(set), defaultParameters);

/** The same parameters with every method charging for size. */
export const sizedParameters = withSize(lawParameters, [sized]);

/** The same parameters without anything that grows with size, so that requirements are proportional to the book. */
export const homogeneousParameters: ParameterSet = [
  (set: ParameterSet) => ({
    ...withSize(set, []),
    scan: set.scan.map((scan) => ({ ...scan, extendedDampenerUsd: 0 })),
    // Each asset has one band. A second band would make a balance beyond its start count less.
    collateral: set.collateral.map((entry) => ({
      ...entry,
      initialBands: [{ ...entry.initialBands[0]!, upToUsd: null }],
      maintenanceBands: [{ ...entry.maintenanceBands[0]!, upToUsd: null }],
    })),
  }),
  (set: ParameterSet) =>
    withMethod(set, "portfolioDeribit", ({ currencies }) => ({
      currencies: currencies.map((row) => ({
        ...row,
        scan: { ...row.scan, extendedDampenerUsd: 0 },
        maximumOffsettablePnlUsd: 1e15,
        deltaShock: { ...row.deltaShock, thresholdUsd: 0, slopePerUnit: 0 },
      })),
    })),
  (set: ParameterSet) =>
    withMethod(set, "portfolioOkx", ({ lists, depeg }) => ({
      lists: lists.map((list) => ({ ...list, minimumChargeTiers: [{ upToUsd: null, multiplier: 1 }] })),
      depeg: depeg.map((column) => ({ ...column, brackets: [{ upToUsd: null, rate: 0.02 }] })),
    })),
  ...(["isolated", "standard"] as const).map(
    (key) => (set: ParameterSet) =>
      withMethod(set, key, ({ futures }) => ({
        futures: futures.map(({ underlying, initial, maintenance }) => ({
          underlying,
          initial: { base: initial.base, incrementPerUnit: 0 },
          maintenance: { base: maintenance.base, incrementPerUnit: 0 },
        })),
      })),
  ),
  (set: ParameterSet) =>
    withMethod(set, "accountRatio", ({ schedules }) => ({
      schedules: schedules.map(({ underlying }) => ({ underlying, brackets: [{ from: 0, rate: 0.01 }] })),
    })),
].reduce((set, change) => change(set), lawParameters);

/** Returns the figures of an account. Throws with the reason if the account is refused. */
export function marginBy(engine: MarginEngine, account: Pool): MarginedPool {
  const result = engine.margin(account);
  if (result.status === "not_margined") throw new Error(`${account.methodId}: ${result.field} is ${result.value}`);
  return result;
}

/** Returns the rounding error that is allowed, in proportion to the money at stake. */
export function slackOf(engine: MarginEngine, account: Pool): number {
  const { initialMargin, equity } = marginBy(engine, account);
  return 1e-9 * (1 + Math.abs(initialMargin) + Math.abs(equity));
}

export function lawEngine(parameters: ParameterSet): MarginEngine {
  return createMarginEngine(lawChain, parameters);
}

/** The methods in which a scenario decides a part of the requirement. */
export const scanningMethods: readonly MethodId[] = [
  "span",
  "tims",
  "portfolio",
  "var",
  "portfolio_deribit",
  "portfolio_okx",
  "portfolio_paradex",
  "portfolio_bybit",
  "derive_pmrm_2",
  "derive_pmrm_1",
];

/**
 * Returns what the scenarios alone ask. It is the sum of each underlying's worst loss, or the tail of the whole account
 * for `var`.
 */
export function scanRiskOf({ methodId, units, components }: MarginedPool): number {
  if (methodId !== "var") return units.reduce((sum, { worstScenario }) => sum + (worstScenario?.loss ?? 0), 0);
  const scanned: readonly string[] = ["expected_shortfall", "value_at_risk", "stress_excess"];
  return components.reduce((sum, { name, amount }) => sum + (scanned.includes(name) ? amount : 0), 0);
}

/**
 * A path such as `size[].minimum.futureRate`, with its law and the least value to which the parameter may be lowered.
 */
export interface NamedKnob {
  readonly path: string;
  readonly law: KnobLaw;
  readonly least: number;
}

/** Returns every number that the requirement of a method may depend on. */
export function knobsOf(methodId: MethodId): NamedKnob[] {
  const scan = methodId === "portfolio" ? scanKnobs : {};
  const own = { ...sharedKnobs, ...scan };
  const inMethod = Object.entries({ ...sizeKnobs, ...methodKnobs[methodId] }).map(
    ([path, knob]) => [`methods.${methodKeyOf(methodId)}.${path}`, knob] as const,
  );
  return [...Object.entries(own), ...inMethod].map(([path, knob]) => {
    const [law, least] = typeof knob === "string" ? [knob, Number.NEGATIVE_INFINITY] : knob;
    return { path, law, least };
  });
}

/** Returns the same value with every number at the path changed. `[]` stands for each row of a list. */
export function changeNumbers<Value>(value: Value, path: string, change: (number: number) => number): Value {
  const walk = (node: unknown, at: string): unknown => {
    if (typeof node === "number") return at === path ? change(node) : node;
    if (Array.isArray(node)) return node.map((entry) => walk(entry, `${at}[]`));
    if (typeof node !== "object" || node === null) return node;
    if (!path.startsWith(at)) return node;
    const entries = Object.entries(node).map(([key, entry]) => [key, walk(entry, at === "" ? key : `${at}.${key}`)]);
    return Object.fromEntries(entries);
  };
  return walk(value, "") as Value;
}

/** Returns the paths of all numbers in a value. */
export function numberPaths(value: unknown, at = ""): string[] {
  if (typeof value === "number") return [at];
  if (Array.isArray(value)) return [...new Set(value.flatMap((entry) => numberPaths(entry, `${at}[]`)))];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => numberPaths(entry, at === "" ? key : `${at}.${key}`));
}

/**
 * Scales a parameter by a factor. A multiplier is scaled in its distance from 1, and everything else in its distance
 * from 0.
 */
export function shrink(path: string, value: number, factor: number): number {
  return path.endsWith("Multiplier") && !path.endsWith("extremeMultiplier") && !path.endsWith("RateMultiplier")
    ? 1 + (value - 1) * factor
    : value * factor;
}

type Scan = ParameterSet["scan"][number];

/**
 * Extends the grid as far again on both sides, with the same spacing. `near` drops far moves, since their weight
 * depends on the range.
 */
const twice = (scan: Scan): Scan => ({
  ...scan,
  priceScanRange: 2 * scan.priceScanRange,
  priceStepsPerSide: 2 * scan.priceStepsPerSide,
});
const near = (scan: Scan): Scan => ({ ...scan, extendedMoves: [] });

/**
 * Returns two parameter sets, of which the second has all scenarios of the first and more. Null means that none can be
 * added.
 */
export function wideningOf(methodId: MethodId): readonly [ParameterSet, ParameterSet] | null {
  const set = lawParameters;
  if (methodId === "portfolio") {
    const base = { ...set, scan: set.scan.map(near) };
    return [base, { ...base, scan: base.scan.map(twice) }];
  }
  if (methodId === "portfolio_deribit") {
    const scans = (change: (scan: Scan) => Scan) =>
      withMethod(set, "portfolioDeribit", ({ currencies }) => ({
        currencies: currencies.map((row) => ({ ...row, scan: change(near(row.scan)) })),
      }));
    return [scans(near), scans(twice)];
  }
  if (methodId === "portfolio_bybit") {
    return [
      set,
      withMethod(set, "portfolioBybit", ({ coins }) => ({
        coins: coins.map((row) => ({ ...row, scan: twice(row.scan) })),
      })),
    ];
  }
  if (methodId === "portfolio_okx") {
    return [
      set,
      withMethod(set, "portfolioOkx", ({ lists }) => ({
        lists: lists.map((list) => ({ ...list, spotMoves: [...list.spotMoves, 0.7] })),
      })),
    ];
  }
  if (methodId === "portfolio_paradex") {
    const added = { spotMove: -0.5, volatilityMove: 1.2, weight: 0.9 };
    return [set, withMethod(set, "portfolioParadex", ({ scenarios }) => ({ scenarios: [...scenarios, added] }))];
  }
  if (methodId === "derive_pmrm_2" || methodId === "derive_pmrm_1") {
    const added = { priceMultiplier: 0.6, volatilityMove: "down", dampening: 0.9 } as const;
    const key = methodId === "derive_pmrm_2" ? "derivePmrm2" : "derivePmrm1";
    return [set, withMethod(set, key, ({ scenarios }) => ({ scenarios: [...scenarios, added] }))];
  }
  if (methodId === "tims") return [set, withMethod(set, "tims", ({ pointCount }) => ({ pointCount: 2 * pointCount }))];
  if (methodId === "var") return [withMethod(set, "var", () => ({ stressSetId: null })), set];
  return null;
}
