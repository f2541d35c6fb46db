import type { Severity } from "@plimsoll/risk";
import type { Paint } from "./terminal.ts";

/**
 * Paints a text in the colour of its severity, from green for NORMAL to red for the severities at which the exchange
 * acts.
 */
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
