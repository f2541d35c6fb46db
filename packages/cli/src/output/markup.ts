import { escaped } from "@plimsoll/files";
import { visible } from "./shown.ts";

/** A piece of HTML or SVG that may stand in a page as it is. `markup` makes one. */
export class Markup {
  readonly #text: string;

  constructor(pieces: readonly string[], values: readonly MarkupValue[]) {
    this.#text = String.raw({ raw: pieces }, ...values.map(textOf));
  }

  toString(): string {
    return this.#text;
  }
}

/** What may be put into markup: a text or a number is escaped, markup stands as it is, a list is one after the other. */
export type MarkupValue = string | number | Markup | readonly MarkupValue[];

function textOf(value: MarkupValue): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(textOf).join("");
  return escaped(visible(String(value)));
}

/**
 * A template of HTML or SVG, such as markup`<text x="${x}">${name}</text>`. What is put in is escaped, for text and for attributes in
 * double quotes alike, and its control characters, which XML does not allow, are shown as their escapes.
 */
export function markup(pieces: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(pieces, values);
}

/** Markup in a list, one piece a line. */
export function inLines(pieces: readonly Markup[]): Markup {
  return new Markup([pieces.join("\n")], []);
}
