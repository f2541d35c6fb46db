import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
const examples = join(repository, "packages/risk/examples");
const folder = mkdtempSync(join(tmpdir(), "plimsoll-library-"));
afterAll(() => rmSync(folder, { recursive: true }));

const node = (...words: string[]) => execFileSync(process.execPath, words, { cwd: folder, encoding: "utf8" });

/** A folder of someone else, who has installed the risk package and nothing more. */
beforeAll(() => {
  const installed = join(folder, "node_modules/@plimsoll/risk");
  mkdirSync(installed, { recursive: true });
  node(join(repository, "packages/risk/build-library.ts"), installed);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
}, 120_000);

describe("the risk package in another program", () => {
  it.each(readdirSync(examples))("runs %s as JavaScript and says what it says here", (example) => {
    copyFileSync(join(examples, example), join(folder, example));
    const said = node("--no-experimental-strip-types", example);
    expect(said).toBe(node(join(examples, example)));
    expect(JSON.parse(said)).toMatchObject({
      premium: expect.closeTo(2_638.606949, 6),
      impliedVolatility: expect.closeTo(0.55, 12),
      margins: { portfolio: { initialMargin: expect.closeTo(8_673.118758, 6) }, static: { initialMargin: 42_000 } },
    });
  });

  // Seen to fail: whatever folder was named was deleted first, the sources of this package too.
  it("is not built over a folder that holds anything else", () => {
    const kept = join(folder, "kept");
    mkdirSync(kept);
    writeFileSync(join(kept, "package.json"), '{ "name": "@plimsoll/risk", "exports": { ".": "./src/index.ts" } }');
    const build = () => node(join(repository, "packages/risk/build-library.ts"), kept);
    expect(build).toThrow(/holds something else: name a folder that is not there/);
    expect(readdirSync(kept)).toEqual(["package.json"]);
  });

  it("has its types", () => {
    const use = (sign: string) => `import { black76Price, type Pool } from "@plimsoll/risk";
export const price: number = black76Price(${sign}, 100, 100, 0.5, 0.3, 1);
export const method: Pool["methodId"] = "span";
`;
    const compile = (text: string) => {
      writeFileSync(join(folder, "use.ts"), text);
      const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", ""];
      node(join(repository, "node_modules/typescript/bin/tsc"), ...options, "use.ts");
    };
    compile(use("1"));
    expect(() => compile(use("2"))).toThrow(/Command failed/);
  });
});
