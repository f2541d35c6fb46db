import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { mutants } from "../mutants/list.ts";
import { findStale, invariants, type Mutant, mutate } from "../mutants/mutant.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

describe("the list of mutants", () => {
  it("fits the source: each text is there once, each test exists", () => {
    expect(findStale(mutants, root)).toEqual([]);
  });

  it("takes at least three guards of each invariant away", () => {
    for (const invariant of invariants) {
      const count = mutants.filter(({ breaks }) => breaks === invariant).length;
      expect(count, invariant).toBeGreaterThanOrEqual(3);
    }
  });

  it("leaves source that can be read: a mutant that does not load says nothing about its guard", () => {
    for (const mutant of mutants) {
      const mutated = mutate(readFileSync(join(root, mutant.file), "utf8"), mutant);
      expect(() => transformSync(mutated, { loader: "ts", logLevel: "silent" }), mutant.name).not.toThrow();
    }
  });
});

describe("docs/invariants.md", () => {
  const page = readFileSync(join(root, "docs/invariants.md"), "utf8");
  const named = [...page.matchAll(/`((?:unit|property|functions|infra)\/[a-z0-9-]+)`/g)].map(([, test]) => test ?? "");

  it("names tests that there are, and has each invariant", () => {
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((test) => !existsSync(join(root, `test/${test}.test.ts`)))).toEqual([]);
    const rows = [...page.matchAll(/^\| (I\d+) \|/gm)].map(([, invariant]) => invariant);
    expect(rows).toEqual(Array.from({ length: 16 }, (_, index) => `I${index + 1}`));
  });

  it("names of each invariant a test that a mutant of it is killed by", () => {
    for (const invariant of invariants.filter((one) => one !== "rules")) {
      const row = page.split("\n").find((line) => line.startsWith(`| ${invariant} |`)) ?? "";
      const killers = mutants.filter(({ breaks }) => breaks === invariant).flatMap(({ tests }) => tests);
      const missing = [...row.matchAll(/`((?:unit|property|functions|infra)\/[a-z0-9-]+)`/g)]
        .map(([, test]) => `test/${test}.test.ts`)
        .filter((test) => !killers.includes(test));
      expect(missing, invariant).toEqual([]);
    }
  });
});

describe("a list that does not fit the source", () => {
  const sound: Mutant = {
    breaks: "I1",
    name: "sound",
    file: "package.json",
    source: '"name": "plimsoll"',
    replacement: "",
    tests: ["test/unit/mutants.test.ts"],
  };
  const problemsOf = (change: Partial<Mutant>) => findStale([{ ...sound, ...change }], root);

  it("is told what of it is stale", () => {
    expect(problemsOf({})).toEqual([]);
    const absent = 'I1, sound: its source text is 0 times in package.json instead of once: "nowhere in it"';
    expect(problemsOf({ source: "nowhere in it" })).toEqual([absent]);
    expect(problemsOf({ source: "node" })).toMatchObject([expect.stringMatching(/is \d+ times in package\.json/)]);
    expect(problemsOf({ file: "none.ts" })).toEqual(["I1, sound: none.ts does not exist"]);
    expect(problemsOf({ tests: ["none.test.ts"] })).toEqual(["I1, sound: none.test.ts does not exist"]);
    expect(problemsOf({ tests: [] })).toEqual(["I1, sound: no test is named that should notice it"]);
    expect(problemsOf({ replacement: sound.source })).toEqual(["I1, sound: its replacement is its source"]);
    expect(findStale([sound, sound], root)).toEqual(["I1, sound: another mutant has this name"]);
  });

  it("is not searched by pattern, nor is what it puts there", () => {
    expect(mutate("a.b + $&", { ...sound, source: ".b", replacement: "$&" })).toBe("a$& + $&");
  });
});
