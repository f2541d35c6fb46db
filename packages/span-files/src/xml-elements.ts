import { SaxesParser } from "saxes";
import { SpanFileError } from "./span-file.ts";

/** Elements within elements: the schema nests nine deep. Without a limit, a file of opening tags alone fills the memory. */
export const nestingLimit = 64;

/** Characters without a tag: a name, a comment or a text of that length is no parameter and would be held whole. */
export const textLimit = 16 * 1024 * 1024;

/** Fields, or numbers of an array, of one element: a risk array has one number per scenario, 16 as a rule. */
export const partsLimit = 10_000;

/** Elements kept of one element: a combined commodity has hundreds of tiers and spreads, a clearing house thousands of both. */
export const childrenLimit = 100_000;

/** Bytes that all elements which are kept may take, by `elementBytes` and `textBytes`. */
export const keptBytesLimit = 256 * 1024 * 1024;

/** What an element takes without its texts, and what a text takes besides its characters, measured in Node and rounded up. */
const elementBytes = 400;
const textBytes = (text: string) => 64 + 2 * text.length;

/** Greatest size of a number: products with the largest positions stay far below what a double can hold. */
export const numberLimit = 1e15;

/** An element while it is read: leaves become fields, repeated `a` leaves values, the rest children. */
export interface XmlElement {
  readonly name: string;
  readonly parent: XmlElement | null;
  /** Line of the file in which it opens, from 1. */
  readonly line: number;
  readonly fields: Map<string, string>;
  /** Texts of the leaves named `a`: the values of a risk array. */
  readonly values: string[];
  readonly children: XmlElement[];
  /** About how much memory it takes, with its children. */
  bytes: number;
}

/**
 * What to do when an element with content closes. Answering true keeps it among its parent's children; an element that the
 * handler itself holds on to has to be kept, and so have those it is in, because what is not kept no longer counts as memory.
 */
export type CloseHandler = (element: XmlElement) => boolean;

/**
 * Reads XML piece by piece and hands each element that has content to `onClose` when it closes, so that only what is kept
 * stays in memory. Attributes and comments are passed over. Text that is not well-formed, or beyond a limit, is a
 * SpanFileError that names the line.
 */
export async function readXmlElements(chunks: AsyncIterable<string>, onClose: CloseHandler): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const refuse = (message: string, cause?: unknown): never => {
    throw new SpanFileError(`line ${parser.line}: ${message}`, { cause });
  };
  let current: XmlElement | null = null;
  // The innermost open tag: an element only once something opens within it, for most are leaves.
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

/** Fields that tell elements of one name apart; the first that an element has stands in its place. */
const namingFields = ["cc", "exch", "pfCode", "pe", "k", "spread", "point", "tn", "ec", "date", "r"];

/** Where an element stands, as error messages say it: line 16: spanFile/…/ccDef[cc=NIFTY]/dSpread[spread=1]. */
export function placeOf(element: XmlElement): string {
  const steps: string[] = [];
  for (let at: XmlElement | null = element; at !== null; at = at.parent) {
    const { name, fields } = at;
    const naming = namingFields.find((field) => fields.has(field));
    steps.unshift(naming === undefined ? name : `${name}[${naming}=${fields.get(naming)}]`);
  }
  return `line ${element.line}: ${steps.join("/")}`;
}

/** A SpanFileError that begins with the place of an element. */
export function faultIn(element: XmlElement, message: string, cause?: unknown): SpanFileError {
  return new SpanFileError(`${placeOf(element)}: ${message}`, { cause });
}

/** The number in a field; a SpanFileError when it is none, or absent without a `fallback`. */
export function numberField(element: XmlElement, field: string, fallback?: number): number {
  const text = element.fields.get(field);
  if (text === undefined || text === "") {
    if (fallback !== undefined) return fallback;
    throw faultIn(element, `<${element.name}> has no <${field}>`);
  }
  return readNumber(element, text, field);
}

/** The numbers of the leaves named `a`. */
export function numbersOf(element: XmlElement): number[] {
  return element.values.map((text) => readNumber(element, text, "a"));
}

/** The text of a field; a SpanFileError when it is absent without a `fallback`. */
export function textField(element: XmlElement, field: string, fallback?: string): string {
  const text = element.fields.get(field) ?? fallback;
  if (text === undefined) throw faultIn(element, `<${element.name}> has no <${field}>`);
  return text;
}

/** The word in a field, or `fallback` when it is absent; a SpanFileError when it is none of `known`. */
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

/** Whether a field of the type xs:boolean is true: `true`, `1`, `false` or `0`. A SpanFileError as for `wordField`. */
export function booleanField(element: XmlElement, field: string, fallback?: boolean): boolean {
  const word = wordField(
    element,
    field,
    ["true", "1", "false", "0"],
    fallback === undefined ? undefined : `${fallback}`,
  );
  return word === "true" || word === "1";
}

/** Children of that name. */
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
