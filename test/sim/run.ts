import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runScript } from "../support/script.ts";
import type { Round } from "./history.ts";
import type { BrokenSeed } from "./seeds.ts";

/** The number of seeds that a process simulates before it reports its progress. */
const seedsAtOnce = 25;

/**
 * The seeds that a process is to simulate: `count` of them from `first` on. With a path, it simulates one seed's shrunk
 * history again.
 */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
  readonly path?: string;
}

/** A message of a process: a seed that broke, or that its range is finished. */
export type ChildMessage = { readonly kind: "broken"; readonly broken: BrokenSeed } | { readonly kind: "lived" };

export interface RunOptions {
  readonly processes: number;
  /** The number of broken seeds after which no further seeds are started. */
  readonly brokenMost: number;
  readonly onBroken?: (broken: BrokenSeed) => void;
  readonly onProgress?: (lived: number) => void;
}

/** The number of seeds that were simulated, and those that broke. */
export interface RunOutcome {
  readonly lived: number;
  readonly broken: readonly BrokenSeed[];
}

/**
 * Simulates the worlds of many seeds in processes side by side. A world depends on its seed alone, whichever process
 * simulates it. Throws if a process dies.
 */
export async function runSeeds(
  { first, count, path }: SeedRange,
  { processes, brokenMost, onBroken = () => {}, onProgress = () => {} }: RunOptions,
): Promise<RunOutcome> {
  const broken: BrokenSeed[] = [];
  let next = first;
  let lived = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const options = { execArgv: ["--max-semi-space-size=64"] };
      const child = fork(fileURLToPath(new URL("./live-seeds.ts", import.meta.url)), options);
      let asked: SeedRange | null = null;
      const ask = () => {
        const left = first + count - next;
        if (left <= 0 || broken.length >= brokenMost) {
          asked = null;
          child.disconnect();
          return;
        }
        asked = { first: next, count: Math.min(seedsAtOnce, left), ...(path !== undefined && { path }) };
        next += asked.count;
        child.send(asked);
      };
      child.on("message", (message: ChildMessage) => {
        if (message.kind === "broken") {
          broken.push(message.broken);
          onBroken(message.broken);
          return;
        }
        lived += asked?.count ?? 0;
        onProgress(lived);
        ask();
      });
      child.on("exit", (code) => {
        if (asked === null) resolve();
        else reject(new Error(`the process of seeds ${asked.first} and on ended with ${code}`));
      });
      ask();
    });
  await Promise.all(Array.from({ length: processes }, work));
  return { lived, broken: broken.toSorted((a, b) => a.seed - b.seed) };
}

/** Returns one line for a round, without the fields in which nothing happened. */
function roundText(round: Round, index: number): string {
  const happened = Object.entries(round).filter(
    ([, value]) => value !== false && value !== 0 && value !== "none" && !(Array.isArray(value) && value.length === 0),
  );
  return `  ${index + 1}. ${happened.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join("  ")}`;
}

export function brokenText({ seed, problem, history, path }: BrokenSeed): string {
  return [
    `Seed ${seed} breaks: ${problem}`,
    "The smallest history found in which it does:",
    ...history.map(roundText),
    `Live it again: npm run sim -- --first ${seed} --seeds 1 --path ${path}`,
  ].join("\n");
}

const usage = `Lives worlds of killed processes, lost answers, throttled services, wrong clocks, dead topics and schedules, stale
prices and poisoned items, each from a seed, and checks what must never break.

  npm run sim -- --seeds 100000     how many worlds (1,000)
                 --first 1          the first seed
                 --processes 2      how many worlds at once
                 --broken 5         how many broken worlds are enough to stop
                 --path 0:1:2       with one seed: the smallest history found, as a broken world names it`;

/** Returns the number given to an option. Throws if it is no whole number from 1 to `most`. */
function countOf(name: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const count = Number(text);
  const isCount = /^\d+$/.test(text) && count >= 1 && count <= most;
  if (!isCount) throw new Error(`--${name} ${text}: give a whole number from 1 to ${most}`);
  return count;
}

/** The greatest seed, since fast-check takes seeds of 32 bits. */
const seedsMost = 2 ** 31 - 1;

/** The options of `npm run sim`. */
export const options = {
  seeds: { type: "string", default: "1000" },
  first: { type: "string", default: "1" },
  processes: { type: "string", default: "2" },
  broken: { type: "string", default: "5" },
  path: { type: "string" },
} as const;

if (import.meta.main) {
  await runScript(usage, options, async (values) => {
    const first = countOf("first", values.first, seedsMost);
    const count = countOf("seeds", values.seeds, seedsMost - first + 1);
    const { path } = values;
    if (path !== undefined && count > 1)
      throw new Error(`--path ${path}: leads to a history of one seed; add --seeds 1`);
    const startMs = performance.now();
    const minutes = () => (performance.now() - startMs) / 60_000;
    let toldMinutes = 0;
    const { lived, broken } = await runSeeds(
      { first, count, ...(path !== undefined && { path }) },
      {
        processes: countOf("processes", values.processes, 64),
        brokenMost: countOf("broken", values.broken),
        onBroken: (seed) => console.log(`${brokenText(seed)}\n`),
        onProgress: (sofar) => {
          if (minutes() - toldMinutes < 0.5) return;
          toldMinutes = minutes();
          console.log(`${sofar} of ${count} worlds after ${minutes().toFixed(1)} min`);
        },
      },
    );
    const rate = Math.round(lived / minutes());
    console.log(
      `From seed ${first} on: ${lived} worlds in ${minutes().toFixed(1)} min, ${rate} a minute; ${broken.length} broken`,
    );
    return broken.length === 0 ? 0 : 1;
  });
}
