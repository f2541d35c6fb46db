import { gapName, isUnknown, type MarginGap } from "@plimsoll/schema";
import { count } from "./counts.ts";

/** Accounts that one line names. */
const named = 3;

/** `2: bob (instrument expired), carol (collateral not accepted)`, of many the first; `2` where no name is at hand; empty for none. */
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
