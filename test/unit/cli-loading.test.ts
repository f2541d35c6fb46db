import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const recorder = pathToFileURL(join(root, "test/support/print-loaded-modules.ts")).href;

/** The Node that the command runs on: this one, or the one that `npm ci` installs. */
const node =
  Number(process.versions.node.split(".")[0]) >= 24
    ? process.execPath
    : join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node");

/** Paths below the repository of what a command loads, without the modules of Node and the command's own first file. */
function loadedBy(...words: readonly string[]): string[] {
  const command = join(root, "packages/cli/bin/plimsoll.js");
  const run = spawnSync(node, ["--import", recorder, command, ...words], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  const urls = String(run.output[3]).split("\n");
  return urls.filter((url) => url.startsWith("file:")).map((url) => relative(root, fileURLToPath(url)));
}

/** What tells the words of every command: no code of a command, and of the packages below the error that they all have. */
const helpAndOutput = [
  /^packages\/cli\/bin\/plimsoll\.js$/,
  /^packages\/cli\/src\/(main|errors)\.ts$/,
  /^packages\/cli\/src\/(help|output)\//,
  /^packages\/files\/src\/input-error\.ts$/,
  /^node_modules\/(commander|yoctocolors)\//,
];

const beside = (paths: readonly string[], allowed: readonly RegExp[]) =>
  paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));

describe("what a command loads", () => {
  // Seen to fail with a value of the risk room imported in help/margin.ts, and with the action of help/gaps.ts imported at its top.
  it.each(["--help", "--version", "start --help", "help backtest", "parameters approve --help"])(
    "is its help alone where only that is asked for: %s",
    (line) => {
      const paths = loadedBy(...line.split(" "));
      expect(paths).toContain("packages/cli/src/help/margin.ts");
      expect(beside(paths, helpAndOutput)).toEqual([]);
    },
  );

  it("is the risk room, and no command's code, where the help lists the methods", () => {
    const paths = loadedBy("margin", "--help");
    expect(paths).toContain("packages/risk/src/index.ts");
    expect(beside(paths, [...helpAndOutput, /^packages\/risk\/src\//])).toEqual([]);
  });

  it("is nothing of AWS, the stage or another program where a portfolio is margined", () => {
    const paths = loadedBy("margin", "packages/cli/examples/portfolio.json", "--market", "sample");
    expect(paths).toContain("packages/markets/src/sample/market.ts");
    const others = /@aws-sdk|@smithy|fauxqs|^packages\/(store|local|runtime|backtest|conformance|span-files)\//;
    expect(paths.filter((path) => others.test(path))).toEqual([]);
    expect(paths.filter((path) => path.startsWith("packages/cli/src/commands/"))).toEqual([
      "packages/cli/src/commands/margin.ts",
    ]);
  });
});
