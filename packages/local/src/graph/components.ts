import { createHash } from "node:crypto";
import { readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Platform } from "./platform.ts";

/**
 * The services of `@pulumi/aws` that the stacks and SST's components use. The whole package has 60 MB and takes longer
 * to load than everything else. A service missing here fails as "is not a constructor" during evaluation.
 */
const AWS_SERVICES = [
  "apigatewayv2",
  "cloudwatch",
  "dynamodb",
  "iam",
  "kms",
  "lambda",
  "s3",
  "scheduler",
  "sns",
  "sqs",
];

/** Parts of `@pulumi/aws` that are not services. */
const AWS_COMMON = ["config", "types", "utilities", "provider"];

/**
 * Packages that SST's components import but that an evaluation never uses: other clouds, uploads, code serialisation.
 */
const UNREACHED =
  /^(typescript|ts-node|vite|undici|execa|aws4fetch|@npmcli\/arborist|@logdna\/tail-file|@aws-sdk\/.*|@opentelemetry\/.*|@pulumi\/(cloudflare|command|docker-build|tls)|@pulumiverse\/.*)(\/.*)?$/;

/** Substitutes for packages that are called, with what an evaluation needs of them. */
const STAND_INS: Record<string, string> = {
  // SST minifies small scripts of its own while its modules load.
  esbuild: "module.exports = { transformSync: (code) => ({ code }) }",
  // SST zips each function for its upload. Nothing is uploaded, so the archive stays empty.
  archiver: `module.exports = () => {
    let target;
    return { on() {}, pipe(stream) { target = stream }, file() {}, append() {}, async finalize() { target.end() } };
  }`,
  glob: "module.exports = { glob: async () => [] }",
};

const slimPlatform: Plugin = {
  name: "slim-platform",
  setup(esbuild) {
    const standIn = (path: string) => ({ path, namespace: "stand-in" });
    esbuild.onResolve({ filter: /^(esbuild|archiver|glob)$/ }, ({ path }) => standIn(path));
    esbuild.onResolve({ filter: UNREACHED }, ({ path }) => standIn(path));
    esbuild.onResolve({ filter: /^\.\/[a-z0-9]+$/ }, ({ path, importer }) => {
      if (!importer.endsWith("/@pulumi/aws/index.js")) return undefined;
      const part = path.slice(2);
      return AWS_SERVICES.includes(part) || AWS_COMMON.includes(part) ? undefined : standIn(path);
    });
    esbuild.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({
      contents: STAND_INS[path] ?? "module.exports = {}",
      loader: "js",
    }));
  },
};

/** Names that CommonJS packages inside an ES module need, as in SST's own bundles. */
const COMMONJS_NAMES = `
import { createRequire as plimsollCreateRequire } from "node:module";
import { fileURLToPath as plimsollFileURLToPath } from "node:url";
const require = plimsollCreateRequire(import.meta.url);
const __filename = plimsollFileURLToPath(import.meta.url);
const __dirname = plimsollFileURLToPath(new URL(".", import.meta.url));`;

/**
 * Bundles SST's components and Pulumi into one module, once per version. Loading it takes about half a second, while
 * the 1,100 separate files take two or more. Returns the module's path. `$app` and `$cli` are read from `globalThis`.
 */
export async function bundleComponents(platform: Platform): Promise<string> {
  const recipe = createHash("sha256")
    .update(await readFile(import.meta.filename))
    .digest("hex")
    .slice(0, 8);
  const path = join(platform.directory, `plimsoll-${platform.version}-${recipe}.mjs`);
  if (await stat(path).catch(() => null)) return path;

  const unfinished = `${path}.${process.pid}`;
  await build({
    stdin: {
      contents: `
        export { run } from "./src/auto/run.ts";
        export * as globals from "./src/shim/run.js";
        export * as sst from "./src/components";
        export * as aws from "@pulumi/aws";
        export * as pulumi from "@pulumi/pulumi";`,
      resolveDir: platform.directory,
      sourcefile: "plimsoll-components.ts",
      loader: "ts",
    },
    outfile: unfinished,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2023",
    mainFields: ["module", "main"],
    define: { $app: "globalThis.$app", $cli: "globalThis.$cli", $dev: "false" },
    inject: [join(platform.directory, "src", "shim", "run.js")],
    banner: { js: COMMONJS_NAMES },
    plugins: [slimPlatform],
    logLevel: "error",
  });
  await rename(unfinished, path);
  return path;
}
