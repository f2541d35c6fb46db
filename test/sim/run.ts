import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runScript } from "../support/script.ts";
import type { Round } from "./history.ts";
import type { BrokenSeed } from "./seeds.ts";

/** Seeds that a process lives one after the other before it says how far it is. */
export const seedsAtOnce = 25;

/** What a process is sent: the seeds to live, `count` of them from the first. */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
}

/** What a process answers to a range. */
export interface RangeOutcome {
  readonly broken: readonly BrokenSeed[];
}

/**
 * Lives the worlds of many seeds in processes side by side. A world depends on its seed alone, whichever process lives it.
 * Throws where a process dies.
 */
export async function runSeeds(
  { first, count }: SeedRange,
  processes: number,
  onProgress: (lived: number, outcome: RangeOutcome) => void = () => {},
): Promise<BrokenSeed[]> {
  const broken: BrokenSeed[] = [];
  let next = first;
  let lived = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(fileURLToPath(new URL("./live-seeds.ts", import.meta.url)), {
        execArgv: ["--max-semi-space-size=64"],
      });
      let asked: SeedRange | null = null;
      const ask = () => {
        const left = first + count - next;
        if (left <= 0) {
          asked = null;
          child.disconnect();
          return;
        }
        asked = { first: next, count: Math.min(seedsAtOnce, left) };
        next += asked.count;
        child.send(asked);
      };
      child.on("message", (outcome: RangeOutcome) => {
        lived += asked?.count ?? 0;
        broken.push(...outcome.broken);
        onProgress(lived, outcome);
        ask();
      });
      child.on("exit", (code) => {
        if (asked === null) resolve();
        else reject(new Error(`the process of seeds ${asked.first} and on ended with ${code}`));
      });
      ask();
    });
  await Promise.all(Array.from({ length: processes }, work));
  return broken.sort((a, b) => a.seed - b.seed);
}

/** One line for each round, without what did not happen in it. */
function roundText(round: Round, index: number): string {
  const happened = Object.entries(round).filter(
    ([, value]) => value !== false && value !== 0 && value !== "none" && !(Array.isArray(value) && value.length === 0),
  );
  return `  ${index + 1}. ${happened.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join("  ")}`;
}

export function brokenText({ seed, problem, history, tried }: BrokenSeed): string {
  return [
    `Seed ${seed} breaks: ${problem}`,
    `The smallest history found in which it does, after ${tried} steps:`,
    ...history.map(roundText),
    `Live it again: npm run sim -- --first ${seed} --seeds 1`,
  ].join("\n");
}

const usage = `Lives worlds of killed processes, lost answers, throttled services, wrong clocks, dead topics and schedules, stale
prices and poisoned items, each from a seed, and checks what must never break.

  npm run sim -- --seeds 100000     how many worlds (1,000)
                 --first 1          the first seed
                 --processes 2      how many worlds at once`;

/** The number of an option; throws where it is none. */
function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${name} ${text}: give a whole number from 1 on`);
  return count;
}

const options = {
  seeds: { type: "string", default: "1000" },
  first: { type: "string", default: "1" },
  processes: { type: "string", default: "2" },
} as const;

if (import.meta.main) {
  await runScript(usage, options, async (values) => {
    const range = { first: countOf("first", values.first), count: countOf("seeds", values.seeds) };
    const startMs = performance.now();
    const minutes = () => (performance.now() - startMs) / 60_000;
    let toldMinutes = 0;
    const broken = await runSeeds(range, countOf("processes", values.processes), (lived, outcome) => {
      for (const seed of outcome.broken) console.log(`${brokenText(seed)}\n`);
      if (minutes() - toldMinutes < 0.5) return;
      toldMinutes = minutes();
      console.log(`${lived} of ${range.count} worlds after ${minutes().toFixed(1)} min`);
    });
    const rate = Math.round(range.count / minutes());
    const last = range.first + range.count - 1;
    console.log(
      `Seeds ${range.first} to ${last}: ${range.count} worlds in ${minutes().toFixed(1)} min, ${rate} a minute; ${broken.length} broken`,
    );
    return broken.length === 0 ? 0 : 1;
  });
}
