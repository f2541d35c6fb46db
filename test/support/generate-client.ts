import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

/*
 * Generates a client of an OpenAPI document with @hey-api/openapi-ts, which is none of our code: run it by Node with the
 * path of the document and the folder for the client.
 */

const ofClient = createRequire(new URL("../../packages/client/package.json", import.meta.url));
const typescript = { url: pathToFileURL(ofClient.resolve("typescript")).href, shortCircuit: true };

// The generator is written for TypeScript 5, while the repository is checked by a later one.
registerHooks({
  resolve: (specifier, context, next) => (specifier === "typescript" ? typescript : next(specifier, context)),
});

const [input = "", path = ""] = process.argv.slice(2);
const { createClient } = await import("@hey-api/openapi-ts");
await createClient({ input, output: { path, module: { extension: ".ts" } }, logs: { level: "warn" } });
