import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runScript } from "../support/script.ts";
import { mutants } from "./list.ts";
import { findStale, type Mutant, mutate } from "./mutant.ts";
import { Workshop } from "./workshop.ts";

// Takes the guards of the invariants away one by one and sees that a test fails each time; see docs/invariants.md.
//   node test/mutants/run.ts [--only <invariant or part of a name or path>] [--json]

/** Mutants tried at once: two cores are all we count on. */
const workshopsAtOnce = 2;

const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** What became of a mutant: `killed` is good, `survived` is a guard that no test notices, `broken` says nothing. */
interface Verdict {
  readonly kind: "killed" | "survived" | "broken";
  readonly mutant: Mutant;
  /** The test that noticed it, or what went wrong. */
  readonly by: string;
  readonly seconds: number;
}

function select(only: string | undefined): readonly Mutant[] {
  if (only === undefined) return mutants;
  const wanted = only.toLowerCase();
  const ofInvariant = mutants.filter(({ breaks }) => breaks.toLowerCase() === wanted);
  if (ofInvariant.length > 0) return ofInvariant;
  return mutants.filter(({ name, file }) => `${name} ${file}`.toLowerCase().includes(wanted));
}

async function tryMutant(mutant: Mutant, workshop: Workshop): Promise<Verdict> {
  const startMs = Date.now();
  const path = join(workshop.root, mutant.file);
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, mutate(sound, mutant));
  try {
    const outcome = await workshop.run(mutant.tests, "first_failure");
    const seconds = Math.round((Date.now() - startMs) / 1_000);
    switch (outcome.kind) {
      case "passed":
        return { kind: "survived", mutant, by: `${mutant.tests.join(", ")} passed`, seconds };
      case "failed":
        return { kind: "killed", mutant, by: outcome.tests[0] ?? "", seconds };
      case "broken":
        return { kind: "broken", mutant, by: outcome.problem, seconds };
    }
  } finally {
    writeFileSync(path, sound);
  }
}

/** Tries all mutants, as many at once as there are workshops, and tells of each as it is done. */
async function tryAll(
  selected: readonly Mutant[],
  workshops: readonly Workshop[],
  tell: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  const waiting = [...selected];
  const verdicts: Verdict[] = [];
  const work = async (workshop: Workshop) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const verdict = await tryMutant(mutant, workshop);
      verdicts.push(verdict);
      tell(verdict);
    }
  };
  await Promise.all(workshops.map(work));
  return verdicts;
}

function lineOf({ kind, mutant: { breaks, name }, by, seconds }: Verdict): string {
  return `${kind.padEnd(8)} ${breaks.padEnd(5)} ${name} (${seconds} s)\n           ${by.split("\n")[0]}`;
}

const usage = `Takes the guards of the invariants away, one by one, and sees that a test fails each time; see docs/invariants.md.

  npm run mutants -- --only I5      those of one invariant, or those with this in their name or file
                     --json         one JSON object on standard output, progress on standard error`;

/** The options of `npm run mutants`. */
export const options = { only: { type: "string" }, json: { type: "boolean", default: false } } as const;

/** Tries the mutants that the options select, and returns the exit code. */
async function run(values: { readonly only?: string | undefined; readonly json: boolean }): Promise<number> {
  const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);
  const startMs = Date.now();
  const stale = findStale(mutants, root);
  if (stale.length > 0) {
    process.stderr.write(`The list of mutants is stale, test/mutants/list.ts:\n${stale.join("\n")}\n`);
    return 1;
  }
  const selected = select(values.only);
  if (selected.length === 0) {
    process.stderr.write(`--only ${values.only}: no mutant has this invariant, or this in its name or file\n`);
    return 1;
  }
  const workshops: Workshop[] = [];
  const close = () => {
    for (const workshop of workshops.splice(0)) workshop.close();
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => {
      close();
      process.exit(code);
    });
  }
  try {
    for (let index = 0; index < Math.min(workshopsAtOnce, selected.length); index += 1) {
      workshops.push(new Workshop(root));
    }
    const tests = [...new Set(selected.flatMap((mutant) => mutant.tests))].sort();
    say(`${tests.length} test files as they are, then ${selected.length} mutants`);
    const sound = await workshops[0]?.run(tests, "end");
    if (sound?.kind !== "passed") {
      const problem = sound?.kind === "failed" ? sound.tests.join("\n") : sound?.problem;
      const again = `npx vitest run ${tests.join(" ")}`;
      process.stderr.write(`The tests must pass before anything is taken away:\n${problem}\nRun them: ${again}\n`);
      return 1;
    }
    const verdicts = await tryAll(selected, workshops, (verdict) => say(lineOf(verdict)));
    const count = (kind: Verdict["kind"]) => verdicts.filter((verdict) => verdict.kind === kind).length;
    const seconds = Math.round((Date.now() - startMs) / 1_000);
    const counts = { killed: count("killed"), survived: count("survived"), broken: count("broken") };
    say(`${counts.killed} killed, ${counts.survived} survived, ${counts.broken} broken, in ${seconds} s`);
    if (values.json) {
      const told = verdicts.map(({ kind, mutant, by, seconds }) => ({
        outcome: kind,
        breaks: mutant.breaks,
        name: mutant.name,
        file: mutant.file,
        by,
        seconds,
      }));
      process.stdout.write(`${JSON.stringify({ ...counts, seconds, mutants: told }, null, 2)}\n`);
    }
    return counts.survived + counts.broken === 0 ? 0 : 1;
  } finally {
    close();
  }
}

if (import.meta.main) await runScript(usage, options, run);
