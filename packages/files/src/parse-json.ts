import { errorText } from "@plimsoll/schema";
import { InputError } from "./input-error.ts";

/** Parses JSON; the error names the file and where it breaks, or that it nests too deep. */
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

/** Deepest nesting of lists and objects that is read: no file of ours comes near, and what calls itself level by level runs out of stack. */
const nestingLimit = 64;

/** Why a value that nests too deep is refused, as the end of a sentence about it. */
export const tooDeep = `nests more than ${nestingLimit} levels deep: give the file as it was written, or repair it`;

/** Whether lists and objects of a value lie within each other deeper than is read. */
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
