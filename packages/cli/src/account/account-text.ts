import { durationWords, groupDigits, timeWords } from "@plimsoll/calls";
import type { Schemas } from "@plimsoll/client";
import { callPricesTable, componentsTable, figuresTable, severityText, words } from "../margin/figures-text.ts";
import { incompleteLines } from "../margin/incomplete-text.ts";
import { noteLines } from "../margin/note-text.ts";
import { paintSeverity } from "../output/severity-style.ts";
import type { Paint } from "../output/terminal.ts";

type PoolMargin = Schemas["PoolMargin"];

/** What every answer on margins says that it rests on. */
export interface Basis {
  readonly as_of: string;
  readonly result_age_ms: number;
  readonly snapshot_id: string;
  readonly parameters_version: string;
  readonly standing: "binding" | "informative";
}

/** Says what the figures of an answer rest on, in lines below the heading. */
export function basisLines(basis: Basis, paint: Paint): string[] {
  const { as_of, result_age_ms, snapshot_id, parameters_version, standing } = basis;
  const computed = standing === "informative" ? ", computed for this answer" : "";
  return [
    `  ${paint.dim("As of")}     ${timeWords(as_of)}, ${durationWords(result_age_ms)} old${computed}`,
    `  ${paint.dim("Snapshot")}  ${snapshot_id}, parameters ${parameters_version}`,
  ];
}

/** Renders the latest margin of an account, pool by pool. */
export function accountText(answer: Schemas["AccountMargin"], paint: Paint): string {
  const heading = [
    `  ${paint.bold(`Account ${answer.account_id}`)}  on ${answer.environment}`,
    ...basisLines(answer, paint),
  ];
  const sections = [heading.join("\n"), ...answer.pools.flatMap((pool) => poolSections(pool, paint))];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function poolSections(pool: PoolMargin, paint: Paint): string[] {
  const { margin, late_ladder: lateLadder = [] } = pool;
  const heading = poolHeading(pool, paint);
  if (margin === undefined) return [heading, refusalLine(pool, paint), ...lastGood(pool, paint)];
  return [
    heading,
    incompleteLines(margin.incomplete, margin.pool_currency, paint).join("\n"),
    noteLines(margin.method_id, margin.notes ?? [], paint).join("\n"),
    ...figuresOf(pool, margin, paint),
    callPricesTable("Call prices", lateLadder, paint),
  ];
}

function poolHeading(pool: PoolMargin, paint: Paint): string {
  const { pool_id, severity, margin, price_quality: quality, call_id, call_opened_at } = pool;
  const shown = margin ? severityText({ severity, margin }, paint) : paintSeverity(severity, severity, paint);
  const method = margin ? `  by ${margin.method_version}` : "";
  const lines = [`  ${paint.bold(`Pool ${pool_id}`)}  ${shown}${method}`];
  if (quality !== null) lines.push(`  ${paint.dim("Prices")}    ${qualityText(quality, paint)}`);
  if (call_id !== null) {
    const since = call_opened_at === null ? "" : `, open since ${timeWords(call_opened_at)}`;
    lines.push(`  ${paint.dim("Call")}      ${call_id}${since}: plimsoll calls show ${call_id}`);
  }
  return lines.join("\n");
}

export function qualityText(quality: NonNullable<PoolMargin["price_quality"]>, paint: Paint): string {
  return quality === "good" ? paint.green(quality) : paint.yellow(quality);
}

function figuresOf({ severity }: PoolMargin, margin: Schemas["Margin"], paint: Paint): string[] {
  const columns = [{ head: "", severity, margin }];
  const { not_projected: notProjected, pool_currency: currency } = margin;
  return [
    notProjected === undefined ? "" : `  ${paint.yellow("Open orders not counted")}: ${refusalWords(notProjected)}`,
    figuresTable(columns, currency, paint),
    componentsTable(columns, paint),
    worstLines(margin).join("\n"),
  ];
}

function worstLines({ units, pool_currency: currency }: Schemas["Margin"]): string[] {
  return units.flatMap(({ underlying, worst_scenario: worst }) =>
    worst ? [`  Worst case of ${underlying}: ${worst.label}, a loss of ${groupDigits(worst.loss)} ${currency}`] : [],
  );
}

function refusalLine({ refusal }: PoolMargin, paint: Paint): string {
  return refusal === undefined ? "" : `  ${paint.red("Not margined")}: ${refusalWords(refusal)}`;
}

/** Says why something has no figures, with the value at fault and the remedy. */
export function refusalWords({ code, field, value, remedy }: Schemas["Refusal"]): string {
  return `${words(code)}: ${field} is ${value}. Remedy: ${remedy}.`;
}

function lastGood(pool: PoolMargin, paint: Paint): string[] {
  const { last_good: margin } = pool;
  if (margin === undefined) return [];
  return [`  ${paint.dim(`The last good figures, on ${margin.snapshot_id}:`)}`, ...figuresOf(pool, margin, paint)];
}
