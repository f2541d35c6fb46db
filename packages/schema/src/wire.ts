import { createHash } from "node:crypto";
import { sortKeys, toCamelCaseKeys, toSnakeCaseKeys } from "es-toolkit/object";

/** The one place where the code's camelCase and the wire's snake_case meet. Keys are names, never data. */
export const toWire = toSnakeCaseKeys;
export const fromWire = toCamelCaseKeys;

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return sortKeys(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ordered(inner)])));
}

/** JSON with sorted keys and no white space: equal values give equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(ordered(value));
}

/** SHA-256 of the canonical JSON, in hex. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Digits of a content hash that names carry. */
export const hashDigitsInNames = 12;
