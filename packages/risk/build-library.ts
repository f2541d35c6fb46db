// Builds this package as plain JavaScript with its types, for programs outside of this repository: `npm run library -w
// packages/risk`. The folder `dist`, or the one that is named, is a package of its own: npm installs it from its path.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
const out = resolve(process.argv[2] ?? join(here, "dist"));

refuseForeign(out);
rmSync(out, { recursive: true, force: true });
const compiler = join(here, "../../node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", join(here, "tsconfig.library.json"), "--outDir", out], {
  stdio: "inherit",
});
const { name, version, license, type, sideEffects } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const exported = { ".": { types: "./index.d.ts", default: "./index.js" } };
writeFileSync(
  join(out, "package.json"),
  `${JSON.stringify({ name, version, license, type, sideEffects, private: true, exports: exported }, null, 2)}\n`,
);
copyFileSync(join(here, "README.md"), join(out, "README.md"));
cpSync(join(here, "examples"), join(out, "examples"), { recursive: true });

/** Ends the program if a folder holds anything but an earlier build of this package, which alone may be replaced. */
function refuseForeign(folder: string): void {
  const manifest = join(folder, "package.json");
  const isOwn = existsSync(manifest) && isLibrary(manifest);
  if (!existsSync(folder) || readdirSync(folder).length === 0 || isOwn) return;
  console.error(
    `${folder} holds something else: name a folder that is not there, or an earlier build of this package.`,
  );
  process.exit(2);
}

/** Whether a manifest is that of a build: the sources have the same name, and an `exports` of their own. */
function isLibrary(manifest: string): boolean {
  const { name: own, exports: listed } = JSON.parse(readFileSync(manifest, "utf8"));
  return own === "@plimsoll/risk" && listed?.["."]?.types === "./index.d.ts";
}
