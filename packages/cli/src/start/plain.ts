import { priceWords } from "@plimsoll/calls";
import { ownLines, type ShownText, visibleIn } from "../output/shown.ts";
import { plainPaint } from "../output/terminal.ts";
import { CallBuffer, type CallOrder } from "./call-buffer.ts";
import { callLines } from "./call-lines.ts";
import { count } from "./counts.ts";
import { gapWords, incompleteOf, unknownOf } from "./gap-words.ts";
import { incompleteText } from "./incomplete-text.ts";
import { behindWords, dollars, milliseconds } from "./panel.ts";
import { costView } from "./progress-state.ts";
import type { Emit, SessionEvent, SweepReport } from "./session-events.ts";

const columns = 110;
const mostCalls = 5;

/** Renders a session as plain lines for logs and pipes, without cursor movements, colours or lines of progress. */
export function plainRenderer(
  write: (text: ShownText) => void,
  scheduleSeconds: () => number,
  callOrder: CallOrder = "with their sweep",
): Emit {
  const calls = new CallBuffer(callOrder);
  return (given) => {
    const event = visibleIn(given);
    const shown = callLines(calls.take(event), { most: mostCalls, columns, paint: plainPaint });
    for (const one of [...shown, ...linesOf(event, scheduleSeconds())]) write(ownLines(`${one}\n`, false));
  };
}

function linesOf(event: SessionEvent, scheduleSeconds: number): string[] {
  switch (event.kind) {
    case "step":
      return [];
    case "done":
    case "note":
      return [event.text];
    case "ready":
      return [
        `the API answers at ${event.apiUrl}; in another terminal: source ${event.environmentFile} && npx plimsoll accounts`,
      ];
    case "prices": {
      const { asOfMs, cause, underlyings, instruments } = event.prices;
      if (cause === "walk") return [];
      const prices = underlyings
        .map(({ underlying, indexPrice }) => `${underlying} ${priceWords(indexPrice)}`)
        .join(", ");
      return [
        `${new Date(asOfMs).toISOString()} ${cause}: ${prices}${instruments > 0 ? `, ${count(instruments)} instruments` : ""}`,
      ];
    }
    case "settled":
      return [`${count(event.accounts)} accounts had positions settled that expired`];
    case "loading":
    case "sweeping":
    case "calls":
      return [];
    case "swept":
      return sweptLines(event.report, scheduleSeconds);
  }
}

function sweptLines(report: SweepReport, scheduleSeconds: number): string[] {
  if (report.accounts === 0) return [`swept 0 accounts in ${milliseconds(report.durationMs)}: none was sent yet`];
  const refused = report.accounts - report.margined;
  const severities = [...report.severities]
    .filter(([, accounts]) => accounts > 0)
    .map(([severity, accounts]) => `${severity} ${count(accounts)}`);
  const [unknown, inPart] = [unknownOf(report.gaps), incompleteOf(report.gaps)].map((gaps) => gapWords(gaps));
  const cost = costView(report.usage, report.accounts, scheduleSeconds);
  return [
    ...(report.shardsMissing.length === 0
      ? []
      : [`sweep incomplete: ${incompleteText(report.shardsMissing, report.shards, report.failures)}`]),
    `swept ${count(report.accounts)} accounts in ${milliseconds(report.durationMs)}: ${severities.join(", ")}` +
      `${unknown === "" ? "" : `, UNKNOWN ${unknown}`}` +
      `${refused > 0 ? `; ${count(refused)} without figures` : ""}` +
      `${inPart === "" ? "" : `; not in full ${inPart}`}` +
      `${report.unpublished > 0 ? `; ${count(report.unpublished)} calls not published yet` : ""}` +
      `${report.deadLetters > 0 ? `; ${report.deadLetters} dead letters` : ""}` +
      `${report.accountsBehind.length > 0 ? `; ${behindWords(report.accountsBehind)} behind: account_state asked for` : ""}`,
    `the same work on AWS: ${dollars(cost.perSweepUsd)} a sweep, ${dollars(cost.perMonthUsd)} a month, ` +
      `${dollars(cost.perMillionAccountsUsd)} per million accounts`,
  ];
}
