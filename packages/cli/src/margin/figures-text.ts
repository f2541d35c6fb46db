import { groupDigits } from "@plimsoll/calls";
import type { Severity } from "@plimsoll/risk";
import { paintSeverity } from "../output/severity-style.ts";
import { type Column, table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";

/** The figures of one pool, as reports and answers of the API state them. */
export interface StatedFigures {
  readonly equity: string;
  readonly margin_balance: string;
  readonly initial_margin_balance: string;
  readonly initial_margin: string;
  readonly maintenance_margin: string;
  readonly available_funds: string;
  readonly margin_headroom: string;
  readonly margin_ratio: string | null;
  readonly projected_initial_margin: string | null;
  readonly components: readonly { readonly name: string; readonly underlying: string; readonly amount: string }[];
  readonly incomplete?: { readonly in_doubt: number } | undefined;
}

/** One column of figures. */
export interface FiguresColumn {
  /** It is empty where there is one column. */
  readonly head: string;
  readonly severity: Severity;
  readonly margin: StatedFigures;
}

/** Renders balances, requirements and severities, one column beside the other. */
export function figuresTable(columns: readonly FiguresColumn[], currency: string, paint: Paint): string {
  const row = (name: string, cell: (margin: StatedFigures) => string) => [
    name,
    ...columns.map(({ margin }) => cell(margin)),
    paint.dim(currency),
  ];
  const signed = (amount: string) => (amount.startsWith("-") ? paint.red(groupDigits(amount)) : groupDigits(amount));
  return table(
    [{ head: "" }, ...columns.map(({ head }): Column => ({ head, align: "right" })), { head: "" }],
    [
      row("Equity", ({ equity }) => signed(equity)),
      row("Margin balance", ({ margin_balance }) => signed(margin_balance)),
      row("  for initial margin", ({ initial_margin_balance }) => signed(initial_margin_balance)),
      row("Initial margin", ({ initial_margin }) => groupDigits(initial_margin)),
      ...(columns.some(({ margin }) => margin.projected_initial_margin !== null)
        ? [row("  with open orders", ({ projected_initial_margin }) => groupDigits(projected_initial_margin ?? ""))]
        : []),
      row("Maintenance margin", ({ maintenance_margin }) => groupDigits(maintenance_margin)),
      row("Available funds", ({ available_funds }) => signed(available_funds)),
      row("Margin headroom", ({ margin_headroom }) => paint.bold(signed(margin_headroom))),
      [
        "Margin ratio",
        ...columns.map(({ margin }) => margin.margin_ratio ?? "none"),
        paint.dim("rises to 1 at danger"),
      ],
      ["Severity", ...columns.map((column) => severityText(column, paint)), ""],
    ],
    paint,
  );
}

/** Writes the severity. NORMAL is written as UNKNOWN while the worth of a holding is in doubt. */
export function severityText(
  { severity, margin: { incomplete } }: Pick<FiguresColumn, "severity"> & { margin: Pick<StatedFigures, "incomplete"> },
  paint: Paint,
): string {
  const isUnknown = severity === "NORMAL" && incomplete !== undefined && incomplete.in_doubt > 0;
  return isUnknown ? paint.yellow("UNKNOWN") : paintSeverity(severity, severity, paint);
}

/** Renders the parts of the requirement. It is empty if there are none. */
export function componentsTable(columns: readonly FiguresColumn[], paint: Paint): string {
  const all = columns.flatMap(({ margin }) => margin.components);
  const names = [...new Set(all.map(({ name }) => name))];
  if (names.length === 0) return "";
  const rows = names.flatMap((name) => {
    const underlyings = new Set(all.filter((part) => part.name === name).map(({ underlying }) => underlying));
    return [...underlyings].map((underlying) => [
      words(name),
      underlying,
      ...columns.map(({ margin }) => {
        const part = margin.components.find((one) => one.name === name && one.underlying === underlying);
        return part ? groupDigits(part.amount) : "";
      }),
    ]);
  });
  const heads = columns.map(({ head }): Column => ({ head: head === "" ? "amount" : head, align: "right" }));
  return table([{ head: "Requirement" }, { head: "on" }, ...heads], rows, paint);
}

/** One call price, as reports and answers of the API state it. */
export interface StatedCallPrice {
  readonly underlying: string;
  readonly direction: string;
  readonly severity: Severity;
  readonly price: string | null;
  readonly distance_pct: string | null;
  readonly reason: string | null;
}

/** Renders call prices, and says why there are none where it is so. It is empty without a rung. */
export function callPricesTable(title: string, rungs: readonly StatedCallPrice[], paint: Paint): string {
  if (rungs.length === 0) return "";
  const isShown = ({ price, reason }: StatedCallPrice) => price !== null || reason === "already_at_or_beyond";
  const never = rungs
    .filter((rung) => !isShown(rung))
    .map(
      ({ underlying, direction, reason }) =>
        `  ${underlying} ${direction}: ${words(reason ?? "")} for the severities not shown`,
    );
  const rows = rungs
    .filter(isShown)
    .map((rung) => [
      rung.underlying,
      rung.direction,
      paintSeverity(rung.severity, rung.severity, paint),
      rung.price === null ? words(rung.reason ?? "") : groupDigits(rung.price),
      rung.distance_pct === null ? "" : signedPercent(rung.distance_pct),
    ]);
  const printed =
    rows.length === 0
      ? `  ${paint.dim(title)}`
      : table(
          [
            { head: title },
            { head: "move" },
            { head: "starts" },
            { head: "at index", align: "right" },
            { head: "away", align: "right" },
          ],
          rows,
          paint,
        );
  return [printed, ...[...new Set(never)].map((line) => paint.dim(line))].join("\n");
}

/** Writes a percentage with all its digits, so that a column of them lines up. */
function signedPercent(decimal: string): string {
  return `${decimal.startsWith("-") ? "" : "+"}${groupDigits(decimal)} %`;
}

/** Writes a code such as `not_margined` as words. */
export function words(code: string): string {
  return code.replaceAll("_", " ");
}
