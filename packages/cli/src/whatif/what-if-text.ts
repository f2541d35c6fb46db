import { accountWords, groupDigits, percentWords } from "@plimsoll/calls";
import type { Schemas } from "@plimsoll/client";
import { basisLines, refusalWords } from "../account/account-text.ts";
import { callPricesTable, figuresTable, type StatedCallPrice, words } from "../margin/figures-text.ts";
import { incompleteLines } from "../margin/incomplete-text.ts";
import { paintSeverity } from "../output/severity-style.ts";
import { type Column, table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";

type Answer = Schemas["WhatIf"];
type Side = Schemas["WhatIfSide"];

const right = (head: string): Column => ({ head, align: "right" });

/** Renders a pool before and after a change, and the difference. */
export function whatIfText(answer: Answer, paint: Paint): string {
  const { before, after, difference, pool_currency: currency } = answer;
  const sections = [heading(answer, paint), sideFaults("before", before, paint), sideFaults("after", after, paint)];
  if (difference === undefined) {
    const columns = [column("before", before), column("after", after)].flat();
    if (columns.length > 0) sections.push(figuresTable(columns, currency, paint));
  } else {
    sections.push(figures(answer, difference, paint), components(difference, paint));
  }
  sections.push(worst(answer), callPrices(before, after, paint));
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function heading(answer: Answer, paint: Paint): string {
  const { account_id, pool_id, method_version, before, after } = answer;
  const subject = account_id === null ? "The portfolio" : accountWords(account_id, pool_id).replace("a", "A");
  const shown = (severity: Side["severity"]) => paintSeverity(severity, severity, paint);
  const { settles_at } = after;
  const isSettled = settles_at === undefined || settles_at === after.severity;
  const settles = isSettled ? "" : `, and ${shown(settles_at)} once the next sweeps confirm it`;
  return [
    `  ${paint.bold(subject)}  by ${method_version}`,
    ...basisLines(answer, paint),
    `  ${paint.dim("Severity")}  ${shown(before.severity)} before, ${shown(after.severity)} after${settles}`,
  ].join("\n");
}

function column(head: string, { severity, margin }: Side) {
  return margin === undefined ? [] : [{ head, severity, margin }];
}

/** Says what of a side could not be margined, or not in full. */
function sideFaults(name: "before" | "after", { refusal, margin }: Side, paint: Paint): string {
  const lines = margin ? incompleteLines(margin.incomplete, margin.pool_currency, paint) : [];
  if (refusal !== undefined) lines.push(`  ${paint.red("Not margined")}: ${refusalWords(refusal)}`);
  return lines.map((line) => line.replace(/: /, ` ${name}: `)).join("\n");
}

const rows = [
  ["Equity", "equity"],
  ["Margin balance", "margin_balance"],
  ["  for initial margin", "initial_margin_balance"],
  ["Initial margin", "initial_margin"],
  ["Maintenance margin", "maintenance_margin"],
  ["Available funds", "available_funds"],
  ["Margin headroom", "margin_headroom"],
] as const;

function figures(
  { before, after, pool_currency }: Answer,
  difference: Schemas["WhatIfDifference"],
  paint: Paint,
): string {
  const [from, to] = [before.margin, after.margin];
  if (from === undefined || to === undefined) return "";
  return table(
    [{ head: "" }, right("before"), right("after"), right("difference"), { head: "" }],
    [
      ...rows.map(([name, figure]) => [
        name,
        signed(from[figure], paint),
        signed(to[figure], paint),
        changeText(difference[figure]),
        paint.dim(pool_currency),
      ]),
      ["Margin ratio", from.margin_ratio ?? "none", to.margin_ratio ?? "none", "", paint.dim("rises to 1 at danger")],
    ],
    paint,
  );
}

function components({ components: parts }: Schemas["WhatIfDifference"], paint: Paint): string {
  if (parts.length === 0) return "";
  return table(
    [{ head: "Requirement" }, { head: "on" }, right("before"), right("after"), right("difference")],
    parts.map(({ name, underlying, before, after, difference }) => [
      words(name),
      underlying,
      groupDigits(before),
      groupDigits(after),
      changeText(difference),
    ]),
    paint,
  );
}

/** Writes the worst scenarios after the change. */
function worst({ after, pool_currency }: Answer): string {
  return (after.margin?.units ?? [])
    .flatMap(({ underlying, worst_scenario: scenario }) =>
      scenario
        ? [
            `  Worst case of ${underlying} then: ${scenario.label}, a loss of ${groupDigits(scenario.loss)} ${pool_currency}`,
          ]
        : [],
    )
    .join("\n");
}

/** Renders the call prices: once where the change leaves them as they are, else before beside after. */
function callPrices(before: Side, after: Side, paint: Paint): string {
  const [earlier, later] = [before.call_prices ?? [], after.call_prices ?? []];
  const changed = pairs(earlier, later).filter(({ from, to }) => rungText(from) !== rungText(to));
  if (changed.length === 0) return callPricesTable("Call prices", later, paint);
  const shown = pairs(earlier, later).filter(({ from, to }) => isReached(from) || isReached(to));
  if (shown.length === 0) return "";
  return table(
    [
      { head: "Call prices" },
      { head: "move" },
      { head: "starts" },
      right("before"),
      right("after"),
      right("away then"),
    ],
    shown.map(({ rung, from, to }) => [
      rung.underlying,
      rung.direction,
      paintSeverity(rung.severity, rung.severity, paint),
      rungText(from),
      rungText(to),
      to?.distance_pct ? percentWords(to.distance_pct) : "",
    ]),
    paint,
  );
}

/** Puts the rungs of both sides together by underlying, direction and severity. */
function pairs(earlier: readonly StatedCallPrice[], later: readonly StatedCallPrice[]) {
  const keyOf = ({ underlying, direction, severity }: StatedCallPrice) => `${underlying} ${direction} ${severity}`;
  const from = new Map(earlier.map((rung) => [keyOf(rung), rung]));
  const to = new Map(later.map((rung) => [keyOf(rung), rung]));
  return [...new Map([...from, ...to])].map(([key, rung]) => ({ rung, from: from.get(key), to: to.get(key) }));
}

const isReached = (rung: StatedCallPrice | undefined) =>
  rung !== undefined && (rung.price !== null || rung.reason === "already_at_or_beyond");

function rungText(rung: StatedCallPrice | undefined): string {
  if (rung === undefined) return "";
  return rung.price === null ? words(rung.reason ?? "") : groupDigits(rung.price);
}

function signed(amount: string, paint: Paint): string {
  return amount.startsWith("-") ? paint.red(groupDigits(amount)) : groupDigits(amount);
}

function changeText(amount: string): string {
  if (Number(amount) === 0) return "0";
  return amount.startsWith("-") ? groupDigits(amount) : `+${groupDigits(amount)}`;
}
