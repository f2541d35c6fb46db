declare const brand: unique symbol;

/**
 * Text that may go to a terminal. Whatever came from a file, the network or a file name shows its control characters
 * instead of acting by them. Only the functions of this file make such text, so that the compiler refuses a command
 * that forgets to.
 */
export type ShownText = string & { readonly [brand]: true };

/**
 * Matches unseen characters: control characters of C0 and C1, DEL, line and paragraph separators, and format
 * characters. Format characters take no room or turn the direction of writing: bidirectional marks, embeddings and
 * isolates, zero-width characters, soft hyphens and tags.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const shortForms: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Returns the escape of a character in JSON: a short form such as `\n`, or a backslash, `u` and four hexadecimal digits
 * for each UTF-16 unit.
 */
function escapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return shortForms[character] ?? units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/**
 * Returns a text from outside as a terminal may show it, in one line. Each unseen character is written as its escape in
 * JSON.
 */
export function visible(text: string): string {
  return text.replace(unseen, escapeOf);
}

/**
 * Returns the same value with every string in it made visible. It covers arrays, plain objects, maps and sets, names
 * included.
 */
export function visibleIn<Value>(value: Value): Value {
  return visibleOf(value) as Value;
}

function visibleOf(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(visibleOf);
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [visibleOf(key), visibleOf(inner)]));
  if (value instanceof Set) return new Set([...value].map(visibleOf));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visible(key), visibleOf(inner)]));
}

/**
 * Returns what `render` makes of a value. `render` gets the value with its strings made visible, so that its own
 * colours and lines stay.
 */
export function rendered<Value>(value: Value, render: (value: Value) => string): ShownText {
  return render(visibleIn(value)) as ShownText;
}

/**
 * Returns one JSON document and an end of line. Escapes stand for unseen characters, so that its reader gets the same
 * value.
 */
export function jsonLine(value: unknown, indent = 0): ShownText {
  const lines = JSON.stringify(value, null, indent).split("\n");
  return `${lines.map(visible).join("\n")}\n` as ShownText;
}

/**
 * Makes one line of text from a template, such as line`${id} left out: ${reason}`. The values in it are made visible.
 */
export function line(words: TemplateStringsArray, ...values: readonly (string | number)[]): ShownText {
  return `${String.raw({ raw: words }, ...values.map((value) => visible(String(value))))}\n` as ShownText;
}

/** The codes of `Paint`'s colours. Anything else that begins with an escape character is made visible. */
const ownColours = [1, 2, 7, 22, 27, 31, 32, 33, 35, 36, 39, 91].map((code) => `\u001b[${code}m`);

/**
 * Returns text whose lines are our own, such as a child process's or the option parser's. Its ends of line stay, and so
 * do colours if `isPainted`. Other unseen characters are shown as escapes.
 */
export function ownLines(text: string, isPainted: boolean): ShownText {
  return text
    .split("\n")
    .map((one) => (isPainted ? painted(one) : visible(one)))
    .join("\n") as ShownText;
}

function painted(text: string): string {
  return text
    .split("\u001b")
    .map((part, index) => {
      const colour =
        index === 0 ? undefined : ownColours.find((code) => code.slice(1) === part.slice(0, code.length - 1));
      if (colour !== undefined) return `${colour}${visible(part.slice(colour.length - 1))}`;
      return `${index === 0 ? "" : visible("\u001b")}${visible(part)}`;
    })
    .join("");
}
