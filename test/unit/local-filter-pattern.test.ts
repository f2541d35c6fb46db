import { describe, expect, it } from "vitest";
import { compileFilterPatterns, FilterPatternError } from "../../packages/local/src/triggers/filter-pattern.ts";

const passes = (record: unknown, ...patterns: object[]) =>
  compileFilterPatterns(
    patterns.map((pattern) => JSON.stringify(pattern)),
    "the test",
  )(record);

const eventInsert = {
  eventName: "INSERT",
  dynamodb: {
    Keys: { pk: { S: "ACCOUNT#7" }, sk: { S: "EVENT#3" } },
    NewImage: { n: { N: "4" }, flag: { BOOL: true } },
  },
};

describe("filter patterns", () => {
  it("pass everything when there is none", () => {
    expect(passes(eventInsert)).toBe(true);
  });

  it("match the outbox pattern of the stacks", () => {
    const outbox = { eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: [{ prefix: "EVENT#" }] } } } };
    expect(passes(eventInsert, outbox)).toBe(true);
    expect(passes({ ...eventInsert, eventName: "MODIFY" }, outbox)).toBe(false);
    expect(passes({ ...eventInsert, dynamodb: { Keys: { sk: { S: "STATE" } } } }, outbox)).toBe(false);
    expect(passes({ ...eventInsert, dynamodb: {} }, outbox)).toBe(false);
  });

  it("pass a record that matches any of several patterns", () => {
    const modify = { eventName: ["MODIFY"] };
    expect(passes(eventInsert, modify, { eventName: ["REMOVE", "INSERT"] })).toBe(true);
    expect(passes(eventInsert, modify, { eventName: ["REMOVE"] })).toBe(false);
  });

  it.each([
    ["exact text", ["a"], "a", "b"],
    ["exact number", [1], 1, "1"],
    ["exact boolean", [true], true, false],
    ["null", [null], null, undefined],
    ["the empty text", [""], "", undefined],
    ["prefix", [{ prefix: "ab" }], "abc", "bab"],
    ["suffix", [{ suffix: "bc" }], "abc", "bcd"],
    ["equals-ignore-case", [{ "equals-ignore-case": "Abc" }], "aBC", "abcd"],
    ["anything-but a value", [{ "anything-but": "a" }], "b", "a"],
    ["anything-but a missing field", [{ "anything-but": "a" }], 1, undefined],
    ["anything-but a list", [{ "anything-but": ["a", 2] }], 3, 2],
    ["anything-but a prefix", [{ "anything-but": { prefix: "ab" } }], "b", "abc"],
    ["a numeric range", [{ numeric: [">", 1, "<=", 3] }], 3, 1],
    ["a numeric bound, not for text", [{ numeric: ["=", 3] }], 3, "3"],
    ["exists", [{ exists: true }], 0, undefined],
    ["exists, for a leaf only", [{ exists: true }], "x", { deeper: 1 }],
    ["does not exist", [{ exists: false }], undefined, null],
    ["any of several choices", ["a", { prefix: "z" }], "zoo", "oz"],
  ])("know %s", (_name, choices, matching, other) => {
    const record = (value: unknown) => (value === undefined ? {} : { field: value });
    expect(passes(record(matching), { field: choices })).toBe(true);
    expect(passes(record(other), { field: choices })).toBe(false);
  });

  it("match an array when any element does, and objects within one", () => {
    expect(passes({ tags: ["x", "y"] }, { tags: ["y"] })).toBe(true);
    expect(passes({ tags: ["x"] }, { tags: ["y"] })).toBe(false);
    expect(passes({ rows: [{ id: 1 }, { id: 2 }] }, { rows: { id: [2] } })).toBe(true);
  });

  it("know $or beside other fields", () => {
    const pattern = { kind: ["a"], $or: [{ size: [1] }, { colour: ["red"] }] };
    expect(passes({ kind: "a", size: 2, colour: "red" }, pattern)).toBe(true);
    expect(passes({ kind: "a", size: 2, colour: "blue" }, pattern)).toBe(false);
    expect(passes({ kind: "b", size: 1 }, pattern)).toBe(false);
  });

  it("are not fooled by what every object inherits", () => {
    expect(passes({}, { constructor: [{ exists: true }] })).toBe(false);
  });

  it.each([
    [{ ip: [{ cidr: "10.0.0.0/8" }] }, /cidr.* at ip; the local stage knows/],
    [{ a: { b: [{ wildcard: "x*" }] } }, /wildcard.* at a\.b;/],
    [{ a: "text" }, /"text" at a;/],
    [{ a: [] }, /\[\] at a;/],
    [{ a: [{ prefix: 1 }] }, /prefix/],
    [{ a: [{ numeric: [">"] }] }, /numeric/],
    [{ a: [{ numeric: ["~", 1] }] }, /numeric/],
    [{ a: [{ exists: "yes" }] }, /exists/],
    [{ a: [{ "anything-but": { numeric: ["=", 1] } }] }, /anything-but/],
    [{ $or: { a: [1] } }, /\$or/],
  ])("refuse %j when compiled, not when matched", (pattern, message) => {
    const compile = () => compileFilterPatterns([JSON.stringify(pattern)], "queue Jobs");
    expect(compile).toThrow(FilterPatternError);
    expect(compile).toThrow(message);
    expect(compile).toThrow(/filter pattern of queue Jobs/);
  });

  it.each(["{", "[]", "1"])("refuse the text %s", (text) => {
    expect(() => compileFilterPatterns([text], "queue Jobs")).toThrow(FilterPatternError);
  });
});
