import { crossPoolId } from "@plimsoll/risk";
import { z } from "zod";

/** Longest decimal string accepted: 30 digits say everything a venue can mean, and 10,000 digits are an attack. */
export const decimalLengthLimit = 48;

const decimalPattern = /^-?(0|[1-9]\d{0,29})(\.\d{1,18})?$/;

/** Exact decimal as a string, no exponent: `"-0.5"`, `"67985.12"`. */
export const decimal = z
  .string()
  .max(decimalLengthLimit, `a decimal has at most ${decimalLengthLimit} characters`)
  .regex(decimalPattern, 'a decimal string such as "12.5" (at most 30 digits, 18 decimals, no exponent)');

export const positiveDecimal = decimal.refine((text) => Number(text) > 0, "a decimal above zero");

export const nonNegativeDecimal = decimal.refine((text) => Number(text) >= 0, "a decimal that is not negative");

/** ISO 8601 in UTC with milliseconds or seconds: `2026-02-05T15:51:32Z`. */
export const utcTime = z.iso.datetime({ offset: false });

/** The UTC date of a time: `2026-02-05`. */
export function utcDateOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** Symbols of currencies, collateral assets and underlyings. */
export const symbol = z.string().regex(/^[A-Z0-9]{1,16}$/, "1 to 16 capital letters or digits, such as BTC");

export const instrumentId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "1 to 64 letters, digits, . _ or -");

export const accountId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, "1 to 64 letters, digits, . _ : or -");

/** A collateral pool of an account; `cross` is the one that every account has. */
export const poolId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "1 to 64 letters, digits, . _ or -");

export const otherPoolId = poolId.refine((id) => id !== crossPoolId, `another id than ${crossPoolId}`);

export const orderId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, "1 to 64 letters, digits, . _ : or -");

export const sourceId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "1 to 32 small letters, digits or -");

export const sequence = z.int().min(0);

/** Terms of instruments, the same in quotes and in snapshots. */
export const settlementWindowMinutes = z.number().positive().max(1440);
export const fundingStyle = z.enum(["continuous", "discrete"]);
export const fundingPeriodDays = z.number().positive().max(365);
/** Index ^ 3 of any coin is still a price; beyond that marks leave the range the kernel accepts. */
export const power = z.number().positive().max(3);

/** The limits that docs/operations.md lists, checked where data enters. */
export const limits = {
  /** An account beyond this is refused as a whole: half a portfolio must never be margined as if it were all. */
  positionsPerAccount: 1_000,
  /** Orders of all pools together; what they ask is bounded separately, see projectMargin. */
  openOrdersPerAccount: 1_000,
  /** Beside the cross pool; each is margined as an account of its own. */
  poolsPerAccount: 32,
  /** Keeps a snapshot within a few packed chunks and its risk arrays within a function's memory. */
  instrumentsPerSnapshot: 5_000,
  /** Expired or no longer quoted, kept in a snapshot for what is still held of them; the newest are. */
  lapsedInstruments: 2_000,
  accountsPerShard: 5_000,
  shards: 1_024,
  scenarios: 4_096,
  collateralAssets: 64,
  /** Tokens of other protocols that a snapshot carries a rate or reserves of. */
  collateralTokens: 256,
} as const;
