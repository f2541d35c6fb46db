import { rowNameOf } from "./diff.ts";

/**
 * Completes what a file states from another set, both in their wire form. An object takes the members that the file
 * gives, and the others from the base. An object that states another `kind` is taken as the file states it. A list has
 * the rows that the file gives, in their order, and no others. A row that names an underlying, asset, severity or
 * scenario set takes the members that it leaves out from the base's row of that name. Any other value of the file
 * replaces that of the base, null too. Unknown members stay, for the schema to refuse.
 */
export function mergeParameters(base: unknown, given: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(given)) {
    const rows = new Map(base.map((row) => [rowNameOf(row), row]));
    return given.map((row) => {
      const name = rowNameOf(row);
      return name === undefined ? row : mergeParameters(rows.get(name), row);
    });
  }
  if (!isObject(base) || !isObject(given)) return given;
  if ("kind" in given && given.kind !== base.kind) return given;
  const members = Object.entries(given).map(([name, value]) => {
    return [name, mergeParameters(Object.hasOwn(base, name) ? base[name] : undefined, value)] as const;
  });
  return { ...base, ...Object.fromEntries(members) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
