import { crossPoolId } from "@plimsoll/risk";
import * as z from "zod";

/** Longest decimal string accepted: 30 digits say everything a venue can mean, and 10,000 digits are an attack. */
export const decimalLengthLimit = 48;

/** Most decimals of an amount or a quantity. */
export const decimalPlaces = 18;

/** Most decimals of a price: 18 digits of the smallest price that the kernel takes. */
export const pricePlaces = 36;

/**
 * From here on a number is a mistake, not money: no price is accepted and no amount is stated, which keeps what is stated within the
 * contract of `decimal`.
 */
export const largestAmount = 1e24;

export const belowLargest = "a decimal below 10^24";

function decimalOf(decimals: number, lengthLimit: number) {
  return z
    .string()
    .max(lengthLimit, `a decimal has at most ${lengthLimit} characters`)
    .regex(
      new RegExp(`^-?(0|[1-9]\\d{0,29})(\\.\\d{1,${decimals}})?$`),
      `a decimal string such as "12.5" (at most 30 digits, ${decimals} decimals, no exponent)`,
    );
}

/** Exact decimal as a string, no exponent: `"-0.5"`, `"67985.12"`. */
export const decimal = decimalOf(decimalPlaces, decimalLengthLimit);

/** A decimal whose size may be tiny, as the price of a coin of which there are trillions: `"0.0000000031"`. Below 10^24 in size. */
export const priceDecimal = decimalOf(pricePlaces, decimalLengthLimit + pricePlaces - decimalPlaces).refine(
  (text) => Math.abs(Number(text)) < largestAmount,
  belowLargest,
);

export const positivePrice = priceDecimal.refine((text) => Number(text) > 0, "a decimal above zero");

export const nonNegativePrice = priceDecimal.refine((text) => Number(text) >= 0, "a decimal that is not negative");

export const positiveDecimal = decimal.refine((text) => Number(text) > 0, "a decimal above zero");

/** Longest time accepted: nanoseconds fit, a hundred thousand decimals do not. */
const timeLengthLimit = 32;

/** ISO 8601 in UTC with milliseconds or seconds: `2026-02-05T15:51:32Z`. */
export const utcTime = z.iso
  .datetime({ offset: false })
  .max(timeLengthLimit, `a time has at most ${timeLengthLimit} characters, such as 2026-02-05T15:51:32.535Z`);

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
  /** Where an account's counter may begin: a time in microseconds is a legal start until the year 2112. */
  firstLedgerSequence: 2 ** 52,
  /** An event further ahead is an error of its sender: eleven days of a thousand events a second. */
  ledgerSequenceJump: 1_000_000_000,
  /** No counter comes near the largest exact integer, after which an account could never change again. */
  ledgerSequence: 9_000_000_000_000_000,
  /** Events of one account that wait for those before them. */
  parkedEventsPerAccount: 1_000,
  shards: 1_024,
  scenarios: 4_096,
  collateralAssets: 64,
  /** Underlyings, collateral currencies and tokens that a stage keeps prices of: each is read and written by every sweep. */
  underlyingsPerStage: 512,
  /** Tokens of other protocols that a snapshot carries a rate or reserves of. */
  collateralTokens: 256,
} as const;
