import type { BoundsOf, Refusal } from "@plimsoll/risk";
import { snakeCase } from "es-toolkit/string";
import * as z from "zod";
import { symbol } from "./primitives.ts";
import { fromWire } from "./wire.ts";

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** The type of a value as files hold it: all member names are in snake case. */
export type Wire<Value> = Value extends readonly (infer Row)[]
  ? Wire<Row>[]
  : Value extends object
    ? { [Member in keyof Value as SnakeCase<Member & string>]: Wire<Value[Member]> }
    : Value;

/** The bounds of a value of any type. */
type AnyBounds =
  | BoundsOf<number>
  | BoundsOf<boolean>
  | BoundsOf<string>
  | BoundsOf<"choice">
  | BoundsOf<unknown[]>
  | AnyObject
  | AnyNullable;
interface AnyObject {
  readonly kind: "object";
  readonly members: Readonly<Record<string, AnyBounds>>;
  readonly rules?: Rules;
}
interface AnyNullable {
  readonly kind: "nullable";
  readonly of: AnyBounds;
  readonly whenAbsent?: null;
}
type Rules = (value: never) => readonly Refusal[];

const symbolOrAny = z.union([symbol, z.literal("*")], 'a symbol such as BTC, or "*" for any other');

/** Builds the schema of a value from the bounds that the risk package states for it. */
export function readBounds<Value>(bounds: BoundsOf<Value>): z.ZodType<Wire<Value>> {
  return read(bounds as AnyBounds) as z.ZodType<Wire<Value>>;
}

function read(bounds: AnyBounds): z.ZodType {
  switch (bounds.kind) {
    case "number":
      return readNumber(bounds);
    case "flag":
      return z.boolean();
    case "text":
      return z.string().min(1).max(bounds.longest);
    case "symbol":
      return bounds.orAny ? symbolOrAny : symbol;
    case "choice":
      return z.enum(bounds.of);
    case "nullable": {
      const value = read(bounds.of).nullable();
      return bounds.whenAbsent === undefined ? value : value.default(bounds.whenAbsent);
    }
    case "list":
      return withRules(
        z
          .array(read(bounds.of as AnyBounds))
          .min(bounds.fewest)
          .max(bounds.most),
        bounds.rules,
      );
    case "object": {
      const members = Object.entries(bounds.members).map(([name, own]) => [snakeCase(name), read(own)]);
      return withRules(z.strictObject(Object.fromEntries(members)), bounds.rules);
    }
  }
}

function readNumber({ least, most, above, below, isWhole, multipleOf }: BoundsOf<number>): z.ZodType {
  let value: z.ZodNumber = isWhole ? z.int() : z.number();
  if (least !== undefined) value = value.min(least);
  if (above !== undefined) value = value.gt(above);
  if (most !== undefined) value = value.max(most);
  if (below !== undefined) value = value.lt(below);
  return multipleOf === undefined ? value : value.multipleOf(multipleOf);
}

function withRules(schema: z.ZodType, rules: Rules | undefined): z.ZodType {
  if (rules === undefined) return schema;
  return schema.check((context) => {
    refuseAll(context, rules(fromWire(context.value) as never));
  });
}

/**
 * Adds refusals to a parse under the snake-case names that files use. Their paths start at the member that `within`
 * leads to.
 */
export function refuseAll(
  context: z.core.ParsePayload,
  refusals: readonly Refusal[],
  within: readonly string[] = [],
): void {
  for (const { path, value, allowed } of refusals) {
    const names = path.map((step) => (typeof step === "string" ? snakeCase(step) : step));
    context.issues.push({ code: "custom", path: [...within, ...names], input: value, message: allowed });
  }
}
