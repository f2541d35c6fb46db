import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What must never break, as docs/invariants.md numbers it; `rules` are published rules of a margin method, and
 * `people` says who may put parameters into effect.
 */
export const invariants = [
  "I1",
  "I2",
  "I3",
  "I4",
  "I5",
  "I6",
  "I7",
  "I8",
  "I9",
  "I10",
  "I11",
  "I16",
  "rules",
  "people",
] as const;
export type Invariant = (typeof invariants)[number];

/** One guard taken away: a piece of source that is replaced by one without it, and the tests that must then fail. */
export interface Mutant {
  readonly breaks: Invariant;
  /** What the code does wrong once the guard is gone, in plain words. */
  readonly name: string;
  /** Path from the root of the repository. */
  readonly file: string;
  /** Text that the file has exactly once. */
  readonly source: string;
  readonly replacement: string;
  /** Test files, by their path from the root; of several the first failure is enough. */
  readonly tests: readonly string[];
}

/** How often a text has a part. */
function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** What of a list does not fit the repository at a path any more, one sentence for each problem; none when all of it does. */
export function findStale(mutants: readonly Mutant[], root: string): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  for (const { breaks, name, file, source, replacement, tests } of mutants) {
    const say = (problem: string) => problems.push(`${breaks}, ${name}: ${problem}`);
    if (names.has(name)) say("another mutant has this name");
    names.add(name);
    if (source === replacement) say("its replacement is its source");
    if (tests.length === 0) say("no test is named that should notice it");
    for (const test of tests) if (!existsSync(join(root, test))) say(`${test} does not exist`);
    if (!existsSync(join(root, file))) {
      say(`${file} does not exist`);
      continue;
    }
    const count = countOf(readFileSync(join(root, file), "utf8"), source);
    if (count !== 1) say(`its source text is ${count} times in ${file} instead of once: ${JSON.stringify(source)}`);
  }
  return problems;
}

/** A file's text without the guard. The text is taken as it stands: no sign of it has a meaning. */
export function mutate(text: string, { source, replacement }: Mutant): string {
  return text.split(source).join(replacement);
}
