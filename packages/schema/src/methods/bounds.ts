import type { MethodParameters } from "@plimsoll/risk";
import * as z from "zod";
import { symbol } from "../primitives.ts";
import { toWire } from "../wire.ts";

/** A share, 0 to 1. */
export const rate = z.number().min(0).max(1);

export const nonNegative = z.number().min(0);

export const positive = z.number().positive();

/** The symbol of an underlying, or `*` for any not listed. */
export const underlying = z.union([symbol, z.literal("*")], 'a symbol such as BTC, or "*" for any other');

/** What the numbers are after. */
export const label = z.string().min(1).max(200);

/** Rows of a table by underlying. */
export const rows = <Row extends z.ZodType>(row: Row) => z.array(row).max(256);

/** Tells of a field of the value at hand, with the value found there. */
export function refuse(
  context: z.core.ParsePayload,
  path: readonly PropertyKey[],
  input: unknown,
  message: string,
): void {
  context.issues.push({ code: "custom", path: [...path], input, message });
}

/** Refuses the second of two names that are the same; `path` is that of the list. */
export function refuseRepeats(
  context: z.core.ParsePayload,
  names: readonly string[],
  pathOf: (index: number) => readonly PropertyKey[],
): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) refuse(context, pathOf(index), name, "each name once");
  }
}

/** Refuses a number that does not lie above the one before it. */
export function refuseUnordered(
  context: z.core.ParsePayload,
  numbers: readonly number[],
  pathOf: (index: number) => readonly PropertyKey[],
): void {
  for (let index = 1; index < numbers.length; index += 1) {
    const before = numbers[index - 1] ?? Number.NaN;
    const own = numbers[index] ?? Number.NaN;
    if (!(own > before)) refuse(context, pathOf(index), own, `above the ${before} before it`);
  }
}

/** Upper bounds of tiers: ascending, with null for the last and only for it. */
export function refuseOpenTiers(
  context: z.core.ParsePayload,
  bounds: readonly (number | null)[],
  pathOf: (index: number) => readonly PropertyKey[],
): void {
  const last = bounds.length - 1;
  for (const [index, bound] of bounds.entries()) {
    const before = bounds[index - 1] ?? 0;
    if ((bound === null) !== (index === last)) {
      refuse(context, pathOf(index), bound, index === last ? "null, for the last tier has no bound" : "a number");
    } else if (bound !== null && !(bound > before)) {
      refuse(context, pathOf(index), bound, `above the ${before} before it`);
    }
  }
}

/** Rows of a table that names each underlying once. */
export function rowsByUnderlying<Row extends z.ZodType<{ underlying: string }>>(row: Row) {
  return rows(row).check((context) =>
    refuseRepeats(
      context,
      context.value.map((entry) => entry.underlying),
      (index) => [index, "underlying"],
    ),
  );
}

const size = z
  .strictObject({
    underlying,
    open_interest: z.strictObject({ notional_usd: nonNegative, lower_usd: nonNegative, upper_usd: nonNegative }),
    concentration: z.strictObject({
      free_usd: nonNegative,
      rate_per_million_usd: rate,
      maximum_rate: rate,
    }),
    liquidation: z.strictObject({
      future_rate: rate,
      option_rate: rate,
      impact_per_root_million_usd: z.number().min(0).max(100),
    }),
    minimum: z.strictObject({ future_rate: rate, short_option_rate: rate }),
  })
  .check((context) => {
    const { lower_usd, upper_usd } = context.value.open_interest;
    if (upper_usd < lower_usd) {
      refuse(context, ["open_interest", "upper_usd"], upper_usd, `at least lower_usd, which is ${lower_usd}`);
    }
  });

/** The member that every method has. */
export const sized = { size: rowsByUnderlying(size) };

/** One method of a file: what it leaves out is as it ships; all of it when the method is absent. */
export function withShipped<Schema extends z.ZodType>(
  schema: Schema,
  shipped: MethodParameters[keyof MethodParameters],
) {
  const defaults = toWire(shipped);
  const complete = (given: unknown) => {
    if (given === undefined) return defaults;
    return typeof given === "object" && given !== null && !Array.isArray(given) ? { ...defaults, ...given } : given;
  };
  return z.preprocess(complete, schema);
}
