/**
 * How far a computed number may be from the expected one. Being within either distance is enough. Without both, it must
 * be equal.
 */
export interface Tolerance {
  readonly absolute: number | null;
  readonly relative: number | null;
}

const exact: Tolerance = { absolute: null, relative: null };

/**
 * Returns the tolerance of one figure, from a case file's `tolerance`. A tolerance may be given for the figure itself,
 * under its name or under that of its list. The forms are `{"price": {"absolute": 1e-6}}`, `{"price": 1e-6}`,
 * `{"priceAbsolute": 1e-6}` and `{"priceRelative": 1e-9}`. Otherwise the file's `absolute` and `relative` count.
 *
 * The figure must be equal if the tolerance is `exact` or absent. It must also be equal if its name ends in Truncated
 * and `truncatedMustMatchExactly` is set.
 */
export function toleranceOf(path: readonly PropertyKey[], tolerance: Readonly<Record<string, unknown>>): Tolerance {
  const names = path.filter((step) => typeof step === "string").reverse();
  for (const name of names) {
    const own = tolerance[name];
    if (typeof own === "number") return { absolute: limit(own), relative: null };
    if (typeof own === "object" && own !== null) return limits(own, "absolute", "relative");
    const named = limits(tolerance, `${name}Absolute`, `${name}Relative`);
    if (named.absolute !== null || named.relative !== null) return named;
  }
  if (tolerance.truncatedMustMatchExactly === true && names[0]?.endsWith("Truncated")) return exact;
  return tolerance.exact === true ? exact : limits(tolerance, "absolute", "relative");
}

function limits(source: object, absoluteKey: string, relativeKey: string): Tolerance {
  const { [absoluteKey]: absolute, [relativeKey]: relative } = source as Record<string, unknown>;
  return { absolute: limit(absolute), relative: limit(relative) };
}

function limit(value: unknown): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}

/** The share of the expected figure that its own rounding may take. A narrower tolerance would be decided by chance. */
const roundingShare = 2 ** -50;

/**
 * Returns whether a computed number is near enough. A tolerance is never narrower than four units in the last place.
 * `scale` is the greatest figure of the case. Where 0 is expected, a relative tolerance is a share of `scale`, since
 * rounding leaves small remainders. A whole number other than 0, such as an index or a count, is never near 0.
 */
export function isWithin(computed: number, expected: number, tolerance: Tolerance, scale: number): boolean {
  if (computed === expected) return true;
  const distance = Math.abs(computed - expected);
  if (!Number.isFinite(distance)) return false;
  const rounding = roundingShare * Math.abs(expected);
  if (tolerance.absolute !== null && distance <= Math.max(tolerance.absolute, rounding)) return true;
  if (tolerance.relative === null) return false;
  if (expected !== 0) return distance <= Math.max(tolerance.relative * Math.abs(expected), rounding);
  return !Number.isInteger(computed) && distance <= tolerance.relative * scale;
}
