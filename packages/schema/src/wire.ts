import { createHash } from "node:crypto";
import { canonicalJson } from "@plimsoll/risk";
import type { toCamelCaseKeys, toSnakeCaseKeys } from "es-toolkit/object";
import { isPlainObject } from "es-toolkit/predicate/isPlainObject";
import { camelCase } from "es-toolkit/string/camelCase";
import { snakeCase } from "es-toolkit/string/snakeCase";

/**
 * Builds a function that renames the keys of a value at every depth. Each name is computed once and remembered, which
 * is safe as keys are never data.
 */
function renaming(rename: (key: string) => string): (value: unknown) => unknown {
  const names = new Map<string, string>();
  const nameOf = (key: string) => {
    let name = names.get(key);
    if (name === undefined) {
      name = rename(key);
      names.set(key, name);
    }
    return name;
  };
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed);
    if (!isPlainObject(value)) return value;
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) copy[nameOf(key)] = renamed(value[key]);
    return copy;
  };
  return renamed;
}

/** Converts between the code's camelCase and the wire's snake_case. No other code does. */
export const toWire = renaming(snakeCase) as typeof toSnakeCaseKeys;
export const fromWire = renaming(camelCase) as typeof toCamelCaseKeys;

/** SHA-256 of the canonical JSON, in hex. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Number of digits of the content hash in names. */
export const hashDigitsInNames = 12;
