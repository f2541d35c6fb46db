import { errorText } from "@plimsoll/schema";
import { InputError } from "./input-error.ts";

/** Parses JSON. Throws an `InputError` that names the file and where it breaks, or says that it nests too deep. */
export function parseJson(path: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${path} is not JSON (${errorText(cause)}): repair it there`, { cause });
  }
  if (nestsTooDeep(value)) throw new InputError(`${path} ${tooDeep}`);
  return value;
}

/**
 * The deepest nesting of lists and objects that is read. No file of ours comes near it. Functions that call themselves
 * level by level would run out of stack on deeper values.
 */
const nestingLimit = 64;

/** Says why a value that nests too deep is refused, as the end of a sentence about the value. */
export const tooDeep = `nests more than ${nestingLimit} levels deep: give the file as it was written, or repair it`;

/** Returns whether the lists and objects of a value nest deeper than `nestingLimit`. */
export function nestsTooDeep(value: unknown): boolean {
  let level = [value].filter(isNested);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > nestingLimit) return true;
    level = level.flatMap((outer) => Object.values(outer).filter(isNested));
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
