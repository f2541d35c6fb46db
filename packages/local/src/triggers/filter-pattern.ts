/** Decides whether a record passes. */
export type RecordFilter = (record: unknown) => boolean;

/**
 * Thrown at start for a filter pattern that the local stage does not support, so that no trigger silently differs from
 * AWS.
 */
export class FilterPatternError extends Error {
  override readonly name = "FilterPatternError";
}

/**
 * Compiles the filter patterns of an event source. A record passes if it matches any of them, or if there are none.
 * Each pattern is a JSON text in EventBridge's language, of which nested objects, exact texts and prefixes are
 * supported, as the stacks use no more; anything else is refused. `place` names the source in errors.
 */
export function compileFilterPatterns(patterns: readonly string[], place: string): RecordFilter {
  const filters = patterns.map((text) => compileObject(parse(text, place), { place, path: "its top" }));
  return filters.length === 0 ? () => true : (record) => filters.some((filter) => filter(record));
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FilterPatternError(`The filter pattern of ${place} is ${text}, which is not JSON`, { cause });
  }
}

/** The place of a part of a pattern for errors: the event source, and the field within the pattern. */
interface Where {
  readonly place: string;
  readonly path: string;
}

/** Compiles an object of a pattern. Every field must match. */
function compileObject(pattern: unknown, where: Where): RecordFilter {
  if (!isObject(pattern)) throw refusal(pattern, where);
  const fields = Object.entries(pattern).map(([key, inner]) => {
    const here = { ...where, path: key };
    const matches = Array.isArray(inner) && key !== "$or" ? compileChoices(inner, here) : compileObject(inner, here);
    return (record: Readonly<Record<string, unknown>>) => Object.hasOwn(record, key) && matches(record[key]);
  });
  return (record) => isObject(record) && fields.every((field) => field(record));
}

/** Compiles a list of choices. A text matches if it equals one of them or starts with one of the prefixes. */
function compileChoices(choices: readonly unknown[], where: Where): RecordFilter {
  if (choices.length === 0) throw refusal(choices, where);
  const matchers = choices.map((choice) => {
    if (typeof choice === "string") return (text: string) => text === choice;
    if (!isObject(choice) || Object.keys(choice).join() !== "prefix") throw refusal(choice, where);
    const { prefix } = choice;
    if (typeof prefix !== "string") throw refusal(choice, where);
    return (text: string) => text.startsWith(prefix);
  });
  return (value) => typeof value === "string" && matchers.some((matches) => matches(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(found: unknown, { place, path }: Where): FilterPatternError {
  return new FilterPatternError(
    `The filter pattern of ${place} has ${JSON.stringify(found)} at ${path}; the local stage knows objects, lists of exact texts and { "prefix": text }`,
  );
}
