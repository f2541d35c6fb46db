import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InputError } from "@plimsoll/files/input-error";
import { ownLines } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";

const runner = fileURLToPath(new URL("../../../../test/bench/run.ts", import.meta.url));

export interface BenchOptions {
  readonly endToEnd: boolean;
  readonly chain?: string;
  readonly accounts?: string;
  readonly positions?: string;
}

export async function bench(options: BenchOptions, terminal: Terminal): Promise<void> {
  if (!existsSync(runner)) throw new InputError(`${runner} is missing: benchmarks run in a checkout of the repository`);
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
  if (code !== 0) throw new InputError(`the benchmark ended with code ${code}: its message is above`);
}
