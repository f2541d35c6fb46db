import { groupDigits } from "@plimsoll/calls";
import { toNumber } from "@plimsoll/schema";
import { inLines, type Markup, markup } from "../output/markup.ts";
import { priceChart } from "../output/plots.ts";
import type { ComparedMethod, CompareReport } from "./compare-report.ts";
import { componentWords, efficiencyText, refusalWords } from "./compare-text.ts";

const style = markup`
:root { color-scheme: light dark; --ink: #1b2733; --soft: #5c6b7a; --line: #dde3e9; --page: #fff; --bar: #c9dcef; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9fb0c0; --line: #33414e; --page: #141b22; --bar: #27496b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { color: var(--soft); } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; white-space: nowrap; }
.bar { background: var(--bar); height: .35rem; border-radius: 2px; margin-top: .25rem; }
details summary { cursor: pointer; } details table { width: auto; margin: .3rem 0; } details td { border: 0; padding: .05rem .6rem .05rem 0; }
svg { width: 100%; max-width: 760px; height: auto; display: block; margin: 1rem 0; }`;

/**
 * Renders the comparison as one page that needs no network: the table of requirements, and the profit over each price.
 */
export function compareHtml(report: CompareReport): string {
  const { market, pool_currency: currency } = report;
  const title = `Methods side by side: ${report.account_id}`;
  const greatest = Math.max(
    ...report.methods.map((method) => (method.status === "margined" ? toNumber(method.initial_margin) : 0)),
  );
  const prices = market.underlyings.map(({ underlying, index_price }) => `${underlying} ${groupDigits(index_price)}`);
  const rows = report.methods.map((method) =>
    method.status === "margined"
      ? marginedRow(method, greatest)
      : markup`<tr><td>${method.method_id}</td><td colspan="6">not margined: ${refusalWords(method)}</td></tr>`,
  );
  const heads = ["Method", "Initial", "Maintenance", "Against static", "Worst scenario", "Loss", "Components"];
  const numbers = new Set(["Initial", "Maintenance", "Against static", "Loss"]);
  return String(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}
</style>
</head>
<body>
<h1>${title}</h1>
<p>${report.positions} positions in a ${currency} pool. ${prices.join(", ")}. ${market.source}, ${market.as_of}. Snapshot ${market.snapshot_id}, parameters ${report.parameters_version}.</p>
<div class="wide"><table>
<thead><tr>${heads.map((head) => (numbers.has(head) ? markup`<th class="number">${head}</th>` : markup`<th>${head}</th>`))}</tr></thead>
<tbody>
${inLines(rows)}
</tbody>
</table></div>
<p>Amounts in ${currency}. Against static: how many times less initial margin than a fixed share of notional. Methods named after a venue follow its published rules; none is the venue's own number.</p>
${inLines(report.profiles.map((profile) => profileChart(profile, currency)))}
<p>Everything on the underlying moves with its price at once, other prices stand still; volatilities move as in the scan, shorter expiries further.</p>
</body>
</html>
`);
}

/** Draws the profit over the price of one underlying, with a line for each state of volatility. */
export function profileChart(
  { underlying, index_price, curves }: CompareReport["profiles"][number],
  currency: string,
): Markup {
  return priceChart({
    title: `Profit in ${currency} over the price of ${underlying} in US dollars`,
    unit: "dollars",
    prices: curves[0]?.points.map(({ price }) => price) ?? [],
    indexPrice: index_price,
    lines: curves.map(({ volatility, points }) => ({
      name: `volatility ${volatility}`,
      values: points.map(({ pnl }) => pnl),
    })),
  });
}

function marginedRow(method: ComparedMethod, greatest: number): Markup {
  const { worst_scenario: worst, components } = method;
  const share = greatest > 0 ? (toNumber(method.initial_margin) / greatest) * 100 : 0;
  const parts = components.map(
    ({ name, underlying, amount }) =>
      markup`<tr><td>${componentWords(name)}</td><td>${underlying}</td><td class="number">${groupDigits(amount)}</td></tr>`,
  );
  const cells = [
    markup`<td>${method.method_id}<div class="bar" style="width:${share.toFixed(1)}%"></div></td>`,
    number(groupDigits(method.initial_margin)),
    number(groupDigits(method.maintenance_margin)),
    number(efficiencyText(method.capital_efficiency)),
    markup`<td>${worst?.label ?? ""}</td>`,
    number(worst === null ? "" : groupDigits(worst.loss)),
    markup`<td>${parts.length === 0 ? "" : markup`<details><summary>${parts.length}</summary><table>${parts}</table></details>`}</td>`,
  ];
  return markup`<tr>${cells}</tr>`;
}

function number(text: string): Markup {
  return markup`<td class="number">${text}</td>`;
}
