import type { ListedCall } from "@plimsoll/app";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";

const words = { published: "published", waits: "waits", set_aside: "set aside" } as const;

export function callsText(calls: readonly ListedCall[], nowMs: number, paint: Paint): string {
  if (calls.length === 0) return "  every committed call is published\n";
  const rows = calls.map(({ event_id, severity, status, marked_at, title, reason }) => [
    event_id,
    severity ?? "",
    status === "set_aside" ? paint.red(words[status]) : words[status],
    marked_at === null ? "" : ageText(nowMs - Date.parse(marked_at)),
    reason ?? title,
  ]);
  const heads = [{ head: "Event" }, { head: "severity" }, { head: "status" }, { head: "for" }, { head: "" }];
  return `${table(heads, rows, paint)}\n`;
}

function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
