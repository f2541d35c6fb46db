import { groupDigits, timeWords } from "@plimsoll/calls";
import { incompleteLines } from "../margin/incomplete-text.ts";
import { noteLines } from "../margin/note-text.ts";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import type { ComparedMethod, CompareReport, NotMarginedMethod } from "./compare-report.ts";

/** Renders the comparison for a person: what each method requires, and its components. */
export function compareText(report: CompareReport, paint: Paint): string {
  const margined = report.methods.filter((method) => method.status === "margined");
  const refused = report.methods.filter((method) => method.status === "not_margined");
  const { market } = report;
  const positions = `${report.positions} ${report.positions === 1 ? "position" : "positions"}`;
  const sections = [
    [
      `  ${paint.bold(`Account ${report.account_id}`)}  ${positions} in a ${report.pool_currency} pool`,
      `  ${paint.dim("Source")}   ${market.source}, ${timeWords(market.as_of)}`,
      `  ${paint.dim("Snapshot")} ${market.snapshot_id}, parameters ${report.parameters_version}`,
    ].join("\n"),
  ];
  if (margined.length > 0) sections.push(requirements(margined, report.pool_currency, paint), parts(margined, paint));
  for (const { method_id, incomplete } of margined) {
    const lines = incompleteLines(incomplete, report.pool_currency, paint);
    if (lines.length > 0) sections.push([`  ${paint.yellow(`In part by ${method_id}`)}`, ...lines].join("\n"));
  }
  const notes = margined.flatMap(({ method_id, notes: of = [] }) => noteLines(method_id, of, paint));
  if (notes.length > 0) sections.push(notes.join("\n"));
  if (refused.length > 0) {
    sections.push(
      refused
        .map((method) => `  ${paint.yellow(`Not margined by ${method.method_id}`)}: ${refusalWords(method)}`)
        .join("\n"),
    );
  }
  return `${sections.join("\n\n")}\n`;
}

function requirements(methods: readonly ComparedMethod[], currency: string, paint: Paint): string {
  return table(
    [
      { head: `Method (${currency})` },
      { head: "initial", align: "right" },
      { head: "maintenance", align: "right" },
      { head: "against static", align: "right" },
      { head: "worst scenario" },
      { head: "loss", align: "right" },
    ],
    methods.map(({ method_id, initial_margin, maintenance_margin, capital_efficiency, worst_scenario }) => [
      method_id,
      groupDigits(initial_margin),
      groupDigits(maintenance_margin),
      efficiencyText(capital_efficiency),
      worst_scenario?.label ?? "",
      worst_scenario === null ? "" : groupDigits(worst_scenario.loss),
    ]),
    paint,
  );
}

function parts(methods: readonly ComparedMethod[], paint: Paint): string {
  return table(
    [{ head: "Component" }, { head: "" }, { head: "on" }, { head: "amount", align: "right" }],
    methods.flatMap(({ method_id, components }) =>
      components.map(({ name, underlying, amount }, index) => [
        index === 0 ? method_id : "",
        componentWords(name),
        underlying,
        groupDigits(amount),
      ]),
    ),
    paint,
  );
}

/**
 * Says why a method does not margin. For an instrument that is not there, the remedy says when it expired, or what is
 * near.
 */
export function refusalWords({ code, value, remedy }: Pick<NotMarginedMethod, "code" | "value" | "remedy">): string {
  return code === "instrument_expired" || code === "instrument_not_in_snapshot" ? `${value}: ${remedy}` : value;
}

/** Writes how many times less initial margin a method requires than `static`, such as `4.2 ×`. */
export function efficiencyText(efficiency: number | null): string {
  if (efficiency === null) return "";
  return `${efficiency >= 1000 ? "over 1,000" : efficiency.toPrecision(efficiency >= 100 ? 3 : 2)} ×`;
}

export function componentWords(name: string): string {
  return name.replaceAll("_", " ");
}
