import { SaxesParser } from "saxes";
import { SpanFileError } from "./span-file.ts";

/**
 * The most elements within elements; the schema nests nine deep. Without a limit, a file of opening tags alone would
 * fill the memory.
 */
export const nestingLimit = 64;

/**
 * The most characters without a tag. A longer name, comment or text is no parameter and would be held whole in memory.
 */
export const textLimit = 16 * 1024 * 1024;

/** The most fields, or numbers of an array, of one element. A risk array has one number per scenario, usually 16. */
export const partsLimit = 10_000;

/**
 * The most children that are kept of one element. A combined commodity has hundreds of tiers and spreads, a clearing
 * house thousands.
 */
export const childrenLimit = 100_000;

/** The most bytes that all kept elements may take, as `elementBytes` and `textBytes` count them. */
export const keptBytesLimit = 256 * 1024 * 1024;

/**
 * The bytes that an element takes without its texts, and that a text takes besides its characters. Measured in Node and
 * rounded up.
 */
const elementBytes = 400;
const textBytes = (text: string) => 64 + 2 * text.length;

/**
 * The greatest size of a number. With it, products with the largest positions stay far below what a double can hold.
 */
export const numberLimit = 1e15;

/**
 * An element while it is read. Leaves named `a` become `values`, other leaves become `fields`, and the rest become
 * `children`.
 */
export interface XmlElement {
  readonly name: string;
  readonly parent: XmlElement | null;
  /** The line of the file on which the element opens, counted from 1. */
  readonly line: number;
  readonly fields: Map<string, string>;
  /** The texts of the leaves named `a`, which are the values of a risk array. */
  readonly values: string[];
  readonly children: XmlElement[];
  /** About how many bytes of memory the element takes with its children. */
  bytes: number;
}

/**
 * Called when an element with content closes. Returning true keeps the element among its parent's children. A handler
 * that holds on to an element must keep it and all elements around it, because an element that is not kept no longer
 * counts as memory.
 */
export type CloseHandler = (element: XmlElement) => boolean;

/**
 * Reads XML piece by piece and hands each element that has content to `onClose` when it closes. Only what the handler
 * keeps stays in memory. Attributes and comments are skipped. Throws a SpanFileError that names the line if the text is
 * not well-formed or exceeds a limit.
 */
export async function readXmlElements(chunks: AsyncIterable<string>, onClose: CloseHandler): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const refuse = (message: string, cause?: unknown): never => {
    throw new SpanFileError(`line ${parser.line}: ${message}`, { cause });
  };
  let current: XmlElement | null = null;
  // The innermost open tag. It becomes an element only when something opens within it, since most tags are leaves.
  let open: string | null = null;
  let openLine = 1;
  let depth = 0;
  let text = "";
  let sinceTag = 0;
  let keptBytes = 0;
  const hold = (element: XmlElement, bytes: number) => {
    element.bytes += bytes;
    keptBytes += bytes;
    if (keptBytes > keptBytesLimit)
      refuse(`what is needed of the file takes more than ${keptBytesLimit} bytes of memory`);
  };
  const append = (piece: string) => {
    text += piece;
  };
  parser.on("opentag", ({ name }) => {
    if (depth >= nestingLimit) refuse(`elements are nested more than ${nestingLimit} deep`);
    if (open !== null) {
      current = { name: open, parent: current, line: openLine, fields: new Map(), values: [], children: [], bytes: 0 };
      hold(current, elementBytes);
    }
    depth += 1;
    open = name;
    openLine = parser.line;
    text = "";
    sinceTag = 0;
  });
  parser.on("text", append);
  parser.on("cdata", append);
  parser.on("closetag", () => {
    depth -= 1;
    sinceTag = 0;
    if (open === null) {
      const closed = current!;
      current = closed.parent;
      if (onClose(closed) && current !== null) {
        current.bytes += closed.bytes;
        current.children.push(closed);
        if (current.children.length > childrenLimit) {
          refuse(`<${current.name}> has more than ${childrenLimit} elements that are kept`);
        }
      } else keptBytes -= closed.bytes;
    } else if (current !== null) {
      if (open === "a") {
        hold(current, textBytes(text));
        current.values.push(text);
      } else {
        const before = current.fields.get(open);
        const field = text.trim();
        hold(current, textBytes(field) - (before === undefined ? 0 : textBytes(before)));
        current.fields.set(open, field);
      }
      if (current.values.length > partsLimit || current.fields.size > partsLimit) {
        refuse(`<${current.name}> has more than ${partsLimit} numbers or fields`);
      }
    }
    open = null;
    text = "";
  });
  parser.on("error", (cause) => refuse(`the file is not well-formed XML: ${cause.message}`, cause));
  for await (const chunk of chunks) {
    sinceTag += chunk.length;
    parser.write(chunk);
    if (sinceTag > textLimit) refuse(`more than ${textLimit} characters without a tag`);
  }
  parser.close();
}

/** The fields that distinguish elements of one name. The first of them that an element has is shown in its place. */
const namingFields = ["cc", "exch", "pfCode", "pe", "k", "spread", "point", "tn", "ec", "date", "r"];

/** Returns where an element stands, for error messages: line 16: spanFile/…/ccDef[cc=NIFTY]/dSpread[spread=1]. */
export function placeOf(element: XmlElement): string {
  const steps: string[] = [];
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    const { name, fields } = at;
    const naming = namingFields.find((field) => fields.has(field));
    steps.unshift(naming === undefined ? name : `${name}[${naming}=${fields.get(naming)}]`);
  }
  return `line ${element.line}: ${steps.join("/")}`;
}

/** Returns a SpanFileError that begins with the place of an element. */
export function faultIn(element: XmlElement, message: string, cause?: unknown): SpanFileError {
  return new SpanFileError(`${placeOf(element)}: ${message}`, { cause });
}

/**
 * Returns the number in a field. Throws a SpanFileError if the field is no number, or is absent and there is no
 * `fallback`.
 */
export function numberField(element: XmlElement, field: string, fallback?: number): number {
  const text = element.fields.get(field);
  if (text === undefined || text === "") {
    if (fallback !== undefined) return fallback;
    throw faultIn(element, `<${element.name}> has no <${field}>`);
  }
  return readNumber(element, text, field);
}

/** Returns the numbers of the leaves named `a`. */
export function numbersOf(element: XmlElement): number[] {
  return element.values.map((text) => readNumber(element, text, "a"));
}

/** Returns the text of a field. Throws a SpanFileError if the field is absent and there is no `fallback`. */
export function textField(element: XmlElement, field: string, fallback?: string): string {
  const text = element.fields.get(field) ?? fallback;
  if (text === undefined) throw faultIn(element, `<${element.name}> has no <${field}>`);
  return text;
}

/**
 * Returns the word in a field, or `fallback` if the field is absent. Throws a SpanFileError if the word is none of
 * `known`.
 */
export function wordField<Word extends string>(
  element: XmlElement,
  field: string,
  known: readonly Word[],
  fallback?: Word,
): Word {
  const text = textField(element, field, fallback);
  const word = known.find((entry) => entry === text);
  if (word === undefined) throw faultIn(element, `<${field}> is ${text}; known are ${known.join(", ")}`);
  return word;
}

/**
 * Returns whether a field of the type xs:boolean (`true`, `1`, `false` or `0`) is true. Throws a SpanFileError as
 * `wordField` does.
 */
export function booleanField(element: XmlElement, field: string, fallback?: boolean): boolean {
  const word = wordField(
    element,
    field,
    ["true", "1", "false", "0"],
    fallback === undefined ? undefined : `${fallback}`,
  );
  return word === "true" || word === "1";
}

/** Returns the children with that name. */
export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

function readNumber(element: XmlElement, text: string, field: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(Math.abs(value) <= numberLimit)) {
    throw faultIn(element, `<${field}> is "${text}"; give a number of at most ${numberLimit}`);
  }
  return value;
}
