import { RateLimiter, routes } from "@plimsoll/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { compareKeys, pageOf, readCursor, type SortKey, writeCursor } from "../../packages/api/src/serve/cursor.ts";
import { findRoute } from "../../packages/api/src/serve/find-route.ts";
import { unitsPerMinute } from "../../packages/api/src/serve/rate-limit.ts";
import { findJsonFault } from "../../packages/api/src/serve/scan-json.ts";

/** A failure of a property prints this seed, and is repeated by it. */
const seed = 20_260_205;

describe("a JSON text", () => {
  it("is never refused if it has each name once and is not too deep", () => {
    const values = fc.jsonValue({ maxDepth: 8 });
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        expect(findJsonFault(JSON.stringify(value, null, indent))).toBeNull();
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it("is refused if an object has a name twice, however that is spelled and wherever it is", () => {
    const spelled = fc.string({ unit: "binary" }).chain((name) => {
      const plain = JSON.stringify(name);
      const units = Array.from({ length: name.length }, (_, index) => name.charCodeAt(index));
      const escaped = `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
      return fc.tuple(fc.constantFrom(plain, escaped), fc.constantFrom(plain, escaped));
    });
    const spaces = fc.constantFrom("", " ", "\n\t", "\r\n  ");
    const others = fc.dictionary(fc.string({ minLength: 30 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
    fc.assert(
      fc.property(spelled, spaces, others, fc.nat(20), ([first, second], space, between, depth) => {
        const middle = JSON.stringify(between).slice(1, -1);
        const members = [`${first}${space}:1`, ...(middle === "" ? [] : [middle]), `${second}${space}: 2`];
        const text = `${"[".repeat(depth)}{${members.join(",")}}${"]".repeat(depth)}`;
        expect(findJsonFault(text)).toMatchObject({ remedy: "each member of an object only once" });
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it.each([
    ["equal names of different objects", '[{"a":{"a":1}},{"a":2}]'],
    ["values that are equal to names", '{"a":"b","b":"a","c":["a","a"]}'],
    ["a text with signs of JSON", String.raw`{"a":"\"a\":1,{[","b":"}"}`],
    ["32 levels", `${"[".repeat(32)}${"]".repeat(32)}`],
  ])("may have %s", (_, text) => {
    expect(findJsonFault(text)).toBeNull();
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it.each(["[".repeat(33), `${'{"a":['.repeat(17)}`, "[".repeat(100_000)])("is refused beyond 32 levels", (text) => {
    expect(findJsonFault(text)).toEqual({ field: "$", remedy: "at most 32 levels of nesting" });
  });

  it.each(['"', '{"a', '{"a"', '{"\\', "]]]}}}", '{"a":1]', "", '{"\\u00zz":1,"\\u00zz":2}'])(
    "that is none is left to the parser or refused, and ends nothing: %s",
    (text) => {
      expect(() => findJsonFault(text)).not.toThrow();
      expect(() => JSON.parse(text)).toThrow();
    },
  );
});

describe("a path", () => {
  const find = (method: string, path: string) => {
    const found = findRoute(routes, method, path);
    return found.kind === "route" ? [found.route.id, found.params] : found;
  };

  it("leads to the route of its table, with what stands in place of the names", () => {
    expect(find("GET", "/v1/accounts/a/margin")).toEqual(["getMargin", { id: "a" }]);
    expect(find("GET", "/v1/accounts/a%2Fb")).toEqual(["getAccount", { id: "a/b" }]);
    expect(find("GET", "/v1/accounts/%2561")).toEqual(["getAccount", { id: "%61" }]);
    for (const { id, method, path } of routes)
      expect(find(method, path.replaceAll(/[{}]/g, ""))).toMatchObject([id, {}]);
  });

  it("that has no such method says which it has", () => {
    expect(find("PUT", "/v1/accounts/a/margin")).toEqual({ kind: "no_method", methods: ["GET"] });
    expect(find("DELETE", "/v1/accounts/a")).toEqual({ kind: "no_method", methods: ["PUT", "GET"] });
    expect(find("HEAD", "/v1/margin/simulate")).toEqual({ kind: "no_method", methods: ["POST"] });
    expect(find("get", "/v1/time")).toEqual({ kind: "no_method", methods: ["GET"] });
  });

  it.each([
    "",
    "/",
    "/v1/time/",
    "//v1/time",
    "/v1//time",
    "/V1/time",
    "/v1/%74ime",
    "/v1/margin/%73imulate",
    "/v1/accounts/%zz",
    "/v1/accounts/%c0%ae",
    "/v1/accounts/a/margin/x",
    "/v1/accounts/a/../b",
    "/v1/__proto__",
  ])("leads nowhere: %s", (path) => {
    expect(find("GET", path)).toEqual({ kind: "no_path" });
  });
});

describe("the units of a caller", () => {
  const spends = fc.array(fc.record({ units: fc.integer({ min: 1, max: 50 }), waitMs: fc.nat(3_000) }), {
    minLength: 1,
    maxLength: 400,
  });
  const startMs = Date.UTC(2026, 1, 5, 12);

  it("never last for more than a full bucket and what a minute refills, and Retry-After is as soon as it may be", () => {
    fc.assert(
      fc.property(spends, (wanted) => {
        const limiter = new RateLimiter();
        let nowMs = startMs;
        const spent: { readonly atMs: number; readonly units: number }[] = [];
        for (const { units, waitMs } of wanted) {
          nowMs += waitMs % 7 === 0 ? waitMs : 0;
          const { isWithin, remaining, retryAfterSeconds, resetSeconds } = limiter.spend("a", units, nowMs);
          expect(remaining).toBeGreaterThanOrEqual(0);
          expect(remaining).toBeLessThanOrEqual(unitsPerMinute);
          expect(resetSeconds).toBeLessThanOrEqual(60);
          if (isWithin) {
            spent.push({ atMs: nowMs, units });
            continue;
          }
          expect(remaining).toBeLessThan(units);
          const later = nowMs + retryAfterSeconds * 1_000;
          const early = later - 1_000;
          if (retryAfterSeconds > 1) expect(limiter.spend("a", units, early).isWithin).toBe(false);
          expect(limiter.spend("a", units, later).isWithin).toBe(true);
          nowMs = later;
          spent.push({ atMs: later, units });
        }
        for (const { atMs } of spent) {
          const inWindow = spent.filter((one) => one.atMs >= atMs && one.atMs < atMs + 60_000);
          expect(inWindow.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(2 * unitsPerMinute);
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  it("are all spent in one moment, and none beyond", () => {
    const limiter = new RateLimiter();
    for (let left = unitsPerMinute; left > 0; left -= 1) {
      expect(limiter.spend("a", 1, startMs)).toMatchObject({ isWithin: true, remaining: left - 1 });
    }
    expect(limiter.spend("a", 1, startMs)).toMatchObject({ isWithin: false, remaining: 0, retryAfterSeconds: 1 });
    expect(limiter.spend("b", 1, startMs)).toMatchObject({ isWithin: true });
    expect(limiter.spend("a", 1, startMs + 20)).toMatchObject({ isWithin: true, remaining: 0 });
    expect(limiter.spend("a", unitsPerMinute, startMs + 60_020)).toMatchObject({ isWithin: true, remaining: 0 });
  });

  it("are remembered of ten thousand callers, of whom the one that came first is forgotten", () => {
    const limiter = new RateLimiter();
    const rest = (caller: string) => limiter.spend(caller, 1, startMs).remaining;
    for (let index = 0; index < 10_000; index += 1) rest(`caller ${index}`);
    expect(rest("caller 0")).toBe(unitsPerMinute - 2);
    rest("one more");
    expect(rest("caller 0")).toBe(unitsPerMinute - 3);
    expect(rest("caller 1")).toBe(unitsPerMinute - 1);
  });
});

describe("pages", () => {
  interface Entry {
    readonly ratio: number | null;
    readonly id: string;
  }
  const keyOf = ({ ratio, id }: Entry): SortKey => [ratio, id];
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 40 });
  const ratios = fc.constantFrom(null, -1, 0, 0.1 + 0.2, 1);

  it("lose and repeat nothing, however many entries have the same sort value", () => {
    const lists = ids.chain((names) =>
      fc.tuple(...names.map((id) => fc.record({ id: fc.constant(id), ratio: ratios }))),
    );
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 15 }), (entries: readonly Entry[], limit) => {
        const sorted = entries.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)));
        const read: Entry[] = [];
        let cursor: string | null = null;
        do {
          const from: { readonly cursor?: string } = cursor === null ? {} : { cursor };
          const page: ReturnType<typeof pageOf<Entry>> = pageOf(
            sorted,
            { list: "l", limit, ...from },
            keyOf,
            compareKeys,
          );
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          read.push(...page.entries);
          cursor = page.next_cursor;
        } while (cursor !== null);
        expect(read).toEqual(sorted);
      }),
      { seed, numRuns: 500 },
    );
  });

  it("go on behind an entry that is gone", () => {
    const sorted: Entry[] = ["a", "b", "c", "d"].map((id) => ({ ratio: null, id }));
    const first = pageOf(sorted, { list: "l", limit: 2 }, keyOf, compareKeys);
    const cursor = first.next_cursor ?? "";
    const left = sorted.filter(({ id }) => id !== "b");
    expect(pageOf(left, { list: "l", limit: 2, cursor }, keyOf, compareKeys).entries.map(({ id }) => id)).toEqual([
      "c",
      "d",
    ]);
  });

  const any = z.array(z.string());
  it.each([
    ["of another order", writeCursor("other", ["a"])],
    ["whose key is of another kind", writeCursor("l", [1])],
    ["that is no JSON", Buffer.from("[").toString("base64url")],
    ["that is no list", Buffer.from("{}").toString("base64url")],
    ["that has more than a key", Buffer.from('["l",["a"],1]').toString("base64url")],
    ["that is empty", ""],
  ])("are not read by a cursor %s", (_, cursor) => {
    expect(() => readCursor("l", cursor, any)).toThrow(
      expect.objectContaining({ kind: "invalid_request", errors: [expect.objectContaining({ field: "cursor" })] }),
    );
    expect(readCursor("l", writeCursor("l", ["a"]), any)).toEqual(["a"]);
  });
});
