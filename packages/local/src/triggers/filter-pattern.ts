/** Says whether a record passes. */
export type RecordFilter = (record: unknown) => boolean;

/** A filter pattern that the local stage cannot honour; found at start, so that no trigger silently differs from AWS. */
export class FilterPatternError extends Error {
  override readonly name = "FilterPatternError";
}

/**
 * Compiles the filter patterns of an event source: a record passes when it matches any of them, or when there is none.
 * Each pattern is a JSON text in EventBridge's language. Of that the stacks use objects within objects, exact texts and
 * prefixes, so this is what is known here; anything else is refused. `place` names the source in errors.
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

/** Where a part of a pattern stands, for errors: the event source, and the field within the pattern. */
interface Where {
  readonly place: string;
  readonly path: string;
}

/** Every field of the pattern must match. */
function compileObject(pattern: unknown, where: Where): RecordFilter {
  if (!isObject(pattern)) throw refusal(pattern, where);
  const fields = Object.entries(pattern).map(([key, inner]) => {
    const here = { ...where, path: key };
    const matches = Array.isArray(inner) && key !== "$or" ? compileChoices(inner, here) : compileObject(inner, here);
    return (record: Readonly<Record<string, unknown>>) => Object.hasOwn(record, key) && matches(record[key]);
  });
  return (record) => isObject(record) && fields.every((field) => field(record));
}

/** A text matches that is one of the choices or begins with one of the prefixes. */
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
