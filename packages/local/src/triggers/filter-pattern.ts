/** Says whether a record passes. */
export type RecordFilter = (record: unknown) => boolean;

/** A matcher of one leaf; `undefined` stands for a field that is not there. */
type LeafMatcher = (value: unknown) => boolean;

/** A filter pattern that the local stage cannot honour; found at start, so that no trigger silently differs from AWS. */
export class FilterPatternError extends Error {
  override readonly name = "FilterPatternError";
}

const SUPPORTED =
  "exact values, prefix, suffix, anything-but, equals-ignore-case, numeric, exists and $or; change the pattern in stacks/ or teach packages/local this one";

/**
 * Compiles the filter patterns of an event source: a record passes when it matches any of them, or when there is none.
 * Each pattern is a JSON text in EventBridge's language as Lambda's event filtering understands it. `place` names the
 * source in errors.
 */
export function compileFilterPatterns(patterns: readonly string[], place: string): RecordFilter {
  const filters = patterns.map((text) => compilePattern(parseObject(text, place), place, ""));
  return filters.length === 0 ? () => true : (record) => filters.some((filter) => filter(record));
}

function parseObject(text: string, place: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new FilterPatternError(`The filter pattern of ${place} is ${text}, which is not JSON`, { cause });
  }
  if (!isObject(parsed)) {
    throw new FilterPatternError(`The filter pattern of ${place} is ${text}; it must be a JSON object`);
  }
  return parsed;
}

function compilePattern(pattern: Record<string, unknown>, place: string, path: string): RecordFilter {
  const fields = Object.entries(pattern).map(([key, inner]) => compileField(key, inner, place, path));
  return (record) => fields.every((field) => field(record));
}

function compileField(key: string, inner: unknown, place: string, path: string): RecordFilter {
  const here = path === "" ? key : `${path}.${key}`;
  if (key === "$or") {
    if (!Array.isArray(inner) || !inner.every(isObject)) throw refusal(place, here, inner);
    const branches = inner.map((branch) => compilePattern(branch, place, path));
    return (record) => branches.some((branch) => branch(record));
  }
  if (isObject(inner)) {
    const nested = compilePattern(inner, place, here);
    return (record) => elements(field(record, key)).some(nested);
  }
  if (!Array.isArray(inner) || inner.length === 0) throw refusal(place, here, inner);
  const matchers = inner.map((choice) => compileLeaf(choice, place, here));
  return (record) => matchers.some((matches) => matches(field(record, key)));
}

function compileLeaf(choice: unknown, place: string, path: string): LeafMatcher {
  if (isScalar(choice)) return anyElement((value) => value === choice);
  if (!isObject(choice)) throw refusal(place, path, choice);
  const [entry, ...others] = Object.entries(choice);
  if (entry === undefined || others.length > 0) throw refusal(place, path, choice);
  const [operator, operand] = entry;
  switch (operator) {
    case "prefix":
    case "suffix":
    case "equals-ignore-case":
      return anyElement(textMatcher(operator, operand, place, path));
    case "anything-but":
      return anyElement(differsFrom(operand, place, path));
    case "numeric":
      return anyElement(numericMatcher(operand, place, path));
    case "exists":
      if (typeof operand !== "boolean") throw refusal(place, path, choice);
      // Presence is of a leaf: EventBridge takes an object for a branch, not for a value.
      return (value) => (value !== undefined && !isObject(value)) === operand;
    default:
      throw refusal(place, path, choice);
  }
}

function textMatcher(operator: string, operand: unknown, place: string, path: string): LeafMatcher {
  if (typeof operand !== "string") throw refusal(place, path, { [operator]: operand });
  const lower = operand.toLowerCase();
  return (value) => {
    if (typeof value !== "string") return false;
    if (operator === "prefix") return value.startsWith(operand);
    if (operator === "suffix") return value.endsWith(operand);
    return value.toLowerCase() === lower;
  };
}

function differsFrom(operand: unknown, place: string, path: string): LeafMatcher {
  if (isObject(operand)) {
    const [entry, ...others] = Object.entries(operand);
    if (entry === undefined || others.length > 0 || !["prefix", "suffix", "equals-ignore-case"].includes(entry[0])) {
      throw refusal(place, path, { "anything-but": operand });
    }
    const matches = textMatcher(entry[0], entry[1], place, path);
    return (value) => value !== undefined && !matches(value);
  }
  const excluded = Array.isArray(operand) ? operand : [operand];
  if (!excluded.every(isScalar)) throw refusal(place, path, { "anything-but": operand });
  return (value) => value !== undefined && !isObject(value) && !excluded.includes(value);
}

function numericMatcher(operand: unknown, place: string, path: string): LeafMatcher {
  const comparisons: ((value: number) => boolean)[] = [];
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) {
    throw refusal(place, path, { numeric: operand });
  }
  for (let index = 0; index < operand.length; index += 2) {
    const bound: unknown = operand[index + 1];
    const comparison = typeof bound === "number" ? compareTo(operand[index], bound) : undefined;
    if (comparison === undefined) throw refusal(place, path, { numeric: operand });
    comparisons.push(comparison);
  }
  // DynamoDB's numbers arrive as strings and match no numeric operator, on AWS as here.
  return (value) => typeof value === "number" && comparisons.every((comparison) => comparison(value));
}

function compareTo(operator: unknown, bound: number): ((value: number) => boolean) | undefined {
  switch (operator) {
    case "=":
      return (value) => value === bound;
    case "<":
      return (value) => value < bound;
    case "<=":
      return (value) => value <= bound;
    case ">":
      return (value) => value > bound;
    case ">=":
      return (value) => value >= bound;
    default:
      return undefined;
  }
}

/** An array in the record matches when any of its elements does. */
function anyElement(matches: LeafMatcher): LeafMatcher {
  return (value) => elements(value).some(matches);
}

function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function field(record: unknown, key: string): unknown {
  return isObject(record) && Object.hasOwn(record, key) ? record[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function refusal(place: string, path: string, found: unknown): FilterPatternError {
  return new FilterPatternError(
    `The filter pattern of ${place} has ${JSON.stringify(found)} at ${path}; the local stage knows ${SUPPORTED}`,
  );
}
