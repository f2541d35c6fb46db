import { changeSteps, crossPoolId } from "@plimsoll/risk";
import * as z from "zod";
import { methodId } from "./account-events.ts";
import { severity } from "./call-event.ts";
import { statedMargin } from "./margin-row.ts";
import { accountId, decimal, poolId, symbol, utcTime } from "./primitives.ts";
import { snapshotId } from "./snapshot.ts";

const figures = {
  equity: decimal,
  margin_balance: decimal,
  initial_margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
};

/** What a pool would lose and need less without a holding. */
export const contribution = {
  scenario_loss: decimal.nullable().meta({ description: "How much lower the worst losses are without the holding." }),
  initial_margin: decimal.meta({ description: "How much lower the requirement is without the holding." }),
  maintenance_margin: decimal,
};

const holding = z
  .strictObject({
    id: z.string(),
    kind: z.enum(["position", "balance"]),
    underlying: symbol.nullable(),
    quantity: decimal,
    ...contribution,
  })
  .meta({ id: "HoldingPart" });

/** The figures of the pool after the cure. */
export const cured = { margin_ratio: decimal.nullable(), initial_margin: decimal, maintenance_margin: decimal };

const cure = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("deposit"), asset: symbol, amount: decimal, ...cured }),
  z.strictObject({
    kind: z.literal("reduction"),
    instrument_id: z.string(),
    /** The contracts to trade; negative is a sale. */
    quantity: decimal,
    share: z.number().gt(0).max(1),
    notional_usd: decimal,
    ...cured,
  }),
]);

const level = z
  .strictObject({
    severity,
    requirement: z.enum(["initial", "maintenance"]),
    required: decimal,
    balance: decimal,
    ratio: decimal.nullable(),
    enter_ratio: decimal,
    leave_ratio: decimal,
    is_reached: z.boolean(),
    distance: decimal.meta({
      description: "The balance that may still be lost before the severity is reached; negative once it is.",
    }),
  })
  .meta({ id: "SeverityLevel" });

/** What changed since an earlier result, and by which kind of cause. */
export const marginChange = z
  .strictObject({
    since: z.strictObject({ snapshot_id: snapshotId, as_of: utcTime, severity }).meta({ id: "EarlierResult" }),
    total: z.strictObject(figures).meta({ id: "ChangedFigures" }),
    rows: z.array(
      z
        .strictObject({ step: z.enum(changeSteps), ...figures, folded_because: z.string().nullable() })
        .meta({ id: "ChangeStep", description: "The change by one kind of cause, in the order shown." }),
    ),
  })
  .meta({ id: "MarginChange" });

/** Why a pool has its severity, and what would restore a better one. */
export const explanation = z.strictObject({
  account_id: accountId,
  pool_id: poolId.default(crossPoolId),
  method_id: methodId,
  /** The currency of every amount except `notional_usd`. */
  pool_currency: symbol,
  as_of: utcTime,
  /**
   * The age of the oldest price used, in milliseconds at the time of the snapshot. Prices of collateral are included.
   */
  price_age_ms: z.int().min(0).default(0),
  /** The severity by these figures alone, as if there had been no earlier sweeps. */
  severity,
  margin: statedMargin,
  /**
   * The rungs from mild to grave: what is required, the balance against it, and the ratios at which each severity
   * starts and ends.
   */
  levels: z.array(level),
  holdings: z.array(holding),
  /**
   * The loss in the worst scenarios, and the part of it that no single holding explains. Both are null when the method
   * names no scenario.
   */
  scenario_loss: decimal.nullable(),
  unexplained_loss: decimal.nullable(),
  /** It is null without an earlier result that can be compared. */
  change: marginChange.nullable(),
  cures: z.strictObject({
    /** The severity that the cures restore. Each cure is verified by margining the account with it. */
    restores: severity,
    list: z.array(cure),
  }),
});
export type Explanation = z.infer<typeof explanation>;
