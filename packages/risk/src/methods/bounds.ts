import type { ScanParameters } from "../model/scan.ts";

/**
 * What the parameters of a method may be, as data: the schema room builds its checks of files and stored sets from it. Each member
 * of a parameter type has its bounds, or the types do not agree. What members are to each other is said by `rules`.
 */

export interface NumberBounds {
  readonly kind: "number";
  readonly least?: number;
  readonly most?: number;
  /** Itself not allowed. */
  readonly above?: number;
  /** Itself not allowed. */
  readonly below?: number;
  readonly isWhole?: true;
  readonly multipleOf?: number;
}

/** A text of at least one character. */
export interface TextBounds {
  readonly kind: "text";
  readonly longest: number;
}

/** The symbol of an underlying or asset; with `orAny` also `*`, for any that is not listed. */
export interface SymbolBounds {
  readonly kind: "symbol";
  readonly orAny?: true;
}

export interface FlagBounds {
  readonly kind: "flag";
}

export interface ChoiceBounds<Choice extends string> {
  readonly kind: "choice";
  readonly of: readonly Choice[];
}

/** A value or null. */
export interface NullableBounds<Value> {
  readonly kind: "nullable";
  readonly of: BoundsOf<Value>;
  /** Null where a set does not have the member: those from before it existed. */
  readonly whenAbsent?: null;
}

export interface ListBounds<Row> {
  readonly kind: "list";
  readonly of: BoundsOf<Row>;
  readonly fewest: number;
  readonly most: number;
  rules?(list: readonly Row[]): readonly Refusal[];
}

export interface ObjectBounds<Value> {
  readonly kind: "object";
  readonly members: { readonly [Member in keyof Value]-?: BoundsOf<Value[Member]> };
  rules?(own: Value): readonly Refusal[];
}

/** The bounds of values of a type. */
export type BoundsOf<Value> = [null] extends [Value]
  ? NullableBounds<Exclude<Value, null>>
  : [Value] extends [number]
    ? NumberBounds
    : [Value] extends [boolean]
      ? FlagBounds
      : [Value] extends [string]
        ? [string] extends [Value]
          ? TextBounds | SymbolBounds
          : ChoiceBounds<Value>
        : [Value] extends [readonly (infer Row)[]]
          ? ListBounds<Row>
          : ObjectBounds<Value>;

/** Why values that are each within their bounds cannot stand together. */
export interface Refusal {
  /** From the value that the rule is of to the one at fault, in the names of the code. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** What it must be, in the names of files. */
  readonly allowed: string;
}

/** A share, 0 to 1. */
export const rate: NumberBounds = { kind: "number", least: 0, most: 1 };

export const nonNegative: NumberBounds = { kind: "number", least: 0 };

export const positive: NumberBounds = { kind: "number", above: 0 };

export const flag: FlagBounds = { kind: "flag" };

/** What the numbers are after. */
export const label: TextBounds = { kind: "text", longest: 200 };

export const symbol: SymbolBounds = { kind: "symbol" };

/** The symbol of an underlying, or `*` for any not listed. */
export const underlying: SymbolBounds = { kind: "symbol", orAny: true };

/** From `least` to `most`, both allowed. */
export function between(least: number, most: number): NumberBounds {
  return { kind: "number", least, most };
}

/** Refuses the second of two names that are the same; `pathOf` is that of the name. */
export function refuseRepeats(names: readonly string[], pathOf: (index: number) => Refusal["path"]): Refusal[] {
  const allowed = "each name once";
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ path: pathOf(index), value: name, allowed }] : [],
  );
}

/** Refuses an underlying that is in two groups of a list, or in one of them twice. */
export function refuseSharedMembers(
  groups: readonly { readonly underlyings: readonly string[] }[],
  member: string,
  allowed = "in one group, once",
): Refusal[] {
  const seen = new Set<string>();
  return groups.flatMap(({ underlyings }, index) =>
    underlyings.flatMap((name, place): Refusal[] => {
      if (!seen.has(name)) {
        seen.add(name);
        return [];
      }
      return [{ path: [member, index, "underlyings", place], value: name, allowed }];
    }),
  );
}

/** Refuses a number that does not lie above the one before it. */
export function refuseUnordered(numbers: readonly number[], pathOf: (index: number) => Refusal["path"]): Refusal[] {
  return numbers.flatMap((own, index) => {
    const before = numbers[index - 1];
    return before === undefined || own > before
      ? []
      : [{ path: pathOf(index), value: own, allowed: `above the ${before} before it` }];
  });
}

/** Upper bounds of tiers: ascending, with null for the last and only for it. */
export function refuseOpenTiers(
  bounds: readonly (number | null)[],
  pathOf: (index: number) => Refusal["path"],
): Refusal[] {
  const last = bounds.length - 1;
  return bounds.flatMap((bound, index): Refusal[] => {
    const before = bounds[index - 1] ?? 0;
    if ((bound === null) !== (index === last)) {
      const allowed = index === last ? "null, for the last tier has no bound" : "a number";
      return [{ path: pathOf(index), value: bound, allowed }];
    }
    return bound === null || bound > before
      ? []
      : [{ path: pathOf(index), value: bound, allowed: `above the ${before} before it` }];
  });
}

/** Rows of a table. */
export function rows<Row>(of: BoundsOf<Row>, fewest: number, rules?: ListBounds<Row>["rules"]): ListBounds<Row> {
  return { kind: "list", of, fewest, most: 256, ...(rules && { rules }) };
}

/** Rows of a table that names each underlying once. */
export function rowsByUnderlying<Row extends { readonly underlying: string }>(
  of: BoundsOf<Row>,
  fewest: number,
): ListBounds<Row> {
  return rows(of, fewest, (list) =>
    refuseRepeats(
      list.map((row) => row.underlying),
      (index) => [index, "underlying"],
    ),
  );
}

/** What the parameters of a method may be, and what they are in the set that ships. */
export interface ParameterRules<Parameters extends object> {
  /** The schema room checks files and stored sets by them. */
  readonly bounds: ObjectBounds<Parameters>;
  readonly shipped: Parameters;
  /** Why its parameters cannot stand beside the scans of the set, with paths from its parameters; absent when any can. */
  refuseScans?(own: Parameters, scan: readonly ScanParameters[]): readonly Refusal[];
}
