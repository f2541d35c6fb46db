import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../shared/", import.meta.url));

/**
 * Path in the folder of whole recordings beside the checkout, which only the tests here need; throws when it is
 * missing, so that no test passes without its data.
 */
export function sharedPath(relativePath: string): string {
  const path = `${root}${relativePath}`;
  if (!existsSync(path)) {
    throw new Error(
      `Test data ${relativePath} is missing: expected it at ${path}, in the shared folder beside the checkout`,
    );
  }
  return path;
}
