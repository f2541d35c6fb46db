import Table from "cli-table3";
import type { Paint } from "./terminal.ts";

/** A column's heading and the side its cells lean to; numbers lean right. */
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

/** Rows in aligned columns without lines, indented by two; columns without any heading get no heading row. */
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
