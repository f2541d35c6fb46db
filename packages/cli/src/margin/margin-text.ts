import { groupDigits, priceWords, timeWords } from "@plimsoll/calls";
import { figureText } from "@plimsoll/schema";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import { collateralText } from "./collateral-text.ts";
import { callPricesTable, componentsTable, figuresTable, words } from "./figures-text.ts";
import { incompleteLines } from "./incomplete-text.ts";
import type { MarginedMethod, MarginReport, PoolReport } from "./margin-report.ts";
import { noteLines } from "./note-text.ts";

/** Renders the report for a person: the balances, the requirements with their components, and the call prices. */
export function marginText(report: MarginReport, paint: Paint): string {
  const pools = report.pools.flatMap((pool) => [
    `  ${paint.bold(`Pool ${pool.pool_id}`)}  ${pool.pool_kind}, ${holdingWords(pool)}`,
    ...poolSections(pool, paint),
  ]);
  const sections = [heading(report, paint), ...poolSections(report, paint), ...pools];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function poolSections(report: PoolReport, paint: Paint): string[] {
  const margined = report.methods.filter((method) => method.status === "margined");
  const refused = report.methods.filter((method) => method.status === "not_margined");
  const sections: string[] = [];
  for (const { method_id, field, value, code, remedy } of refused) {
    sections.push(
      `  ${paint.red(`Not margined by ${method_id}`)}: ${words(code)}: ${field} is ${value}. Remedy: ${remedy}.`,
    );
  }
  const gaps = margined.map(({ incomplete }) => incompleteLines(incomplete, report.pool_currency, paint).join("\n"));
  // Most gaps are the same under every method, so each is shown once.
  sections.push(...new Set(gaps));
  for (const { method_id, not_projected } of margined) {
    if (not_projected === null) continue;
    const { code, field, value, remedy } = not_projected;
    const what = paint.yellow(`Open orders not counted by ${method_id}`);
    sections.push(`  ${what}: ${words(code)}: ${field} is ${value}. Remedy: ${remedy}.`);
  }
  for (const { method_id, projected_by } of margined) {
    if (projected_by === undefined) continue;
    sections.push(`  ${paint.dim(`Open orders under ${method_id}`)}: ${projectionWords[projected_by]}.`);
  }
  const notes = margined.flatMap(({ method_id, notes: of = [] }) => noteLines(method_id, of, paint));
  if (notes.length > 0) sections.push(notes.join("\n"));
  const isNamed = margined.length > 1;
  const columns = margined.map((margin) => ({
    head: isNamed ? margin.method_id : "",
    severity: margin.severity,
    margin,
  }));
  if (margined.length > 0) {
    sections.push(
      figuresTable(columns, report.pool_currency, paint),
      collateralText(report, paint),
      componentsTable(columns, paint),
    );
  }
  const [first] = margined;
  if (first) sections.push(worstAndGreeks(first, report.pool_currency, paint));
  for (const { ladder, method_id } of margined) {
    sections.push(callPricesTable(`Call prices${isNamed ? ` by ${method_id}` : ""}`, ladder, paint));
  }
  return sections;
}

/** What each projection guarantees that does not try every subset of the open orders. */
const projectionWords: Readonly<Record<NonNullable<MarginedMethod["projected_by"]>, string>> = {
  by_side: "each side of an instrument counts in whole, which no subset exceeds where the requirement is convex",
  each_apart: "too many to try every subset: each instrument is counted by itself, which no subset exceeds",
  by_scenario:
    "too many to try every subset: no subset has a greater scan risk, the charges are those of the dearest found",
  search_stopped:
    "the search for the worst of them reached its limit: the figure is what the dearest subset found so far needs, and another " +
    "may need more",
};

function holdingWords({ positions, pool_currency }: PoolReport): string {
  return `${positions} ${positions === 1 ? "position" : "positions"} in a ${pool_currency} pool`;
}

function heading(report: MarginReport, paint: Paint): string {
  const { market } = report;
  const prices = market.underlyings.map(({ underlying, index_price, quality, quality_reason }) => {
    const doubt = quality === "good" ? paint.green(quality) : paint.yellow(`${quality}: ${quality_reason}`);
    return `${underlying} ${priceWords(index_price)} ${doubt}`;
  });
  const time = timeWords(market.as_of);
  return [
    `  ${paint.bold(`Account ${report.account_id}`)}  ${holdingWords(report)}`,
    `  ${paint.dim("Prices")}   ${prices.join(", ")}`,
    `  ${paint.dim("Source")}   ${market.source}, ${groupDigits(String(market.instruments))} instruments, ${time}`,
    `  ${paint.dim("Snapshot")} ${market.snapshot_id}, parameters ${report.parameters_version}`,
  ].join("\n");
}

function worstAndGreeks(method: MarginedMethod, currency: string, paint: Paint): string {
  const worst = method.units.flatMap(({ worst_scenario }) =>
    worst_scenario
      ? [`  Worst case: ${worst_scenario.label}, a loss of ${groupDigits(worst_scenario.loss)} ${currency}`]
      : [],
  );
  const greeks = table(
    [
      { head: "Greeks" },
      { head: "delta (coin)", align: "right" },
      { head: "gamma (coin/$)", align: "right" },
      { head: "vega ($/point)", align: "right" },
      { head: "theta ($/day)", align: "right" },
    ],
    method.units.map(({ underlying, greeks: { delta, gamma, vega, theta } }) => [
      underlying,
      figure(delta, 4),
      figure(gamma, 6),
      figure(vega, 2),
      figure(theta, 2),
    ]),
    paint,
  );
  return method.units.length === 0
    ? worst.join("\n")
    : [...worst, ...(worst.length > 0 ? [""] : []), greeks].join("\n");
}

function figure(value: number, decimals: number): string {
  return groupDigits(figureText(value, decimals));
}
