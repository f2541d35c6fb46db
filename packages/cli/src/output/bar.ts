import cliProgress from "cli-progress";
import type { Paint } from "./terminal.ts";

const barWidth = 28;

/** Draws a bar that is filled to done / total. It is empty when there is nothing to do. */
export function bar({ done, total }: { readonly done: number; readonly total: number }, paint: Paint): string {
  const options: cliProgress.Options = {
    barsize: barWidth,
    barCompleteString: "█".repeat(barWidth),
    barIncompleteString: "░".repeat(barWidth),
    barGlue: "",
  };
  return paint.cyan(cliProgress.Format.BarFormat(total === 0 ? 0 : done / total, options));
}
