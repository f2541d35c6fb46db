import { severityRank } from "@plimsoll/risk";
import type { CallEvent } from "@plimsoll/schema";
import { paintSeverity } from "../output/severity-style.ts";
import type { Paint } from "../output/terminal.ts";
import { wrap } from "../output/wrap.ts";

export interface CallLinesOptions {
  /** How many calls are shown in full. The rest are only counted. */
  readonly most: number;
  readonly columns: number;
  readonly paint: Paint;
}

/** Renders calls for a trader, each as a title and its text, from the gravest severity to the mildest. */
export function callLines(events: readonly CallEvent[], { most, columns, paint }: CallLinesOptions): string[] {
  const gravestFirst = [...events].sort(
    (a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.account_id < b.account_id ? -1 : 1),
  );
  const shown = gravestFirst
    .slice(0, most)
    .flatMap((event) => [
      `  ${paintSeverity(event.severity, "●", paint)} ${paintSeverity(event.severity, paint.bold(event.title), paint)}`,
      ...wrap(event.text, columns - 6).map((line) => `    ${line}`),
    ]);
  const left = gravestFirst.slice(most);
  return left.length === 0 ? shown : [...shown, `    ${paint.dim(`… and ${left.length} more: ${kinds(left)}`)}`];
}

function kinds(events: readonly CallEvent[]): string {
  const counts = new Map<string, number>();
  for (const { event_type } of events) {
    const kind = event_type.slice(event_type.lastIndexOf(".") + 1);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}
