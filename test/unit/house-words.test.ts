import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Source files of the packages, functions and stacks, without what is installed and without the tests. */
const sources = ["packages", "functions", "stacks"].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.includes("node_modules"))
    .map((file) => readFileSync(join(root, room, file), "utf8")),
);

const declared = sources.flatMap((text) =>
  [...text.matchAll(/^\s*(?:export )?(?:interface|type|class) (\w+)/gm)].map(([, name]) => name!),
);

describe("the words of the code", () => {
  it("are one word for one thing: docs/terms.md says what a type named after such a word is", () => {
    const named = declared.filter((name) => /(Account|Book|Holding|Market|Transition)s?$/.test(name));
    const terms = readFileSync(join(root, "docs/terms.md"), "utf8");
    const [, section = ""] = terms.split("## Names of types that end in one of these words");
    const rows = section.split("\n").filter((line) => line.startsWith("| `"));
    const explained = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect([...new Set(named)].sort()).toEqual(explained.sort());
  });
});
