import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildOptions, build, version as esbuildVersion } from "esbuild";
import { takeLock } from "./lock.ts";
import type { BuildRequest } from "./rpc-server.ts";

/** A built handler. */
export interface HandlerBundle {
  /** Absolute path of the ES module. */
  readonly path: string;
  readonly bytes: number;
}

/** All handlers of a stage. */
export interface HandlerBundles {
  /** By the logical name of the function. */
  readonly byFunction: ReadonlyMap<string, HandlerBundle>;
  /** Milliseconds that esbuild took; 0 if existing bundles were used. */
  readonly buildMs: number;
}

/** The lines that SST puts before each bundle, for CommonJS packages inside it. */
const BANNER = [
  `import { createRequire as topLevelCreateRequire } from "module";`,
  "const require = topLevelCreateRequire(import.meta.url);",
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
].join("\n");

/** Returns the file of a handler: its path without the export, with `.ts`. */
function handlerFile(handler: string): string {
  return `${handler.slice(0, handler.lastIndexOf("."))}.ts`;
}

/** Returns the name of the export of a handler. */
export function handlerExport(handler: string): string {
  return handler.slice(handler.lastIndexOf(".") + 1);
}

/**
 * Builds each function's handler to `<directory>/<Function>/bundle.mjs` with the options that SST's command line uses
 * for `nodejs24.x`, unless existing bundles are of the same sources. One run builds all of them, so that shared files
 * are read once.
 */
export async function bundleHandlers(
  root: string,
  directory: string,
  requests: readonly BuildRequest[],
): Promise<HandlerBundles> {
  await mkdir(directory, { recursive: true });
  await using _lock = await takeLock(join(directory, "lock"));
  const options = buildOptions(root, directory, requests);
  const recipe = JSON.stringify({ esbuild: esbuildVersion, options });
  const record = join(directory, "built.json");
  const built = await readRecord(record, recipe);
  const begunAt = performance.now();
  const bundles = built ?? (await buildAndRecord(options, recipe, record));
  return {
    byFunction: new Map(
      requests.map(({ functionID }): [string, HandlerBundle] => {
        const path = join(directory, functionID, "bundle.mjs");
        const bytes = bundles[path];
        if (bytes === undefined) throw new Error(`esbuild wrote no bundle for ${functionID} at ${path}.`);
        return [functionID, { path, bytes }];
      }),
    ),
    buildMs: built ? 0 : performance.now() - begunAt,
  };
}

function buildOptions(root: string, directory: string, requests: readonly BuildRequest[]) {
  return {
    absWorkingDir: root,
    entryPoints: requests.map(({ functionID, handler }) => ({
      in: handlerFile(handler),
      out: join(functionID, "bundle"),
    })),
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native"],
    keepNames: true,
    minify: commonMinify(requests),
    sourcemap: "linked",
    banner: { js: BANNER },
    metafile: true,
    logLevel: "silent",
  } as const satisfies BuildOptions;
}

/** Returns the common value of `minify`. One run has one set of options, so functions that differ are refused. */
function commonMinify(requests: readonly BuildRequest[]): boolean {
  const values = new Set(requests.map(({ properties }) => properties.minify ?? false));
  if (values.size > 1) throw new Error("Functions differ in nodejs.minify; give all of them the same.");
  return values.has(true);
}

/** The record of a build, stored beside the bundles. */
interface BuildRecord {
  readonly recipe: string;
  /** Stamp of each source file, by path. */
  readonly sources: Readonly<Record<string, string>>;
  /** Size of each bundle in bytes, by path. */
  readonly bundles: Readonly<Record<string, number>>;
}

async function buildAndRecord(
  options: ReturnType<typeof buildOptions>,
  recipe: string,
  record: string,
): Promise<BuildRecord["bundles"]> {
  const { absWorkingDir: root } = options;
  await rm(record, { force: true });
  const { metafile } = await build(options);
  // These files also determine which file an import resolves to.
  const settings = ["package-lock.json", "tsconfig.json"];
  const sources = [...Object.keys(metafile.inputs), ...settings].map((path) => join(root, path));
  const stamps = await Promise.all(sources.map(stampOf));
  const written: BuildRecord = {
    recipe,
    sources: Object.fromEntries(sources.map((path, index) => [path, stamps[index] ?? ""])),
    bundles: Object.fromEntries(Object.entries(metafile.outputs).map(([path, { bytes }]) => [join(root, path), bytes])),
  };
  await writeFile(record, JSON.stringify(written));
  return written.bundles;
}

/** Returns the bundles of an earlier build that is still valid, or undefined. */
async function readRecord(record: string, recipe: string): Promise<BuildRecord["bundles"] | undefined> {
  const text = await readFile(record, "utf8").catch(() => null);
  if (text === null) return undefined;
  const built = JSON.parse(text) as BuildRecord;
  if (built.recipe !== recipe) return undefined;
  const stamps = await Promise.all(Object.keys(built.sources).map(stampOf));
  const sizes = await Promise.all(Object.keys(built.bundles).map(sizeOf));
  const holds =
    Object.values(built.sources).every((stamp, index) => stamp === stamps[index]) &&
    Object.values(built.bundles).every((bytes, index) => bytes === sizes[index]);
  return holds ? built.bundles : undefined;
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found ? `${found.mtimeMs} ${found.size}` : "absent";
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? -1;
}
