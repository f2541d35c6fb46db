/*
 * Compares an answer that a page shows with a real one. A page shows less than there is: each member shown must be in the
 * real answer, and each element shown must be in the real list, in the order shown.
 */

/** Texts that differ from run to run. Both the shown and the real text must be of the kind. */
const varying = [
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  /^\d{8}T\d{9}Z-[0-9a-f]{12}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
];

const short = (value: unknown) => JSON.stringify(value) ?? "nothing";

/** Returns what is shown and is not so. `path` says where it stands. */
export function differences(shown: unknown, real: unknown, path = "$"): string[] {
  if (Array.isArray(shown) && Array.isArray(real)) return listDifferences(shown, real, path);
  if (isObject(shown) && isObject(real)) {
    return Object.entries(shown).flatMap(([name, value]) => differences(value, real[name], `${path}.${name}`));
  }
  const isSame = typeof shown === "string" && typeof real === "string" ? isSameText(shown, real) : shown === real;
  const isAge = path.endsWith("_ms") && typeof shown === "number" && typeof real === "number";
  return isSame || isAge ? [] : [`${path}: ${short(shown)} is shown, ${short(real)} is answered`];
}

function listDifferences(shown: readonly unknown[], real: readonly unknown[], path: string): string[] {
  if (shown.length === 0) return real.length === 0 ? [] : [`${path}: nothing is shown, ${short(real)} is answered`];
  let from = 0;
  for (const [index, element] of shown.entries()) {
    const at = real.findIndex((other, place) => place >= from && differences(element, other).length === 0);
    if (at < 0) return differences(element, real[from], `${path}[${index}]`);
    from = at + 1;
  }
  return [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSameText(shown: string, real: string): boolean {
  const kind = varying.find((pattern) => pattern.test(shown));
  if (kind !== undefined) return kind.test(real);
  return shown.endsWith("…") ? real.startsWith(shown.slice(0, -1)) : shown === real;
}
