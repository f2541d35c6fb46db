import { SaxesParser } from "saxes";
import { SpanFileError } from "./span-file.ts";

/** An element while it is read: leaves become fields, repeated `a` leaves numbers, the rest children. */
export interface XmlElement {
  readonly name: string;
  readonly parent: XmlElement | null;
  readonly fields: Map<string, string>;
  /** Numbers of the leaves named `a`: the values of a risk array. */
  readonly values: number[];
  readonly children: XmlElement[];
}

/** What to do when an element with content closes; answering true keeps it among its parent's children. */
export type CloseHandler = (element: XmlElement) => boolean;

/**
 * Reads XML piece by piece and hands each element that has content to `onClose` when it closes, so that only what is kept
 * stays in memory. Attributes and comments are passed over. Text that is not well-formed is a SpanFileError.
 */
export async function readXmlElements(chunks: AsyncIterable<string>, onClose: CloseHandler): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let current: XmlElement | null = null;
  let text = "";
  parser.on("opentag", ({ name }) => {
    current = { name, parent: current, fields: new Map(), values: [], children: [] };
    text = "";
  });
  parser.on("text", (piece) => {
    text += piece;
  });
  parser.on("closetag", () => {
    const closed = current!;
    current = closed.parent;
    const isLeaf = closed.fields.size === 0 && closed.children.length === 0 && closed.values.length === 0;
    if (!isLeaf) {
      if (onClose(closed)) closed.parent?.children.push(closed);
    } else if (closed.name === "a") {
      closed.parent?.values.push(readNumber(text, "a"));
    } else {
      closed.parent?.fields.set(closed.name, text.trim());
    }
    text = "";
  });
  parser.on("error", (cause) => {
    throw new SpanFileError(`The file is not well-formed XML: ${cause.message}`, { cause });
  });
  for await (const chunk of chunks) parser.write(chunk);
  parser.close();
}

/** The number in a field; a SpanFileError when it is absent or none. */
export function numberField(element: XmlElement, field: string, fallback?: number): number {
  const text = element.fields.get(field);
  if (text === undefined || text === "") {
    if (fallback !== undefined) return fallback;
    throw new SpanFileError(`<${element.name}> has no <${field}>`);
  }
  return readNumber(text, field);
}

export function textField(element: XmlElement, field: string, fallback?: string): string {
  const text = element.fields.get(field) ?? fallback;
  if (text === undefined) throw new SpanFileError(`<${element.name}> has no <${field}>`);
  return text;
}

/** Children of that name. */
export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

function readNumber(text: string, field: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new SpanFileError(`<${field}> is "${text}"; give a number`);
  return value;
}
