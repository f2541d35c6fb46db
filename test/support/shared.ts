import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const sharedRoot = fileURLToPath(new URL("../../../shared/", import.meta.url));

/** Path of a file in the shared folder beside the checkout; throws when it is missing, so that no test passes without its data. */
export function sharedPath(relativePath: string): string {
  const path = `${sharedRoot}${relativePath}`;
  if (!existsSync(path)) {
    throw new Error(
      `Test data ${relativePath} is missing: expected it at ${path}, in the shared folder beside the checkout`,
    );
  }
  return path;
}

/** Parsed JSON file of the shared folder. */
export function readSharedJson(relativePath: string): unknown {
  return JSON.parse(readFileSync(sharedPath(relativePath), "utf8"));
}
