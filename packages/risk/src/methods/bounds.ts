import type { ScanParameters } from "../model/scan.ts";

/**
 * This file describes, as data, which values the parameters of a method may have. The schema room builds its checks of
 * parameter files and stored sets from this data. The types require bounds for every member of a parameter type.
 * Conditions between several members are checked by the functions called `rules`.
 */

export interface NumberBounds {
  readonly kind: "number";
  readonly least?: number;
  readonly most?: number;
  /** The value must be greater than this number. */
  readonly above?: number;
  /** The value must be less than this number. */
  readonly below?: number;
  readonly isWhole?: true;
  readonly multipleOf?: number;
}

/** Bounds of a text, which has at least one character and at most `longest`. */
export interface TextBounds {
  readonly kind: "text";
  readonly longest: number;
}

/**
 * Bounds of the symbol of an underlying or asset. With `orAny` the value `*` is allowed too and stands for any symbol
 * that is not listed.
 */
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

/** Bounds of a value that may also be null. */
export interface NullableBounds<Value> {
  readonly kind: "nullable";
  readonly of: BoundsOf<Value>;
  /**
   * When given, null is the value of the member in parameter sets that lack it because they are older than the member.
   */
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

/** The type of the bounds that a parameter of type `Value` must have. */
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

/** Says why values cannot stand together although each is within its own bounds. */
export interface Refusal {
  /** The steps from the value that the rule checks to the value at fault, under the names used in the code. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** What the value must be, in words that use the names of parameter files. */
  readonly allowed: string;
}

/** The bounds of a share from 0 to 1, both allowed. */
export const rate: NumberBounds = { kind: "number", least: 0, most: 1 };

export const nonNegative: NumberBounds = { kind: "number", least: 0 };

export const positive: NumberBounds = { kind: "number", above: 0 };

export const flag: FlagBounds = { kind: "flag" };

/** The bounds of a label, which says where the numbers of a parameter set come from. */
export const label: TextBounds = { kind: "text", longest: 200 };

export const symbol: SymbolBounds = { kind: "symbol" };

/** The bounds of the symbol of an underlying, or of `*` for any underlying that is not listed. */
export const underlying: SymbolBounds = { kind: "symbol", orAny: true };

/** Returns the bounds of a number from `least` to `most`, both allowed. */
export function between(least: number, most: number): NumberBounds {
  return { kind: "number", least, most };
}

/** Refuses each name that occurs earlier in the list. `pathOf` gives the path of the name at an index. */
export function refuseRepeats(names: readonly string[], pathOf: (index: number) => Refusal["path"]): Refusal[] {
  const allowed = "each name once";
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ path: pathOf(index), value: name, allowed }] : [],
  );
}

/**
 * Refuses an underlying that occurs in two groups of a list, or twice in one group. `member` is the name of the list.
 */
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

/** Refuses each number that is not above the number before it. */
export function refuseUnordered(numbers: readonly number[], pathOf: (index: number) => Refusal["path"]): Refusal[] {
  return numbers.flatMap((own, index) => {
    const before = numbers[index - 1];
    return before === undefined || own > before
      ? []
      : [{ path: pathOf(index), value: own, allowed: `above the ${before} before it` }];
  });
}

/**
 * Refuses upper bounds of tiers that do not ascend from 0. The last bound must be null, and no other bound may be null.
 */
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

/** Returns the bounds of a list that has at least `fewest` and at most 256 rows. */
export function rows<Row>(of: BoundsOf<Row>, fewest: number, rules?: ListBounds<Row>["rules"]): ListBounds<Row> {
  return { kind: "list", of, fewest, most: 256, ...(rules && { rules }) };
}

/** Returns the bounds of a list of rows in which each underlying may occur once. */
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

/** The rules of one method's parameters: their bounds, and their values in the parameter set that ships. */
export interface ParameterRules<Parameters extends object> {
  /** The schema room checks parameter files and stored sets against these bounds. */
  readonly bounds: ObjectBounds<Parameters>;
  readonly shipped: Parameters;
  /**
   * Returns why the method's parameters cannot be used with the scan parameters of the set. The paths start at the
   * method's parameters. The member is absent when the parameters work with any scan.
   */
  refuseScans?(own: Parameters, scan: readonly ScanParameters[]): readonly Refusal[];
}
