#!/usr/bin/env node
// Plain JavaScript for Node 20: the command itself is TypeScript and runs on the Node 24 that `npm ci` installs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededMajor = 24;

if (Number(process.versions.node.split(".")[0]) >= neededMajor) {
  // Keeps the compiled modules, without their types, for the next start; where the folder cannot be written, nothing is kept.
  module.enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/plimsoll", import.meta.url)));
  const { runProcess } = await import("../src/main.ts");
  await runProcess();
} else {
  runOnInstalledNode();
}

function runOnInstalledNode() {
  const binary = installedNode();
  if (binary === undefined) {
    console.error(
      `plimsoll needs Node ${neededMajor}; this is ${process.version} and the node package is not installed: ` +
        `run "npm ci" in the repository, or install Node ${neededMajor}.`,
    );
    process.exit(1);
  }
  const child = spawn(binary, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both processes: this one waits for the other to stop cleanly.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", (error) => {
    console.error(`${binary} does not start (${error.message}): run "npm ci" again.`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

function installedNode() {
  try {
    const home = dirname(module.createRequire(import.meta.url).resolve("node/package.json"));
    return [join(home, "bin", "node"), join(home, "bin", "node.exe")].find(existsSync);
  } catch {
    return undefined;
  }
}
