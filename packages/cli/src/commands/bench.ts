import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { CommandError } from "../errors.ts";
import { ownLines } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";

const runner = fileURLToPath(new URL("../../../../test/bench/run.ts", import.meta.url));

interface BenchOptions {
  readonly endToEnd: boolean;
  readonly chain?: string;
  readonly accounts?: string;
  readonly positions?: string;
}

const examples = `
Examples:
  $ plimsoll bench > bench.json
  $ plimsoll bench --no-end-to-end

The comparisons are ratios of two programs in one run, so that a slower machine changes both. Nothing is decided by them:
the targets stand beside the figures.`;

export function addBenchCommand(program: Command, terminal: Terminal): void {
  program
    .command("bench")
    .summary("measure kernels against a plain baseline, every method, and a whole sweep on the emulators")
    .description("Prints one JSON object with the measurements.")
    .option("--no-end-to-end", "leave out the whole sweep on the local stage: end_to_end is null then")
    .option("--chain <file>", "chain for the methods and the whole sweep (the recorded one of the tests when left out)")
    .option("--accounts <n>", "accounts of the whole sweep (10000 when left out)")
    .option("--positions <n>", "positions of each account (20 when left out)")
    .addHelpText("after", examples)
    .action((options: BenchOptions) => bench(options, terminal));
}

async function bench(options: BenchOptions, terminal: Terminal): Promise<void> {
  if (!existsSync(runner))
    throw new CommandError(`${runner} is missing: benchmarks run in a checkout of the repository`);
  const words = [
    ...(options.endToEnd ? [] : ["--no-end-to-end"]),
    ...(["chain", "accounts", "positions"] as const).flatMap((name) => {
      const value = options[name];
      return value === undefined ? [] : [`--${name}`, value];
    }),
  ];
  const child = spawn(process.execPath, [runner, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.setEncoding("utf8").on("data", (text: string) => terminal.out(ownLines(text, false)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => terminal.err(ownLines(text, false)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new CommandError(`the benchmark ended with code ${code}: its message is above`);
}
