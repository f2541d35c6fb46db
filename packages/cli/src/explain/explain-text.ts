import { accountWords, durationWords, groupDigits, severityNames, timeWords } from "@plimsoll/calls";
import { incompleteLines } from "../margin/incomplete-text.ts";
import { noteLines } from "../margin/note-text.ts";
import { paintSeverity } from "../output/severity-style.ts";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import type { ExplainReport } from "./explain-report.ts";

/** What the text says of an explanation, which a command has computed or a stage has answered. */
export interface Explained
  extends Omit<ExplainReport, "schema_version" | "inputs" | "margin" | "cures" | "holdings" | "levels"> {
  readonly margin: Pick<
    ExplainReport["margin"],
    "method_version" | "parameters_version" | "snapshot_id" | "incomplete" | "notes"
  > & {
    readonly units: readonly {
      readonly worst_scenario?: { readonly label: string; readonly loss: string } | null;
    }[];
  };
  readonly levels: readonly ExplainReport["levels"][number][];
  readonly holdings: readonly ExplainReport["holdings"][number][];
  readonly cures: { readonly restores: ExplainReport["severity"]; readonly list: readonly Cure[] };
}

/** A way to restore a severity: a deposit of an amount of an asset, or a trade of an instrument. */
interface Cure {
  readonly kind: "deposit" | "reduction";
  readonly asset?: string;
  readonly amount?: string;
  readonly instrument_id?: string;
  readonly quantity?: string;
  readonly notional_usd?: string;
  readonly margin_ratio: string | null;
}

/** How many holdings and cures a screen shows. The JSON has all of them. */
const SHOWN = 12;

const stepNames: Record<NonNullable<Explained["change"]>["rows"][number]["step"], string> = {
  prices: "Prices",
  volatilities: "Volatilities",
  positions: "Positions traded",
  collateral: "Collateral moved",
  time: "Time passed",
  residual: "Rest of the market",
  parameters: "Parameters",
  method: "Method",
};

/**
 * Renders the explanation for a person: the severity and its reasons, what changed, and what would restore a better
 * one.
 */
export function explainText(report: Explained, paint: Paint): string {
  const gaps = incompleteLines(report.margin.incomplete, report.pool_currency, paint).join("\n");
  const notes = noteLines(report.method_id, report.margin.notes ?? [], paint).join("\n");
  const sections = [heading(report, paint), gaps, notes, levels(report, paint), drivers(report, paint)];
  sections.push(change(report, paint), curesTable(report, paint));
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function heading(report: Explained, paint: Paint): string {
  const { margin, pool_currency: currency, severity } = report;
  const time = timeWords(report.as_of);
  const observedAt = new Date(Date.parse(report.as_of) - report.price_age_ms).toISOString();
  const age = report.price_age_ms > 0 ? `, ${durationWords(report.price_age_ms)} old at the snapshot` : "";
  const worst = margin.units.flatMap(({ worst_scenario }) =>
    !worst_scenario ? [] : [`${worst_scenario.label}: a loss of ${money(worst_scenario.loss)} ${currency}`],
  );
  const account = accountWords(report.account_id, report.pool_id).replace("a", "A");
  const lines = [
    `  ${paint.bold(account)}  ${paintSeverity(severity, severityNames[severity], paint)}  ${time}`,
    `  ${paint.dim("Method")}     ${margin.method_version}, parameters ${margin.parameters_version}`,
    `  ${paint.dim("Snapshot")}   ${margin.snapshot_id}`,
    `  ${paint.dim("Prices")}     of ${timeWords(observedAt)}${age}`,
    `  ${paint.dim("Worst case")} ${worst.length === 0 ? "the method names none" : worst.join("; ")}`,
  ];
  return lines.join("\n");
}

function levels({ levels: rows, severity, pool_currency: currency }: Explained, paint: Paint): string {
  const isCalled = severity !== "NORMAL";
  const title = isCalled ? "Why it is called" : "Why it is not called";
  return table(
    [
      { head: title },
      { head: "required", align: "right" },
      { head: "held against it", align: "right" },
      { head: "ratio", align: "right" },
      { head: "starts at", align: "right" },
      { head: "ends below", align: "right" },
      { head: `distance, ${currency}`, align: "right" },
    ],
    rows.map((row) => [
      row.is_reached
        ? paintSeverity(row.severity, `${severityNames[row.severity]} ◀`, paint)
        : severityNames[row.severity],
      `${money(row.required)} ${row.requirement}`,
      money(row.balance),
      row.ratio ?? "none",
      row.enter_ratio,
      row.leave_ratio,
      row.is_reached ? paint.red(money(row.distance)) : money(row.distance),
    ]),
    paint,
  );
}

function drivers(report: Explained, paint: Paint): string {
  const shown = report.holdings.slice(0, SHOWN);
  if (shown.length === 0) return "";
  const printed = table(
    [
      { head: "What drives it" },
      { head: "held", align: "right" },
      { head: "loss in the worst case", align: "right" },
      { head: "initial margin without it", align: "right" },
      { head: "maintenance", align: "right" },
    ],
    shown.map(({ id, quantity, scenario_loss, initial_margin, maintenance_margin }) => [
      id,
      money(quantity),
      scenario_loss === null ? "–" : money(scenario_loss),
      effect(initial_margin),
      effect(maintenance_margin),
    ]),
    paint,
  );
  const more = report.holdings.length - shown.length;
  const notes = [
    ...(more > 0 ? [`${more} more in --json`] : []),
    ...(report.unexplained_loss === null || Number(report.unexplained_loss) === 0
      ? []
      : [`${money(report.unexplained_loss)} of the loss belongs to no single holding (extended losses are dampened)`]),
  ];
  return [printed, ...notes.map((note) => paint.dim(`  ${note}`))].join("\n");
}

/** Writes a contribution of a holding as the change of the margin when the holding goes. */
function effect(contribution: string): string {
  if (Number(contribution) === 0) return "unchanged";
  return contribution.startsWith("-") ? `+${money(contribution.slice(1))}` : `−${money(contribution)}`;
}

function change({ change: changed, pool_currency: currency }: Explained, paint: Paint): string {
  if (changed === null) return "";
  const { since, rows, total } = changed;
  const time = `${timeWords(since.as_of)}, then ${severityNames[since.severity]}`;
  const cells = (row: typeof total) =>
    [row.equity, row.margin_balance, row.initial_margin, row.maintenance_margin].map(signed);
  const printed = table(
    [
      { head: `Since ${time}` },
      { head: "equity", align: "right" },
      { head: "margin balance", align: "right" },
      { head: "initial margin", align: "right" },
      { head: "maintenance margin", align: "right" },
    ],
    [
      ...rows
        .filter(isMoved)
        .map((row) => [
          stepNames[row.step],
          ...(row.folded_because === null ? cells(row) : ["in the next", "", "", ""]),
        ]),
      [paint.bold(`All, ${currency}`), ...cells(total).map((cell) => paint.bold(cell))],
    ],
    paint,
  );
  const folded = rows.flatMap(({ step, folded_because }) =>
    folded_because === null ? [] : [paint.dim(`  ${stepNames[step]}: not by itself, as ${folded_because}`)],
  );
  return [printed, ...folded].join("\n");
}

/** Returns whether a row has a figure, or says why it has none. Other rows are not shown. */
function isMoved(row: NonNullable<Explained["change"]>["rows"][number]): boolean {
  const { equity, margin_balance, initial_margin, maintenance_margin, folded_because } = row;
  return (
    folded_because !== null ||
    [equity, margin_balance, initial_margin, maintenance_margin].some((amount) => Number(amount) !== 0)
  );
}

/** Renders the ways to restore a severity, or says that none was found. It is empty where nothing is to be restored. */
export function curesTable(
  {
    cures: { restores, list },
    severity,
    pool_currency: currency,
  }: Pick<Explained, "cures" | "severity" | "pool_currency">,
  paint: Paint,
): string {
  const level = severityNames[restores];
  if (list.length === 0) {
    const isThere = severity === restores || severity === "NORMAL";
    return isThere ? "" : `  ${paint.dim(`No deposit or single reduction was found that restores ${level}.`)}`;
  }
  const printed = table(
    [
      { head: `Each of these restores ${level}` },
      { head: "amount", align: "right" },
      { head: "size, USD", align: "right" },
      { head: "margin ratio then", align: "right" },
    ],
    list.slice(0, SHOWN).map(cureRow),
    paint,
  );
  const more = list.length > SHOWN ? `; ${list.length - SHOWN} more in --json` : "";
  return `${printed}\n${paint.dim(
    `  Computed at the marks of this snapshot, without fees, in ${currency}; figures, not advice${more}.`,
  )}`;
}

function cureRow({ kind, asset, amount, instrument_id, quantity, notional_usd, margin_ratio }: Cure): string[] {
  const ratio = margin_ratio ?? "none";
  if (kind === "deposit") return ["a deposit", `${money(amount ?? "")} ${asset}`, "", ratio];
  const verb = quantity?.startsWith("-") ? "selling" : "buying back";
  return [`${verb} ${instrument_id}`, money(quantity?.replace("-", "") ?? ""), money(notional_usd ?? ""), ratio];
}

function money(amount: string): string {
  return groupDigits(amount);
}

function signed(amount: string): string {
  if (Number(amount) === 0) return "0";
  return amount.startsWith("-") ? money(amount) : `+${money(amount)}`;
}
