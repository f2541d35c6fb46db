/** The fields that name the rows of a set's lists, so that a path identifies a row whatever the order. */
const names = ["underlying", "asset", "severity", "set_id"];

/**
 * What becomes of the rows of a list that a file does not name. `gone`: a list has the rows that the file gives and no
 * others. `kept`: they stay, after those that the file gives, so that a file that names one coin takes away no other.
 * A row of a new name is then completed from the row `*`, which has applied to it so far. Lists whose rows have no
 * names are taken as the file gives them.
 */
export type UnnamedRows = "gone" | "kept";

/**
 * Completes what a file states from another set, both in their wire form. An object takes the members that the file
 * gives, and the others from the base. An object that states another `kind` is taken as the file states it. A list has
 * the rows that the file gives, in their order, and then those that are kept. A row that names an underlying, asset,
 * severity or scenario set takes the members that it leaves out from the base's row of that name. Any other value of the file
 * replaces that of the base, null too. Unknown members stay, for the schema to refuse.
 */
export function mergeParameters(base: unknown, given: unknown, unnamed: UnnamedRows = "gone"): unknown {
  if (Array.isArray(base) && Array.isArray(given)) return mergeRows(base, given, unnamed);
  if (!isObject(base) || !isObject(given)) return given;
  if ("kind" in given && given.kind !== base.kind) return given;
  const members = Object.entries(given).map(([name, value]) => {
    return [name, mergeParameters(Object.hasOwn(base, name) ? base[name] : undefined, value, unnamed)] as const;
  });
  return { ...base, ...Object.fromEntries(members) };
}

function mergeRows(base: readonly unknown[], given: readonly unknown[], unnamed: UnnamedRows): readonly unknown[] {
  const rows = new Map(base.map((row) => [rowNameOf(row), row]));
  const named = new Set(given.map(rowNameOf));
  const keeps = unnamed === "kept" && !rows.has(undefined) && !named.has(undefined);
  const stated = given.map((row) => {
    const name = rowNameOf(row);
    if (name === undefined) return row;
    return mergeParameters(rows.get(name) ?? (keeps ? rows.get("*") : undefined), row, unnamed);
  });
  return keeps ? [...stated, ...base.filter((row) => !named.has(rowNameOf(row)))] : stated;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the name of a row in a list of a set, or undefined if it has none. */
export function rowNameOf(entry: unknown): unknown {
  return Object.values(rowNaming(entry) ?? {})[0];
}

/** Returns the field that names a row in a list of a set, with the name, or undefined if there is none. */
export function rowNaming(entry: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(entry));
  for (const name of names) {
    const value = fields.get(name);
    if (typeof value === "string") return { [name]: value };
  }
  return undefined;
}
