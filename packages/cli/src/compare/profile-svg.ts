import { groupDigits } from "@plimsoll/calls";
import { digitsText } from "@plimsoll/schema";
import { type Markup, markup } from "../output/markup.ts";
import { niceTicks } from "../output/ticks.ts";
import type { CompareReport } from "./compare-report.ts";

type Profile = CompareReport["profiles"][number];

const width = 760;
const height = 340;
const plot = { left: 96, right: width - 24, top: 30, bottom: height - 44 };
const colours = { up: "var(--up)", unmoved: "var(--unmoved)", down: "var(--down)" } as const;

const dashed = markup` stroke-dasharray="5 4"`;

/** One underlying's profit over its price, a line for each volatility state, as inline SVG. */
export function profileSvg({ underlying, index_price: indexPrice, curves }: Profile, currency: string): Markup {
  const points = curves.flatMap((curve) => curve.points);
  const prices = points.map(({ price }) => price);
  const gains = points.map(({ pnl }) => pnl);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const ticks = niceTicks(Math.min(0, ...gains), Math.max(0, ...gains), 6);
  const bottom = Math.min(ticks[0] ?? 0, ...gains);
  const top = Math.max(ticks[ticks.length - 1] ?? 0, ...gains);
  const x = (price: number) => rounded(plot.left + ((price - low) / (high - low)) * (plot.right - plot.left));
  const y = (gain: number) => rounded(plot.bottom - ((gain - bottom) / (top - bottom || 1)) * (plot.bottom - plot.top));
  const lines = [
    ...ticks.map(
      (tick) =>
        markup`<line class="${tick === 0 ? "zero" : "grid"}" x1="${plot.left}" x2="${plot.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${plot.left - 8}" y="${y(tick) + 4}" text-anchor="end">${numberText(tick)}</text>`,
    ),
    ...niceTicks(low, high, 7).map(
      (tick) =>
        markup`<text class="tick" x="${x(tick)}" y="${plot.bottom + 20}" text-anchor="middle">${numberText(tick)}</text>`,
    ),
    markup`<line class="index" x1="${x(indexPrice)}" x2="${x(indexPrice)}" y1="${plot.top}" y2="${plot.bottom}"/>`,
    markup`<text class="tick" x="${x(indexPrice)}" y="${plot.top - 10}" text-anchor="middle">index ${numberText(indexPrice)}</text>`,
    ...curves.map(
      (curve) =>
        markup`<polyline fill="none" stroke="${colours[curve.volatility]}" stroke-width="2"${curve.volatility === "unmoved" ? "" : dashed} points="${curve.points
          .map(({ price, pnl }) => `${x(price)},${y(pnl)}`)
          .join(" ")}"/>`,
    ),
    markup`<text class="tick" x="${(plot.left + plot.right) / 2}" y="${height - 6}" text-anchor="middle">${underlying} in US dollars</text>`,
  ];
  const label = `Profit in ${currency} over the price of ${underlying}`;
  return markup`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${lines}</svg>`;
}

function numberText(value: number): string {
  return groupDigits(digitsText(value, 6));
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
