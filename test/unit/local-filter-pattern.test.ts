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
    expect(passes({ ...eventInsert, dynamodb: "Keys" }, outbox)).toBe(false);
    expect(passes(null, outbox)).toBe(false);
  });

  it("pass a record that matches any of several patterns", () => {
    const modify = { eventName: ["MODIFY"] };
    expect(passes(eventInsert, modify, { eventName: ["REMOVE", "INSERT"] })).toBe(true);
    expect(passes(eventInsert, modify, { eventName: ["REMOVE"] })).toBe(false);
  });

  it.each([
    ["exact text", ["a"], "a", "b"],
    ["the empty text", [""], "", undefined],
    ["prefix", [{ prefix: "ab" }], "abc", "bab"],
    ["prefix, of texts only", [{ prefix: "1" }], "12", 12],
    ["any of several choices", ["a", { prefix: "z" }], "zoo", "oz"],
  ])("know %s", (_name, choices, matching, other) => {
    const record = (value: unknown) => (value === undefined ? {} : { field: value });
    expect(passes(record(matching), { field: choices })).toBe(true);
    expect(passes(record(other), { field: choices })).toBe(false);
  });

  it("are not fooled by what every object inherits", () => {
    expect(passes({}, { constructor: { name: ["Object"] } })).toBe(false);
    expect(passes({ constructor: { name: "Object" } }, { constructor: { name: ["Object"] } })).toBe(true);
  });

  it.each([
    [{ ip: [{ cidr: "10.0.0.0/8" }] }, /cidr.* at ip; the local stage knows/],
    [{ a: { b: [{ wildcard: "x*" }] } }, /wildcard.* at b;/],
    [{ a: "text" }, /"text" at a;/],
    [{ a: [] }, /\[\] at a;/],
    [{ a: [1] }, /1 at a;/],
    [{ a: [null] }, /null at a;/],
    [{ a: [{ prefix: 1 }] }, /prefix/],
    [{ a: [{ prefix: "a", suffix: "b" }] }, /suffix/],
    [{ a: [{ suffix: "b" }] }, /suffix/],
    [{ a: [{ "equals-ignore-case": "b" }] }, /equals-ignore-case/],
    [{ a: [{ numeric: [">", 1] }] }, /numeric/],
    [{ a: [{ exists: true }] }, /exists/],
    [{ a: [{ "anything-but": "b" }] }, /anything-but/],
    [{ $or: [{ a: ["b"] }] }, /\$or/],
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
