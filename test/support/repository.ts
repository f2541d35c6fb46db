import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. Paths below are from here. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The names of the packages' folders. */
export const packageFolders: readonly string[] = readdirSync(join(root, "packages"));

/** The TypeScript files under a folder, without what is installed and declarations, which are no code. */
export const filesUnder = (folder: string) => filesMatching(folder, /(?<!\.d)\.ts$/);

/** The files under a folder whose names match, without what is installed. */
export function filesMatching(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const texts = new Map<string, string>();

/** The text of a file, read once. */
export function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(join(root, file), "utf8");
  texts.set(file, text);
  return text;
}

/** Names every page for readers: those at the top, those of packages and of the fixtures, and all below docs. */
export const readPages = (): readonly string[] => [
  "README.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "test/fixtures/README.md",
  ...packageFolders.map((name) => `packages/${name}/README.md`),
  ...filesMatching("docs", /\.md$/),
];
