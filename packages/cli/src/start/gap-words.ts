import { gapName, isUnknown, type MarginGap } from "@plimsoll/schema";
import { count } from "./counts.ts";

/** How many accounts one line names. */
const named = 3;

/**
 * Writes how many accounts have a gap, and names the first: `2: bob (instrument expired), carol (collateral not
 * accepted)`. It writes only the number where no name is known, and nothing for 0.
 */
export function gapWords(gaps: readonly MarginGap[], total = gaps.length): string {
  if (total === 0) return "";
  if (gaps.length === 0) return count(total);
  const names = gaps.slice(0, named).map(gapName);
  const more = total - names.length;
  return `${count(total)}: ${[...names, ...(more > 0 ? [`${count(more)} more`] : [])].join(", ")}`;
}

export function unknownOf(gaps: readonly MarginGap[]): readonly MarginGap[] {
  return gaps.filter(isUnknown);
}

export function incompleteOf(gaps: readonly MarginGap[]): readonly MarginGap[] {
  return gaps.filter(({ kind }) => kind !== "not_margined");
}
