import { groupDigits } from "@plimsoll/calls";
import { digitsText } from "@plimsoll/schema";
import { type Markup, type MarkupValue, markup } from "./markup.ts";

/** One line of a chart. A null interrupts it. */
export interface PlotLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface Chart {
  readonly title: string;
  /** How values are written beside the axis. */
  readonly unit: "percent" | "dollars" | "count";
  readonly lines: readonly PlotLine[];
}

export interface TimeChart extends Chart {
  readonly logarithmic: boolean;
  /** The times of the values in Unix milliseconds, at even distances. */
  readonly timesMs: readonly number[];
}

export interface PriceChart extends Chart {
  /** The price of each value, in ascending order. */
  readonly prices: readonly number[];
  /** The present index price, which gets a line of its own. */
  readonly indexPrice: number;
}

/** A place on the horizontal axis, and the words below it. */
interface AxisMark {
  readonly at: number;
  readonly text: string;
}

const width = 760;
/** Colours of like tone that people who see no red or no green can tell apart (Okabe and Ito). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const ink = "var(--ink, #1b2733)";
const soft = "var(--soft, #5c6b7a)";
const grid = "var(--line, #dde3e9)";
const page = "var(--page, #fff)";

function colourOf(index: number): string {
  return colours[index % colours.length]!;
}

/** Draws lines over time as one SVG that needs nothing from outside. In a page, it takes the page's colours. */
export function timeChart({ logarithmic, timesMs, ...chart }: TimeChart): Markup {
  return lineChart(chart, timesMs, { logarithmic, marks: yearStarts(timesMs[0] ?? 0, timesMs.at(-1) ?? 1) });
}

/** Draws lines over the price of an underlying, with a vertical line at its present index price. */
export function priceChart({ prices, indexPrice, ...chart }: PriceChart): Markup {
  const marks = niceTicks(prices[0] ?? 0, prices.at(-1) ?? 1, 7).map((at) => ({ at, text: valueText(at, "dollars") }));
  const pointedOut = { at: indexPrice, text: `index ${valueText(indexPrice, "dollars")}` };
  return lineChart(chart, prices, { logarithmic: false, marks, pointedOut });
}

function lineChart(
  { title, unit, lines }: Chart,
  positions: readonly number[],
  { logarithmic, marks, pointedOut }: { logarithmic: boolean; marks: readonly AxisMark[]; pointedOut?: AxisMark },
): Markup {
  const height = 280;
  const plot = { left: 84, right: width - 16, top: 66, bottom: height - 28 };
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const scaled = (value: number) => (logarithmic ? Math.log10(value) : value);
  const [least, greatest] = logarithmic
    ? [Math.min(...known), Math.max(...known)]
    : [Math.min(0, ...known), Math.max(0, ...known)];
  const ticks = logarithmic ? decades(least, greatest) : niceTicks(least, greatest, 5);
  const bottom = scaled(Math.min(least, ticks[0] ?? least));
  const top = scaled(Math.max(greatest, ticks.at(-1) ?? greatest));
  const [start, end] = [positions[0] ?? 0, positions.at(-1) ?? 1];
  const x = (position: number) =>
    rounded(plot.left + ((position - start) / (end - start || 1)) * (plot.right - plot.left));
  const y = (value: number) =>
    rounded(plot.bottom - ((scaled(value) - bottom) / (top - bottom || 1)) * (plot.bottom - plot.top));
  const parts = [
    ...ticks.map(
      (tick) =>
        markup`<line x1="${plot.left}" x2="${plot.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${tick === 0 ? soft : grid}"/>${label(plot.left - 8, y(tick) + 4, valueText(tick, unit), "end")}`,
    ),
    ...marks.map(
      ({ at, text }) =>
        markup`<line x1="${x(at)}" x2="${x(at)}" y1="${plot.bottom}" y2="${plot.bottom + 4}" stroke="${soft}"/>${label(x(at), plot.bottom + 18, text, "middle")}`,
    ),
    pointedOut === undefined
      ? ""
      : markup`<line x1="${x(pointedOut.at)}" x2="${x(pointedOut.at)}" y1="${plot.top}" y2="${plot.bottom}" stroke="${soft}" stroke-dasharray="2 3"/>${label(x(pointedOut.at), plot.top - 8, pointedOut.text, "middle")}`,
    ...lines.map(({ values }, index) => {
      const path = pathOf(values, (value, at) => `${x(positions[at]!)} ${y(value)}`);
      return markup`<path fill="none" stroke="${colourOf(index)}" stroke-width="1.5" stroke-linejoin="round" d="${path}"/>`;
    }),
  ];
  return frame(
    title,
    height,
    lines.map(({ name }) => name),
    parts,
  );
}

/** One row of a dot chart, with a figure for each contender. A null is left out. */
export interface DotRow {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/**
 * Draws shares as dots in rows, with a line at the share that is asked for. The axis starts just below the least share.
 */
export function dotChart(title: string, names: readonly string[], rows: readonly DotRow[], asked: number): Markup {
  const rowHeight = 20;
  const plot = { left: 140, right: width - 24, top: 60 };
  const bottom = plot.top + rows.length * rowHeight;
  const values = rows.flatMap((row) => row.values.filter((value) => value !== null));
  const low = Math.min(asked, ...values);
  const ticks = niceTicks(low - (1 - low) * 0.05, 1, 6);
  const from = Math.min(low, ticks[0] ?? low);
  const x = (value: number) => rounded(plot.left + ((value - from) / (1 - from || 1)) * (plot.right - plot.left));
  const parts = [
    ...ticks.map(
      (tick) =>
        markup`<line x1="${x(tick)}" x2="${x(tick)}" y1="${plot.top - 6}" y2="${bottom}" stroke="${grid}"/>${label(x(tick), bottom + 16, valueText(tick, "percent"), "middle")}`,
    ),
    markup`<line x1="${x(asked)}" x2="${x(asked)}" y1="${plot.top - 6}" y2="${bottom}" stroke="${ink}" stroke-dasharray="3 3"/>`,
    ...rows.map((row, at) => {
      const middle = plot.top + at * rowHeight + rowHeight / 2;
      const dots = row.values.map((value, index) =>
        value === null
          ? ""
          : markup`<circle cx="${x(value)}" cy="${rounded(middle + (index - (row.values.length - 1) / 2) * 4)}" r="4" fill="${colourOf(index)}"/>`,
      );
      return markup`${label(plot.left - 10, middle + 4, row.name, "end")}${dots}`;
    }),
  ];
  return frame(title, bottom + 26, names, parts);
}

function frame(title: string, height: number, names: readonly string[], parts: MarkupValue): Markup {
  let at = 64;
  const keys = names.map((name, index) => {
    const key = markup`<rect x="${at}" y="30" width="14" height="3" fill="${colourOf(index)}"/><text x="${at + 20}" y="36" fill="${soft}">${name}</text>`;
    at += 44 + name.length * 7;
    return key;
  });
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="${page}"/><text x="8" y="18" font-size="14" font-weight="600" fill="${ink}">${title}</text>${keys}${parts}</svg>`;
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): Markup {
  return markup`<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${soft}">${text}</text>`;
}

function pathOf(values: readonly (number | null)[], point: (value: number, at: number) => string): string {
  let path = "";
  let isDown = false;
  for (const [at, value] of values.entries()) {
    if (value !== null) path += `${isDown ? "L" : "M"}${point(value, at)}`;
    isDown = value !== null;
  }
  return path;
}

/** Returns 1, 2 and 5 times every power of ten, from `low` to `high`. */
function decades(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of [1, 2, 5]) {
      const tick = factor * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

function yearStarts(startMs: number, endMs: number): AxisMark[] {
  const first = new Date(startMs).getUTCFullYear();
  const last = new Date(endMs).getUTCFullYear();
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    text: String(first + index),
    at: Date.UTC(first + index, 0, 1),
  })).filter(({ at }) => at >= startMs && at <= endMs);
}

/** Returns about `count` round numbers from `low` to `high`. */
function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let multiple = Math.ceil(low / step - 1e-9); multiple * step <= high + step * 1e-9; multiple += 1) {
    ticks.push(Number((multiple * step).toPrecision(12)));
  }
  return ticks;
}

function valueText(value: number, unit: Chart["unit"]): string {
  if (unit === "percent") return `${Number((value * 100).toPrecision(4))} %`;
  return groupDigits(digitsText(value, 6));
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
