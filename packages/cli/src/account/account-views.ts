import { accountWords, groupDigits, timeWords } from "@plimsoll/calls";
import type { Schemas } from "@plimsoll/client";
import { curesTable } from "../explain/explain-text.ts";
import { callPricesTable } from "../margin/figures-text.ts";
import { incompleteLines } from "../margin/incomplete-text.ts";
import { paintSeverity } from "../output/severity-style.ts";
import { type Column, table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import { type Basis, basisLines } from "./account-text.ts";

/** Rows that a screen shows of a long table. The JSON has all of them. */
const rowsShown = 20;

interface PoolAnswer extends Basis {
  readonly pool_id: string;
  readonly method_version: string;
  readonly pool_currency: string;
}

/** Puts sections below the heading of an answer on one pool. */
function poolPage(accountId: string, answer: PoolAnswer, sections: readonly string[], paint: Paint): string {
  const account = accountWords(accountId, answer.pool_id).replace("a", "A");
  const heading = [`  ${paint.bold(account)}  by ${answer.method_version}`, ...basisLines(answer, paint)].join("\n");
  return `${[heading, ...sections.filter((section) => section !== "")].join("\n\n")}\n`;
}

const right = (head: string): Column => ({ head, align: "right" });

const amount = (text: string | null) => (text === null ? "–" : groupDigits(text));

/** Renders the losses of the scenarios, greatest first. */
export function scenariosText(answer: Schemas["Scenarios"] & { account_id: string }, paint: Paint): string {
  const sections = answer.units.map(({ underlying, scenarios }) => {
    const sorted = scenarios.toSorted((a, b) => Number(b.loss) - Number(a.loss));
    const heads = [{ head: `Scenarios of ${underlying}` }, right(`loss, ${answer.pool_currency}`)];
    const rows = sorted.slice(0, rowsShown).map(({ label, loss }) => [label, amount(loss)]);
    return [table(heads, rows, paint), ...moreLines(sorted.length, paint)].join("\n");
  });
  const none = sections.length === 0 ? ["  The method scans no scenarios of what is held."] : [];
  return poolPage(answer.account_id, answer, [...sections, ...none], paint);
}

function moreLines(rows: number, paint: Paint): string[] {
  return rows > rowsShown ? [paint.dim(`  ${rows - rowsShown} more in --json`)] : [];
}

/** Says what the figures leave out. It is empty if they are in full. */
function gapsText({ incomplete, pool_currency }: Schemas["Ladder"] | Schemas["CuresAnswer"], paint: Paint): string {
  return incompleteLines(incomplete, pool_currency, paint).join("\n");
}

export function ladderText(answer: Schemas["Ladder"] & { account_id: string }, paint: Paint): string {
  const severity = `  Severity now: ${paintSeverity(answer.severity, answer.severity, paint)}`;
  const rungs = callPricesTable("Call prices", answer.ladder, paint);
  const sections = [
    severity,
    rungs === "" ? "  No price of an underlying changes the severity." : rungs,
    gapsText(answer, paint),
  ];
  return poolPage(answer.account_id, answer, sections, paint);
}

/** Renders positions and balances with their Greeks and their parts of the requirement. */
export function positionsText(answer: Schemas["Positions"] & { account_id: string }, paint: Paint): string {
  const { positions, balances, greeks, pool_currency: currency } = answer;
  const parts = [right("worst loss"), right("initial margin"), right("maintenance")];
  const partsOf = (held: { scenario_loss: string | null; initial_margin: string; maintenance_margin: string }) =>
    [held.scenario_loss, held.initial_margin, held.maintenance_margin].map(amount);
  const sections = [
    positions.length === 0
      ? "  No positions."
      : table(
          [
            { head: "Position" },
            right("contracts"),
            right("entry"),
            right("mark"),
            right("delta"),
            right("vega"),
            ...parts,
          ],
          positions.map((held) => [
            held.instrument_id,
            ...[held.quantity, held.entry_price, held.mark_price, held.delta, held.vega].map(amount),
            ...partsOf(held),
          ]),
          paint,
        ),
    balances.length === 0
      ? ""
      : table(
          [{ head: "Balance" }, right("amount"), right("price, USD"), right("haircut"), right("counts as"), ...parts],
          balances.map((held) => [
            held.asset,
            ...[held.amount, held.price_usd, held.initial_haircut, held.counted_initial].map(amount),
            ...partsOf(held),
          ]),
          paint,
        ),
    greeks.length === 0
      ? ""
      : table(
          [
            { head: "Greeks" },
            right("delta (coin)"),
            right("gamma (coin/$)"),
            right("vega ($/point)"),
            right("theta ($/day)"),
          ],
          greeks.map(({ underlying, delta, gamma, vega, theta }) => [
            underlying,
            ...[delta, gamma, vega, theta].map(amount),
          ]),
          paint,
        ),
    paint.dim(`  Losses and margins are in ${currency}: how much lower each would be without the holding.`),
  ];
  return poolPage(answer.account_id, answer, sections, paint);
}

/** Renders the points of the history, newest first. */
export function historyText(answer: Schemas["MarginHistory"], paint: Paint): string {
  const { account_id, pool_id, points, next_cursor } = answer;
  if (points.length === 0) return `  ${accountWords(account_id, pool_id).replace("a", "A")} has no history yet.\n`;
  const [first] = points;
  const heads = [
    { head: accountWords(account_id, pool_id).replace("a", "A") },
    right("margin balance"),
    right("initial margin"),
    right("maintenance"),
    right("ratio"),
  ];
  const rows = points.map((point) => [
    timeWords(point.as_of),
    ...[point.margin_balance, point.initial_margin, point.maintenance_margin].map(amount),
    point.margin_ratio ?? "none",
  ]);
  const notes = [
    `  in ${first?.currency}; points at which the ratio moved${next_cursor === null ? "" : "; older ones with --limit"}`,
  ];
  return `${[table(heads, rows, paint), ...notes.map(paint.dim)].join("\n")}\n`;
}

/** Renders a list of calls, open or cured. */
export function callListText(answer: Schemas["CallsPage"], none: string, paint: Paint): string {
  if (answer.calls.length === 0) return `  ${none}\n`;
  const heads = [
    { head: "Call" },
    { head: "account" },
    { head: "severity" },
    { head: "open since" },
    right("required"),
  ];
  const rows = answer.calls.map((call) => [
    call.call_id,
    accountWords(call.account_id, call.pool_id).replace("account ", ""),
    call.status === "cured"
      ? `cured, was ${paintSeverity(call.worst_severity, call.worst_severity, paint)}`
      : paintSeverity(call.severity, call.severity, paint),
    timeWords(call.opened_at),
    requiredText(call),
  ]);
  const more = answer.next_cursor === null ? [] : [paint.dim("  there are more: give a higher --limit")];
  return `${[table(heads, rows, paint), ...more].join("\n")}\n`;
}

/** Writes the deposit that ends a call. It is empty where none is asked for. */
export function requiredText({ status, amount_required, currency }: Schemas["CallSummary"]): string {
  const isAsked = status === "open" && Number(amount_required) > 0;
  return isAsked ? `${groupDigits(amount_required)} ${currency}` : "";
}

/** Renders the ways to restore a severity. */
export function curesText(answer: Schemas["CuresAnswer"] & { account_id: string }, paint: Paint): string {
  const severity = `  Severity now: ${paintSeverity(answer.severity, answer.severity, paint)}`;
  const cures = curesTable(answer, paint);
  const sections = [severity, cures === "" ? "  There is nothing to restore." : cures, gapsText(answer, paint)];
  return poolPage(answer.account_id, answer, sections, paint);
}
