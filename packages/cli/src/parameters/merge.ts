import { rowNameOf } from "./diff.ts";

/**
 * What a file states, completed from another set, both as on the wire. An object has the members that the file gives it and the others
 * of the base; one that states another `kind` is another thing and is taken as stated. A list has the rows that the file gives it, in
 * their order, and no others; a row that names an underlying, asset, severity or scenario set of the base's list takes the members
 * that it leaves out from there. Any other value stands for itself, null too. What is not known stays, for the schema to refuse.
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
