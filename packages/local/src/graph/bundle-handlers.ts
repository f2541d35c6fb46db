import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import type { BuildRequest } from "./rpc-server.ts";

/** A built handler. */
export interface HandlerBundle {
  /** Absolute path of the ES module. */
  readonly path: string;
  readonly bytes: number;
}

/** All handlers of a stage, built in one run so that what they share is read once. */
export interface HandlerBundles {
  /** By the name of the function. */
  readonly byFunction: ReadonlyMap<string, HandlerBundle>;
  readonly buildMs: number;
}

/** Names that SST puts before each bundle, for CommonJS packages inside it. */
const BANNER = [
  `import { createRequire as topLevelCreateRequire } from "module";`,
  "const require = topLevelCreateRequire(import.meta.url);",
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  "const __filename = topLevelFileUrlToPath(import.meta.url)",
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
].join("\n");

/** The module of a handler: its path without the export, and `.ts`. */
export function handlerFile(handler: string): string {
  return `${handler.slice(0, handler.lastIndexOf("."))}.ts`;
}

/** The export of a handler. */
export function handlerExport(handler: string): string {
  return handler.slice(handler.lastIndexOf(".") + 1);
}

/**
 * Builds each function's handler to `<directory>/<Function>/bundle.mjs` with the options that SST's command line uses for
 * `nodejs24.x`. Everything that was in `directory` is removed first.
 */
export async function bundleHandlers(
  root: string,
  directory: string,
  requests: readonly BuildRequest[],
): Promise<HandlerBundles> {
  const begunAt = performance.now();
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
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
    minify: commonOption(requests, "minify") ?? false,
    sourcemap: "linked",
    banner: { js: BANNER },
    metafile: true,
    logLevel: "silent",
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, { bytes }]) => [join(root, path), bytes]));
  const byFunction = new Map(
    requests.map(({ functionID }): [string, HandlerBundle] => {
      const path = join(directory, functionID, "bundle.mjs");
      const bytes = outputs.get(path);
      if (bytes === undefined) throw new Error(`esbuild wrote no bundle for ${functionID} at ${path}.`);
      return [functionID, { path, bytes }];
    }),
  );
  return { byFunction, buildMs: performance.now() - begunAt };
}

/** One run has one set of options, so functions that differ in one are refused rather than built the wrong way. */
function commonOption(requests: readonly BuildRequest[], option: "minify"): boolean | undefined {
  const values = new Set(requests.map(({ properties }) => properties[option]));
  if (values.size > 1)
    throw new Error(`Functions differ in nodejs.${option}; give all of them the same in stacks/functions.ts.`);
  return [...values][0];
}
