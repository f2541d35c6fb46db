import { assumptionWords, groupDigits } from "@plimsoll/calls";
import type { statedIncomplete } from "@plimsoll/schema";
import type * as z from "zod";
import type { Paint } from "../output/terminal.ts";

/**
 * Returns a line for each reason why something could not be margined in full, with how it is counted and the remedy.
 */
export function incompleteLines(
  incomplete: z.infer<typeof statedIncomplete> | undefined,
  currency: string,
  paint: Paint,
): string[] {
  if (incomplete === undefined) return [];
  const { holdings, reasons } = incomplete;
  const lines = reasons.map(({ code, field, value, assumed, worth, remedy }) => {
    const counted = Number(worth) === 0 ? "" : ` (${groupDigits(worth)} ${currency})`;
    const what = `${code.replaceAll("_", " ")}: ${field} is ${value}`;
    return `  ${paint.yellow("Not in full")}: ${what}: it ${assumptionWords[assumed]}${counted}. Remedy: ${remedy}.`;
  });
  const more = holdings - reasons.length;
  return more > 0 ? [...lines, paint.dim(`  and ${more} more`)] : lines;
}
