import { describe, expect, it } from "vitest";
import { filesUnder, textOf } from "../support/repository.ts";
import { roomFolders } from "../support/syntax.ts";

const declared = [...roomFolders, "stacks"]
  .flatMap(filesUnder)
  .flatMap((file) => [...textOf(file).matchAll(/^\s*(?:export )?(?:interface|type|class) (\w+)/gm)])
  .map(([, name]) => name!);

describe("the words of the code", () => {
  it("are one word for one thing: docs/terms.md says what a type named after such a word is", () => {
    const named = declared.filter((name) => /(Account|Book|Holding|Market|Transition)s?$/.test(name));
    const [, section = ""] = textOf("docs/terms.md").split("## Names of types that end in one of these words");
    const rows = section.split("\n").filter((line) => line.startsWith("| `"));
    const explained = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect([...new Set(named)].sort()).toEqual(explained.sort());
  });
});
