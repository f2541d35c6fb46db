import type { HaircutBand } from "@plimsoll/risk";
import * as z from "zod";
import { symbol } from "./primitives.ts";

const share = z.number().min(0).max(1);

const haircutBands = z
  .array(z.strictObject({ up_to_usd: z.number().positive().nullable(), haircut: share }))
  .min(1)
  .max(32)
  .refine(
    (bands) => bands.every(({ up_to_usd }, index) => rises(bands[index - 1]?.up_to_usd, up_to_usd)),
    "bands in rising order of up_to_usd, null in the last only",
  );

/**
 * Whether a bound is above the one before it. Undefined means that there is none before it, null that it is infinite.
 */
function rises(before: number | null | undefined, bound: number | null): boolean {
  return before === undefined || (before !== null && (bound === null || bound > before));
}

const depegTier = z.strictObject({ below_price: z.number().gt(0).max(1), factor: z.number().min(0).max(100) });

const depegShock = z
  .strictObject({ initial: share, maintenance: share })
  .refine(({ initial, maintenance }) => maintenance <= initial, "maintenance at or below initial");

/** Stablecoins whose long and short balances offset each other. Each pair occurs once. */
export const pegOffsets = z
  .array(z.strictObject({ first: symbol, second: symbol, share }))
  .max(64)
  .refine((entries) => entries.every(({ first, second }) => first !== second), "two different assets")
  .refine(
    (entries) => new Set(entries.map(({ first, second }) => [first, second].sort().join(" "))).size === entries.length,
    "each pair once",
  )
  .default([]);

/** Highest daily growth of a redemption rate. 1 % a day is far beyond any yield. */
const maximumGrowthPerDay = z.number().min(0).max(0.01);

const weightTolerance = 1e-9;

const valuation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("market") }),
  z.strictObject({
    kind: z.literal("pegged"),
    depeg_tiers: z.array(depegTier).max(8),
    depeg_shock: depegShock.default({ initial: 0, maintenance: 0 }),
  }),
  z.strictObject({
    kind: z.literal("redeemable"),
    redeems_into: symbol,
    is_traded: z.boolean(),
    anchor_rate: z.number().positive().max(1e9),
    anchor_at_ms: z.int().min(0),
    maximum_growth_per_day: maximumGrowthPerDay,
    /** Parameter sets from before this member existed lack it. A debt was then lowered by any fall. */
    maximum_fall: share.default(0.05),
  }),
  z.strictObject({
    kind: z.literal("pool_token"),
    parts: z
      .array(z.strictObject({ asset: symbol, weight: z.number().gt(0).lt(1) }))
      .min(2)
      .max(8)
      .refine((parts) => new Set(parts.map(({ asset }) => asset)).size === parts.length, "each asset once")
      .refine(
        (parts) => Math.abs(parts.reduce((sum, { weight }) => sum + weight, 0) - 1) <= weightTolerance,
        "weights that add up to 1",
      ),
  }),
]);

const haircutPair = { initial_haircut: share, maintenance_haircut: share };

function isHarderAtFirst(rule: { readonly initial_haircut: number; readonly maintenance_haircut: number }): boolean {
  return rule.maintenance_haircut <= rule.initial_haircut;
}

const harderAtFirst = "maintenance_haircut at or below initial_haircut";

const wrongWayRule = z
  .strictObject({
    underlyings: z
      .array(z.union([symbol, z.literal("*")]))
      .min(1)
      .max(64),
    ...haircutPair,
  })
  .refine(isHarderAtFirst, harderAtFirst);

const concentrationRule = z
  .strictObject({
    pool_share: share,
    daily_volume_usd: z.number().positive().nullable(),
    volume_share: z.number().gt(0).max(100),
    ...haircutPair,
  })
  .refine(isHarderAtFirst, harderAtFirst);

/** The rules by which a collateral asset counts. A rule that is not named does not apply. */
const collateralParameters = z
  .strictObject({
    asset: symbol,
    valuation: valuation.default({ kind: "market" }),
    initial_bands: haircutBands,
    maintenance_bands: haircutBands,
    moves_in_scenarios: z.boolean(),
    wrong_way: wrongWayRule.nullable().default(null),
    concentration: concentrationRule.nullable().default(null),
  })
  .refine(({ initial_bands, maintenance_bands }) => isNowhereMilder(initial_bands, maintenance_bands), {
    path: ["maintenance_bands"],
    error: "haircuts nowhere above those of initial_bands",
  })
  .refine((entry) => entry.valuation.kind !== "pegged" || !entry.moves_in_scenarios, {
    path: ["moves_in_scenarios"],
    error: "false for a pegged asset: its depeg tiers speak for its price",
  });
type CollateralWire = z.infer<typeof collateralParameters>;

/**
 * The list of collateral assets, each once. The asset that a token stands for must be priced by itself, as errors add
 * up over a chain of prices.
 */
export const collateralList = z
  .array(collateralParameters)
  .min(1)
  .superRefine((entries, context) => {
    const known = new Map<string, CollateralWire>();
    for (const [index, entry] of entries.entries()) {
      if (known.has(entry.asset)) {
        context.addIssue({ code: "custom", path: [index, "asset"], message: "each asset once" });
      }
      known.set(entry.asset, entry);
    }
    for (const [index, entry] of entries.entries()) {
      for (const asset of standsFor(entry)) {
        const kind = known.get(asset)?.valuation.kind ?? "market";
        if (kind === "market" || kind === "pegged") continue;
        const message = `an asset at its market price or pegged; ${asset} is ${kind}`;
        context.addIssue({ code: "custom", path: [index, "valuation"], message });
      }
    }
  });

function standsFor({ valuation: { ...value } }: CollateralWire): string[] {
  if (value.kind === "redeemable") return [value.redeems_into];
  return value.kind === "pool_token" ? value.parts.map(({ asset }) => asset) : [];
}

type Bands = readonly { readonly up_to_usd: number | null; readonly haircut: HaircutBand["haircut"] }[];

/**
 * Checks that the initial haircut is nowhere below the maintenance haircut, by comparing them in every band of either.
 */
function isNowhereMilder(initial: Bands, maintenance: Bands): boolean {
  const bounds = [...initial, ...maintenance].map(({ up_to_usd }) => up_to_usd ?? Number.POSITIVE_INFINITY);
  return [...bounds, Number.POSITIVE_INFINITY].every(
    (upTo) => haircutBelow(maintenance, upTo) <= haircutBelow(initial, upTo),
  );
}

/** Returns the haircut of the last dollar below a bound. Beyond a bounded last band the haircut is 1. */
function haircutBelow(bands: Bands, upTo: number): number {
  return bands.find(({ up_to_usd }) => upTo <= (up_to_usd ?? Number.POSITIVE_INFINITY))?.haircut ?? 1;
}
