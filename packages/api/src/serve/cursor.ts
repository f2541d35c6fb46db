import { shownValue } from "@plimsoll/schema";
import * as z from "zod";
import { ApiProblem } from "./api-problem.ts";

/** The whole sort key of the last entry of a page. */
export type SortKey = readonly (string | number | null)[];

const sortKey = z.array(z.union([z.string(), z.number(), z.null()])).max(8);

/** Writes the cursor of the page after an entry. `list` names what is listed and in which order. */
export function writeCursor(list: string, key: SortKey): string {
  return Buffer.from(JSON.stringify([list, key])).toString("base64url");
}

/** Reads a cursor, whose key is as `schema` says. Throws an ApiProblem if it is not one of this list and order. */
export function readCursor<Key extends SortKey>(list: string, cursor: string, schema: z.ZodType<Key>): Key {
  try {
    const [, key] = z
      .tuple([z.literal(list), schema])
      .parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return key;
  } catch {
    // What cannot be read is refused below, like a cursor of another list.
  }
  const remedy = "next_cursor of an answer to the same question, unchanged; leave it out for the first page";
  throw new ApiProblem("invalid_request", `cursor: ${remedy}`, {
    errors: [{ field: "cursor", value: shownValue(cursor), remedy }],
  });
}

/** Cuts a sorted list into the page after a cursor. Keys are compared by `compare`. */
export function pageOf<Entry>(
  sorted: readonly Entry[],
  { list, limit, cursor }: { readonly list: string; readonly limit: number; readonly cursor?: string },
  keyOf: (entry: Entry) => SortKey,
  compare: (a: SortKey, b: SortKey) => number,
): { readonly entries: readonly Entry[]; readonly next_cursor: string | null } {
  const after = cursor === undefined ? null : readCursor(list, cursor, sortKey);
  const rest = after === null ? sorted : sorted.filter((entry) => compare(keyOf(entry), after) > 0);
  const entries = rest.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next_cursor: last !== undefined && rest.length > limit ? writeCursor(list, keyOf(last)) : null };
}

/** Compares sort keys member by member. Null comes before everything else. */
export function compareKeys(a: SortKey, b: SortKey): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? null;
    if (left === right) continue;
    if (left === null || right === null) return left === null ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
