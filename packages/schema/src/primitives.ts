import { crossPoolId } from "@plimsoll/risk";
import * as z from "zod";

/** Longest accepted decimal string. 30 digits are enough for any venue; a text of 10,000 digits is an attack. */
export const decimalLengthLimit = 48;

/** Most decimals of an amount or a quantity. */
export const decimalPlaces = 18;

/** Most decimals of a price. They leave 18 digits to the smallest price that the kernel takes. */
export const pricePlaces = 36;

/**
 * Numbers from here on are mistakes: no such price is accepted and no such amount is stated. This keeps stated amounts
 * within the contract of `decimal`.
 */
export const largestAmount = 1e24;

export const belowLargest = "a decimal below 10^24";

function decimalOf(decimals: number, lengthLimit: number) {
  const remedy = `a decimal string such as "12.5" (at most 30 digits, ${decimals} decimals, no exponent)`;
  return z
    .string(remedy)
    .max(lengthLimit, `a decimal has at most ${lengthLimit} characters`)
    .regex(new RegExp(`^-?(0|[1-9]\\d{0,29})(\\.\\d{1,${decimals}})?$`), remedy);
}

/** Exact decimal as a string without an exponent: `"-0.5"`, `"67985.12"`. */
export const decimal = decimalOf(decimalPlaces, decimalLengthLimit);

/**
 * A decimal that may be tiny, such as the price of a coin with a huge supply: `"0.0000000031"`. Its size is below
 * 10^24.
 */
export const priceDecimal = decimalOf(pricePlaces, decimalLengthLimit + pricePlaces - decimalPlaces).refine(
  (text) => Math.abs(Number(text)) < largestAmount,
  belowLargest,
);

export const positivePrice = priceDecimal.refine((text) => Number(text) > 0, "a decimal above zero");

export const nonNegativePrice = priceDecimal.refine((text) => Number(text) >= 0, "a decimal that is not negative");

export const positiveDecimal = decimal.refine((text) => Number(text) > 0, "a decimal above zero");

/** Longest accepted time. It fits nanoseconds. */
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

/** The id of a collateral pool. Every account has the pool `cross`. */
export const poolId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "1 to 64 letters, digits, . _ or -");

export const otherPoolId = poolId.refine((id) => id !== crossPoolId, `another id than ${crossPoolId}`);

export const orderId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, "1 to 64 letters, digits, . _ : or -");

export const sourceId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "1 to 32 small letters, digits or -");

export const sequence = z.int().min(0);

/** Terms of instruments, the same in quotes and in snapshots. */
export const settlementWindowMinutes = z.number().positive().max(1440);
export const fundingStyle = z.enum(["continuous", "discrete"]);
export const fundingPeriodDays = z.number().positive().max(365);
/** Highest power of a power perpetual. Beyond it marks leave the range that the kernel accepts. */
export const power = z.number().positive().max(3);

/** The limits that docs/operations.md lists, checked where data enters. */
export const limits = {
  /**
   * An account beyond this is refused as a whole, since half a portfolio must never be margined as if it were all of
   * it.
   */
  positionsPerAccount: 1_000,
  /** Orders in all pools together. The work of projecting them is limited separately; see projectMargin. */
  openOrdersPerAccount: 1_000,
  /** Pools other than the cross pool. Each is margined like an account of its own. */
  poolsPerAccount: 32,
  /** Keeps a snapshot within a few packed chunks, and its risk arrays within a function's memory. */
  instrumentsPerSnapshot: 5_000,
  /**
   * Instruments that expired or are no longer quoted and stay in a snapshot for those who still hold them. The newest
   * are kept.
   */
  lapsedInstruments: 2_000,
  accountsPerShard: 5_000,
  /**
   * Highest sequence with which an account may begin. A counter that is a time in microseconds fits until the year
   * 2112.
   */
  firstLedgerSequence: 2 ** 52,
  /**
   * Largest jump of a sequence. It is eleven days of a thousand events per second; a larger one is an error of the
   * sender.
   */
  ledgerSequenceJump: 1_000_000_000,
  /** Highest sequence. It stays below the largest exact integer, beyond which an account could never change again. */
  ledgerSequence: 9_000_000_000_000_000,
  /** Events of one account that may wait for earlier ones. */
  parkedEventsPerAccount: 1_000,
  shards: 1_024,
  scenarios: 4_096,
  collateralAssets: 64,
  /**
   * Underlyings, collateral currencies and tokens whose prices a stage keeps. Every sweep reads and writes each of
   * them.
   */
  underlyingsPerStage: 512,
  /** Tokens of other protocols whose rate or reserves a snapshot carries. */
  collateralTokens: 256,
} as const;
