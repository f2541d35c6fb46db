import type { Choice } from "@plimsoll/backtest";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import { percentText } from "./backtest-text.ts";

/** Renders the search for a terminal: every candidate, the cheapest first, and which ones were chosen. */
export function choiceText(choices: readonly Choice[], paint: Paint): string {
  const sections = choices.map(({ underlying, candidates, cheapest, cheapestOfEveryKind }) => {
    const sorted = candidates.toSorted((a, b) => a.averageMarginShare - b.averageMarginShare);
    const rows = sorted.map(({ name, coverage, kindsBelow, averageMarginShare, margined }) => [
      name === cheapestOfEveryKind ? "every kind" : name === cheapest ? "together" : "",
      name,
      percentText(averageMarginShare),
      percentText(coverage, 3),
      `${margined}`,
      kindsBelow.map((kind) => kind.replaceAll("_", " ")).join(", "),
    ]);
    const heads = [
      { head: "Cheapest of" },
      { head: "Candidate" },
      { head: "Average margin", align: "right" as const },
      { head: "Coverage", align: "right" as const },
      { head: "Portfolios margined", align: "right" as const },
      { head: "Kinds below the level" },
    ];
    return `  ${paint.bold(underlying)}\n\n${table(heads, rows, paint)}\n`;
  });
  return `\n${sections.join("\n")}\n`;
}
