import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { packageFolders, root } from "./repository.ts";

/** A change that a recipe asks for: text put before the one place where `before` stands, or a new file. */
export interface RecipeStep {
  readonly file: string;
  readonly before: string | null;
  readonly text: string;
}

/** What of the source is copied. */
export interface CopiedSource {
  /** The rooms that are compiled; the others are copied too, since some of these import them. */
  readonly rooms: readonly string[];
  /** Whether the functions and the tests are copied and compiled as well. */
  readonly withTests?: boolean;
}

/** A copy of the source that can be changed, compiled and run. Libraries are those of the checkout. */
export class SourceCopy {
  readonly root: string;
  readonly #include: readonly string[];

  constructor(name: string, { rooms, withTests = false }: CopiedSource) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), `plimsoll-${name}-`)));
    const all = packageFolders;
    for (const room of all) {
      const from = join(root, "packages", room);
      const to = join(this.root, "packages", room);
      cpSync(from, to, { recursive: true, filter: (path) => !/\/(node_modules|dist|fixtures)$/.test(path) });
      const own = join(from, "node_modules");
      if (existsSync(own)) symlinkSync(own, join(to, "node_modules"));
    }
    const tests = withTests ? ["functions", "stacks", ".github", "test", "vitest.config.ts"] : [];
    for (const path of tests) {
      const isSource = (from: string) => !from.endsWith("/fixtures") && !from.endsWith("/node_modules");
      cpSync(join(root, path), join(this.root, path), { recursive: true, filter: isSource });
    }
    this.#include = [
      ...rooms.map((room) => `packages/${room}/src`),
      ...tests.filter((path) => path !== "stacks" && path !== ".github"),
    ];
    const linked = join(this.root, "node_modules");
    mkdirSync(join(linked, "@plimsoll"), { recursive: true });
    for (const library of readdirSync(join(root, "node_modules"))) {
      if (library !== "@plimsoll" && !library.startsWith("."))
        symlinkSync(join(root, "node_modules", library), join(linked, library));
    }
    for (const room of all) symlinkSync(join("..", "..", "packages", room), join(linked, "@plimsoll", room));
    for (const file of ["tsconfig.json", "package.json", "sst.config.ts"])
      cpSync(join(root, file), join(this.root, file));
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), text);
  }

  /** Makes the changes. Throws if a text stands in its file more or less than once. */
  apply(steps: readonly RecipeStep[]): void {
    for (const { file, before, text } of steps) {
      const source = before === null ? "" : this.read(file);
      const places = before === null ? 1 : source.split(before).length - 1;
      if (places !== 1) throw new Error(`${file} has ${places} times: ${before}`);
      this.write(file, before === null ? text : source.replace(before, () => text + before));
    }
  }

  /** Takes changes back: each file is as in the checkout, or gone where the checkout has none. */
  restore(files: readonly string[]): void {
    for (const file of files) {
      rmSync(join(this.root, file), { force: true });
      if (existsSync(join(root, file))) cpSync(join(root, file), join(this.root, file));
    }
  }

  /** The files in which the compiler finds a fault, of these folders or else of all that are compiled. */
  faultyFiles(include: readonly string[] = this.#include): string[] {
    const config = join(this.root, "tsconfig.copy.json");
    const compilerOptions = { incremental: false, tsBuildInfoFile: null };
    writeFileSync(config, JSON.stringify({ extends: "./tsconfig.json", compilerOptions, include }));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", config, "--pretty", "false"], {
      cwd: this.root,
      encoding: "utf8",
    });
    const files = [...stdout.matchAll(/^(\S+\.ts)\(\d+,\d+\): error/gm)].map((match) => match[1]!);
    if (status !== 0 && files.length === 0) throw new Error(`the compiler did not run: ${stdout}`);
    return [...new Set(files)].sort();
  }

  /** Bundles a script against the copy, runs it, and returns what it printed. */
  async run(script: string): Promise<string> {
    const bundle = join(this.root, "try-out.mjs");
    await build({
      stdin: { contents: script, resolveDir: this.root, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: bundle,
      logLevel: "silent",
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, [bundle], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
