import type { Severity } from "@plimsoll/risk";
import type { Paint } from "./terminal.ts";

/** A severity's text in its colour: green is at ease, red is the venue's turn. */
export function paintSeverity(severity: Severity, text: string, paint: Paint): string {
  switch (severity) {
    case "NORMAL":
      return paint.green(text);
    case "WARNING":
      return paint.yellow(text);
    case "MARGIN_CALL":
      return paint.magenta(text);
    case "REDUCE_ONLY":
      return paint.red(text);
    case "LIQUIDATION":
      return paint.bold(paint.brightRed(text));
    case "BANKRUPT":
      return paint.inverse(paint.brightRed(text));
  }
}
