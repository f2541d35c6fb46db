import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { EvaluationError, evaluateStacks } from "@plimsoll/local";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { graphOf, named } from "../support/stages.ts";

const run = promisify(execFile);
const checkout = join(import.meta.dirname, "..", "..");

/** A checkout of its own with the platform and packages of this one. */
let root: string;

beforeAll(async () => {
  await graphOf("local");
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "plimsoll-evaluation-"));
  await mkdir(join(root, ".sst"));
  await symlink(join(checkout, ".sst", "platform"), join(root, ".sst", "platform"));
  await symlink(join(checkout, "node_modules"), join(root, "node_modules"));
  await write("package.json", `{ "type": "module" }`);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const configWith = (body: string) =>
  write(
    "sst.config.ts",
    `export default $config({
      app: () => ({ name: "other", home: "aws" }),
      async run() { ${body} },
    });`,
  );

const hello = `new sst.aws.Function("Hello", { handler: "functions/hello.greet", nodejs: { minify: true } });`;

describe("evaluateStacks", () => {
  it("gives the same graph each time, so that a stage finds its data again", async () => {
    const again = await evaluateStacks({ stage: "local", bundles: "skip" });
    expect(again).toEqual(await graphOf("local"));
  });

  it("is plain JSON", async () => {
    const graph = await graphOf("local");
    expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
  });

  it("gives links to functions as SST's reader takes them from the environment", async () => {
    const graph = await graphOf("local");
    const { environment } = named(graph.functions, "PublishCalls");
    expect(JSON.parse(environment.SST_RESOURCE_App ?? "")).toEqual({ name: "plimsoll", stage: "local" });
    expect(JSON.parse(environment.SST_RESOURCE_NotifyTable ?? "")).toEqual({
      name: named(graph.tables, "Notify").name,
      type: "sst.sst.Linkable",
    });
    expect(JSON.parse(environment.SST_RESOURCE_AccountTopics ?? "")).toEqual({
      arnPrefix: "arn:aws:sns:us-east-1:000000000000:plimsoll-local-account-",
      type: "sst.sst.Linkable",
    });
    // With these SST's reader would look for a file that only a deployed function has.
    expect(Object.keys(environment).filter((name) => name.startsWith("SST_KEY"))).toEqual([]);
  });

  it.each(["", "Local", "a b", "-a", "pr_7", "../x", "x".repeat(33)])("refuses the stage name %j", async (stage) => {
    await expect(evaluateStacks({ stage, bundles: "skip" })).rejects.toThrow(EvaluationError);
    await expect(evaluateStacks({ stage, bundles: "skip" })).rejects.toThrow(`stage is ${JSON.stringify(stage)}`);
  });

  it("builds handlers as Lambda takes them: one ES module each, with its source map", async () => {
    await configWith(hello);
    await write("functions/words.ts", `export const words: readonly string[] = ["hello"];`);
    await write(
      "functions/hello.ts",
      `import { words } from "./words.ts";
       export async function greet(name: string): Promise<string> { return \`\${words[0]} \${name} from \${require("node:os").EOL.length > 0}\`; }`,
    );
    const graph = await evaluateStacks({ stage: "local", root });
    const greeter = named(graph.functions, "Hello");
    const path = join(root, ".plimsoll", "build", "local", "Hello", "bundle.mjs");
    expect(greeter).toMatchObject({ bundlePath: path, exportName: "greet", handler: "functions/hello.greet" });
    expect(greeter.bundleBytes).toBe((await readFile(path)).byteLength);
    expect(graph.buildMs).toBeGreaterThan(0);

    // Alone in a folder, as on Lambda, it must still load.
    const alone = await mkdtemp(join(tmpdir(), "plimsoll-bundle-"));
    await cp(dirname(path), alone, { recursive: true });
    const { stdout } = await run(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { greet } from ${JSON.stringify(join(alone, "bundle.mjs"))}; console.log(await greet("you"))`,
    ]);
    await rm(alone, { recursive: true });
    expect(stdout).toBe("hello you from true\n");
    const map = JSON.parse(await readFile(`${path}.map`, "utf8")) as { sources: string[] };
    expect(map.sources.map((source) => source.replace(/^(\.\.\/)+/, "")).sort()).toEqual([
      "functions/hello.ts",
      "functions/words.ts",
    ]);
  });

  it("builds again what has changed, and only then", async () => {
    await configWith(hello);
    const greeting = (word: string) => write("functions/hello.ts", `export const greet = () => "${word}";`);
    const build = async () => {
      const graph = await evaluateStacks({ stage: "local", root });
      return { buildMs: graph.buildMs, text: await readFile(named(graph.functions, "Hello").bundlePath ?? "", "utf8") };
    };
    await greeting("hello");
    const first = await build();
    expect(first.buildMs).toBeGreaterThan(0);
    expect(await build()).toEqual({ ...first, buildMs: 0 });

    await greeting("goodbye");
    const changed = await build();
    expect(changed.buildMs).toBeGreaterThan(0);
    expect(changed.text).toContain("goodbye");

    const bundle = join(root, ".plimsoll", "build", "local", "Hello", "bundle.mjs");
    await writeFile(bundle, "");
    expect((await build()).text).toBe(changed.text);
  });

  it.each([
    ["a handler that is not there", hello, "functions/hello.ts"],
    ["an error of the stack's own", `throw new Error("the tide is out");`, "the tide is out"],
    ["an error in a callback", `$output(1).apply(() => { throw new Error("later tide"); });`, "later tide"],
    ["SST's own refusal", `new sst.aws.Function("App", { handler: "a.b" });`, `"App" is reserved`],
    ["a lookup that has no answer yet", `aws.iam.getRole({ name: "x" });`, "aws:iam/getRole:getRole"],
  ])("says what is wrong: %s", async (_, body, message) => {
    await configWith(body);
    const evaluation = evaluateStacks({ stage: "local", root });
    await expect(evaluation).rejects.toThrow(EvaluationError);
    await expect(evaluation).rejects.toThrow(message);
  });
});

describe("the platform of SST", () => {
  const evaluate = (onProgress = (_message: string) => {}) =>
    evaluateStacks({ stage: "local", bundles: "skip", root, onProgress });

  it("needs the packages first", async () => {
    await rm(join(root, "node_modules"));
    await expect(evaluate()).rejects.toMatchObject({
      name: "PlatformError",
      message: "The package sst is not installed. Run npm ci first.",
    });
  });

  it("is replaced when it is of another version, and what failed is said where it cannot be", async () => {
    await rm(join(root, "node_modules"));
    await write("node_modules/sst/package.json", `{ "version": "99.0.0" }`);
    await write("node_modules/.bin/sst", "#!/bin/sh\necho no route to the registry >&2\nexit 1\n");
    await run("chmod", ["+x", join(root, "node_modules/.bin/sst")]);
    const progress: string[] = [];
    const refusal = evaluate((message) => progress.push(message));
    await expect(refusal).rejects.toThrow(/SST 99\.0\.0.*npm's registry.*\n.*no route to the registry/s);
    expect(progress).toEqual([expect.stringMatching(/^Replacing SST 4\.17\.1's components by 99\.0\.0's/)]);
  });
});
