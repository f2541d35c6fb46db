import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../fixtures/", import.meta.url));

/**
 * Returns the path of a file or folder of test/fixtures. Throws if it is missing, so that no test passes without its
 * data.
 */
export function fixturePath(relativePath: string): string {
  const path = `${root}${relativePath}`;
  if (!existsSync(path)) throw new Error(`Test data ${relativePath} is missing: expected it at ${path}`);
  return path;
}

/** Returns the parsed content of a JSON file of test/fixtures. */
export function readFixtureJson(relativePath: string): unknown {
  return JSON.parse(readFileSync(fixturePath(relativePath), "utf8"));
}
