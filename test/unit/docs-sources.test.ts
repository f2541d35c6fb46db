import { describe, expect, it } from "vitest";
import { filesMatching, textOf } from "../support/repository.ts";

const page = "docs/sources.md";
const self = "test/unit/docs-sources.test.ts";

/** Pages that no clone of this repository has. */
const outsidePages = /\bMETHODS\b|\bARCHITECTURE\.md|\bSTYLE\.md|\bPLATFORM\.md|\bANCHORS\b/;

const files = ["packages", "docs", "test", "functions", "stacks"]
  .flatMap((folder) => filesMatching(folder, /\.(ts|md|json|spn|mjs|js)$/))
  .filter((path) => path !== page && path !== self);
const texts = new Map(files.map((path) => [path, textOf(path)]));

const headings = [...textOf(page).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");

/** The longest heading that the text begins with, as whole words. */
const headingAt = (text: string) =>
  headings
    .filter((heading) => text.startsWith(heading) && !/^[\w-]/.test(text.slice(heading.length)))
    .sort((a, b) => b.length - a.length)[0];

/** What files cite, with the heading it names; a citation may go on in the next line of its comment. */
const citations = [...texts].flatMap(([path, text]) => {
  const joined = text.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, " ");
  const named = [...joined.matchAll(/docs\/sources\.md, (.{0,60})/g)].map(([, rest]) => ({
    cited: `${path}: ${rest}`,
    heading: headingAt(rest!),
  }));
  const linked = [...joined.matchAll(/\]\((?:\.\.\/)*sources\.md#([^)]*)\)/g)].map(([, anchor]) => ({
    cited: `${path}: #${anchor}`,
    heading: headings.find((heading) => anchorOf(heading) === anchor),
  }));
  return [...named, ...linked];
});

describe("where formulas and figures come from", () => {
  it("is cited by headings that the page has", () => {
    expect(citations.length).toBeGreaterThan(80);
    expect(citations.filter(({ heading }) => heading === undefined).map(({ cited }) => cited)).toEqual([]);
  });

  it("has no heading that nothing cites", () => {
    const named = new Set(citations.map(({ heading }) => heading));
    expect(headings.filter((heading) => !named.has(heading))).toEqual([]);
  });

  it("is the only such page: no file names one outside the repository", () => {
    expect([...texts].filter(([, text]) => outsidePages.test(text)).map(([path]) => path)).toEqual([]);
  });
});
