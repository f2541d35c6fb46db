import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Attributes = Record<string, AttributeValue>;

/** Says that DynamoDB refuses a request because of its content. */
export class InvalidRequest extends Error {
  override readonly name = "ValidationException";
}

/** The placeholders that an expression may use: values, and names that DynamoDB reserves. */
export interface Placeholders {
  readonly values: Attributes;
  readonly names: Readonly<Record<string, string>>;
}

type Operand = (item: Attributes | undefined, values: Attributes) => AttributeValue | undefined;
type Test = (item: Attributes | undefined, values: Attributes) => boolean;
type Change = (item: Attributes, values: Attributes) => void;

/** An expression as a function, with the placeholders that it uses. */
interface Compiled<Run> {
  readonly run: Run;
  readonly uses: ReadonlySet<string>;
}

const token = /\s*(?:(:\w+|#\w+|[A-Za-z_][\w.]*)|(<>|<=|>=|[=<>(),]))/y;

/**
 * Reads the tokens of an expression. It knows only what the store's expressions need and throws on anything else, so
 * that nothing passes unnoticed.
 */
class Reader {
  readonly uses = new Set<string>();
  readonly #tokens: string[] = [];
  readonly #text: string;
  readonly #names: Placeholders["names"];
  #next = 0;

  constructor(text: string, names: Placeholders["names"]) {
    this.#text = text;
    this.#names = names;
    token.lastIndex = 0;
    while (token.lastIndex < text.trimEnd().length) {
      const match = token.exec(text);
      if (match === null) throw this.unknown();
      this.#tokens.push(match[1] ?? match[2] ?? "");
    }
  }

  unknown(): InvalidRequest {
    return new InvalidRequest(`the memory's DynamoDB does not understand ${this.#text}`);
  }

  get isDone(): boolean {
    return this.#next === this.#tokens.length;
  }

  peek(): string {
    return this.#tokens[this.#next] ?? "";
  }

  take(): string {
    if (this.isDone) throw this.unknown();
    this.#next += 1;
    return this.#tokens[this.#next - 1] ?? "";
  }

  takeIf(wanted: string): boolean {
    const isThere = this.peek() === wanted;
    if (isThere) this.#next += 1;
    return isThere;
  }

  expect(wanted: string): void {
    if (!this.takeIf(wanted)) throw this.unknown();
  }

  path(): string {
    const name = this.take();
    if (!/^[#A-Za-z_]/.test(name) || name.includes(".")) throw this.unknown();
    if (!name.startsWith("#")) return name;
    this.uses.add(name);
    const stated = this.#names[name];
    if (stated === undefined) throw new InvalidRequest(`${name} is not among the names of ${this.#text}`);
    return stated;
  }

  value(): string {
    const name = this.take();
    if (!name.startsWith(":")) throw this.unknown();
    this.uses.add(name);
    return name;
  }

  operand(): Operand {
    if (this.peek().startsWith(":")) {
      const name = this.value();
      return (_, values) => values[name];
    }
    const path = this.path();
    return (item) => item?.[path];
  }
}

/**
 * Returns a negative number, zero or a positive number for the order of two values. Returns NaN if their kinds differ
 * or one is missing.
 */
function order(a: AttributeValue | undefined, b: AttributeValue | undefined): number {
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.S !== undefined && b?.S !== undefined) return a.S < b.S ? -1 : Number(a.S > b.S);
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(a.B, b.B);
  return Number.NaN;
}

function isEqual(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  const compared = order(a, b);
  return Number.isNaN(compared) ? a !== undefined && isDeepStrictEqual(a, b) : compared === 0;
}

const comparisons: Record<string, (a: AttributeValue | undefined, b: AttributeValue | undefined) => boolean> = {
  "=": isEqual,
  "<>": (a, b) => !isEqual(a, b),
  "<": (a, b) => order(a, b) < 0,
  "<=": (a, b) => order(a, b) <= 0,
  ">": (a, b) => order(a, b) > 0,
  ">=": (a, b) => order(a, b) >= 0,
};

function readOr(reader: Reader): Test {
  let test = readAnd(reader);
  while (reader.takeIf("OR")) {
    const [a, b] = [test, readAnd(reader)];
    test = (item, values) => a(item, values) || b(item, values);
  }
  return test;
}

function readAnd(reader: Reader): Test {
  let test = readNot(reader);
  while (reader.takeIf("AND")) {
    const [a, b] = [test, readNot(reader)];
    test = (item, values) => a(item, values) && b(item, values);
  }
  return test;
}

function readNot(reader: Reader): Test {
  if (!reader.takeIf("NOT")) return readOne(reader);
  const test = readNot(reader);
  return (item, values) => !test(item, values);
}

function readOne(reader: Reader): Test {
  if (reader.takeIf("(")) {
    const test = readOr(reader);
    reader.expect(")");
    return test;
  }
  const word = reader.peek();
  if (word === "attribute_exists" || word === "attribute_not_exists") {
    reader.take();
    reader.expect("(");
    const path = reader.path();
    reader.expect(")");
    const wanted = word === "attribute_exists";
    return (item) => (item?.[path] !== undefined) === wanted;
  }
  if (reader.takeIf("begins_with")) {
    reader.expect("(");
    const text = reader.operand();
    reader.expect(",");
    const prefix = reader.operand();
    reader.expect(")");
    return (item, values) => text(item, values)?.S?.startsWith(prefix(item, values)?.S ?? "") === true;
  }
  const a = reader.operand();
  if (reader.takeIf("BETWEEN")) {
    const low = reader.operand();
    reader.expect("AND");
    const high = reader.operand();
    return (item, values) => {
      if (order(low(item, values), high(item, values)) > 0) throw new InvalidRequest("BETWEEN ends before it begins");
      return order(a(item, values), low(item, values)) >= 0 && order(a(item, values), high(item, values)) <= 0;
    };
  }
  const compare = comparisons[reader.take()];
  if (compare === undefined) throw reader.unknown();
  const b = reader.operand();
  return (item, values) => compare(a(item, values), b(item, values));
}

function readChanges(reader: Reader): Change {
  const changes: Change[] = [];
  while (!reader.isDone) {
    const clause = reader.take();
    do changes.push(readChange(reader, clause));
    while (reader.takeIf(","));
  }
  return (item, values) => {
    for (const change of changes) change(item, values);
  };
}

function readChange(reader: Reader, clause: string): Change {
  const path = reader.path();
  if (clause === "REMOVE") {
    return (item) => {
      delete item[path];
    };
  }
  if (clause === "SET") {
    reader.expect("=");
    const value = reader.value();
    return (item, values) => {
      item[path] = values[value] as AttributeValue;
    };
  }
  if (clause !== "ADD") throw reader.unknown();
  const value = reader.value();
  return (item, values) => {
    item[path] = added(item[path], values[value]);
  };
}

function added(before: AttributeValue | undefined, more: AttributeValue | undefined): AttributeValue {
  if (more?.N !== undefined && before?.S === undefined) return { N: String(Number(before?.N ?? 0) + Number(more.N)) };
  if (more?.NS !== undefined) return { NS: [...new Set([...(before?.NS ?? []), ...more.NS])] };
  if (more?.SS !== undefined) return { SS: [...new Set([...(before?.SS ?? []), ...more.SS])] };
  throw new InvalidRequest("ADD takes numbers and sets");
}

const compiled = new Map<string, Compiled<Test> | Compiled<Change>>();

function compile<Run extends Test | Change>(
  text: string,
  names: Placeholders["names"],
  read: (reader: Reader) => Run,
): Compiled<Run> {
  const key = `${read.name} ${text} ${Object.entries(names)}`;
  const known = compiled.get(key);
  if (known !== undefined) return known as Compiled<Run>;
  const reader = new Reader(text, names);
  const fresh = { run: read(reader), uses: reader.uses };
  if (!reader.isDone) throw reader.unknown();
  compiled.set(key, fresh as Compiled<Test> | Compiled<Change>);
  return fresh;
}

/**
 * Returns the condition and the change of one write. As DynamoDB does, it checks that every placeholder is known and
 * used.
 */
export function compileWrite(
  { condition, update }: { readonly condition: string | undefined; readonly update?: string | undefined },
  { values, names }: Placeholders,
) {
  const test = condition === undefined ? null : compile(condition, names, readOr);
  const change = update === undefined ? null : compile(update, names, readChanges);
  const stated = [...Object.keys(values), ...Object.keys(names)];
  for (const name of stated) {
    const isUsed = test?.uses.has(name) === true || change?.uses.has(name) === true;
    if (!isUsed) throw new InvalidRequest(`${name} is not used in ${condition ?? ""} ${update ?? ""}`);
  }
  for (const name of [...(test?.uses ?? []), ...(change?.uses ?? [])]) {
    if (!stated.includes(name)) throw new InvalidRequest(`${name} has no value in ${condition ?? ""} ${update ?? ""}`);
  }
  return {
    holds: (item: Attributes | undefined) => test === null || test.run(item, values),
    /** Returns the item after the change. The item before it stays as it is. */
    change(item: Attributes): Attributes {
      const copy = { ...item };
      change?.run(copy, values);
      return copy;
    },
  };
}
