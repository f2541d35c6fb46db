import type { Command } from "commander";
import type { BenchOptions } from "../commands/bench.ts";
import type { Terminal } from "../output/terminal.ts";

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
    .action(async (options: BenchOptions) => (await import("../commands/bench.ts")).bench(options, terminal));
}
