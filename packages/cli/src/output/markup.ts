import { escaped } from "@plimsoll/files";
import { visible } from "./shown.ts";

/** A piece of HTML or SVG that may stand in a page as it is. The function `markup` makes one. */
export class Markup {
  readonly #text: string;

  constructor(pieces: readonly string[], values: readonly MarkupValue[]) {
    this.#text = String.raw({ raw: pieces }, ...values.map(textOf));
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * What may be put into markup. A text or a number is escaped, markup stays as it is, and the items of a list follow
 * each other.
 */
export type MarkupValue = string | number | Markup | readonly MarkupValue[];

function textOf(value: MarkupValue): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(textOf).join("");
  return escaped(visible(String(value)));
}

/**
 * Makes HTML or SVG from a template, such as markup`<text x="${x}">${name}</text>`. The values are escaped, for text
 * and for attributes in double quotes alike. Their control characters, which XML does not allow, are shown as escapes.
 */
export function markup(pieces: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(pieces, values);
}

/** Joins the pieces of a list, with one piece on each line. */
export function inLines(pieces: readonly Markup[]): Markup {
  return new Markup([pieces.join("\n")], []);
}
