import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildDocument } from "@plimsoll/api/document";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { buildSchema, schemaFile } from "../../packages/client/build-schema.ts";
import { root } from "../support/repository.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-document-"));
afterAll(() => rmSync(folder, { recursive: true }));

const redocly = createRequire(import.meta.url).resolve("@redocly/cli/package.json");

/** What the linter says of a document, rule by rule. */
function lint(document: unknown): { ruleId: string; message: string }[] {
  const file = join(folder, "openapi.json");
  const config = join(folder, "redocly.yaml");
  writeFileSync(file, JSON.stringify(document));
  writeFileSync(config, "extends: [recommended-strict]\n");
  const words = [join(dirname(redocly), "bin/cli.js"), "lint", file, "--config", config, "--format", "json"];
  const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  let said: string;
  try {
    said = execFileSync(process.execPath, words, {
      encoding: "utf8",
      env: { ...process.env, ...quiet },
      stdio: "pipe",
    });
  } catch (error) {
    // It ends so where it found something.
    said = String((error as { stdout: unknown }).stdout);
  }
  return JSON.parse(said).problems;
}

describe("the document", () => {
  const document = buildDocument([{ url: "https://stage.example.org", description: "A stage" }]);

  it("passes the strict rules of a linter, without a warning", () => {
    expect(lint(document)).toEqual([]);
  });

  it("would not pass with an operation that has no summary and no answer of an error", () => {
    const { health } = { health: document.paths?.["/v1/health"]?.get };
    const { summary: _, responses, ...rest } = health!;
    const get = { ...rest, responses: { "200": responses!["200"] } };
    const broken = { ...document, paths: { ...document.paths, "/v1/health": { get } } };
    const rules = lint(broken).map(({ ruleId }) => ruleId);
    expect(rules.toSorted()).toEqual(["operation-4xx-response", "operation-summary"]);
  });
});

describe("the client", () => {
  it("has the types of the document as it is now: npm run client writes them", async () => {
    expect(readFileSync(schemaFile, "utf8")).toBe(await buildSchema());
  });

  // Seen to fail with createSigner exported by the main entry.
  it("is bundled for a browser, with nothing of Node or AWS and in few bytes", async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [join(root, "packages/client/src/index.ts")],
      bundle: true,
      format: "esm",
      platform: "browser",
      minify: true,
      write: false,
      metafile: true,
    });
    const inputs = Object.keys(metafile.inputs).filter((file) => !/packages\/client\/|openapi-fetch/.test(file));
    expect(inputs).toEqual([]);
    expect(outputFiles[0]!.contents.length).toBeLessThan(12_000);
  });
});
