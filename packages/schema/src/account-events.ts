import { methodIds } from "@plimsoll/risk";
import { z } from "zod";
import { accountId, decimal, instrumentId, limits, positiveDecimal, sequence, symbol, utcTime } from "./primitives.ts";

const eventBase = {
  schema_version: z.literal(1),
  account_id: accountId,
  /** The exchange's own counter per account, gapless: repeats and late events are recognised by it. */
  ledger_sequence: sequence.min(1),
  occurred_at: utcTime,
};

export const collateralBalance = z.strictObject({ asset: symbol, amount: decimal });

export const position = z.strictObject({ instrument_id: instrumentId, quantity: decimal, entry_price: decimal });

export const methodId = z.enum(methodIds);

/** The whole account as of a sequence: replaces what is stored when its sequence is newer. */
export const accountState = z.strictObject({
  kind: z.literal("account_state"),
  ...eventBase,
  pool_currency: symbol,
  method_id: methodId,
  collateral: z.array(collateralBalance).max(limits.collateralAssets),
  positions: z.array(position).max(limits.positionsPerAccount),
});

/** A trade of this account; price in the unit of the instrument's mark. Applies only to the sequence just before it. */
export const fill = z.strictObject({
  kind: z.literal("fill"),
  ...eventBase,
  instrument_id: instrumentId,
  /** Signed contracts: positive bought. */
  quantity: decimal.refine((text) => Number(text) !== 0, "a quantity other than zero"),
  price: positiveDecimal,
});

/** Deposit (positive) or withdrawal (negative). Applies only to the sequence just before it. */
export const transfer = z.strictObject({
  kind: z.literal("transfer"),
  ...eventBase,
  asset: symbol,
  amount: decimal.refine((text) => Number(text) !== 0, "an amount other than zero"),
});

export const accountEvent = z.discriminatedUnion("kind", [accountState, fill, transfer]);
export type AccountEvent = z.infer<typeof accountEvent>;
export type AccountStateEvent = z.infer<typeof accountState>;
