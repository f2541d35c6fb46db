import Table from "cli-table3";
import type { Paint } from "./terminal.ts";

/** The heading of a column, and the side to which its cells are aligned. Numbers are aligned right. */
export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
}

const noLines = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/**
 * Renders rows in aligned columns without ruled lines, indented by two. Without any heading there is no heading row.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string {
  const heads = columns.some((column) => column.head !== "") ? columns.map((column) => paint.dim(column.head)) : [];
  const printed = new Table({
    head: heads,
    chars: noLines,
    colAligns: columns.map((column) => column.align ?? "left"),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  printed.push(...rows.map((row) => [...row]));
  return printed
    .toString()
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}
