// Builds this package as plain JavaScript with its types, for programs outside of this repository: `npm run library -w
// packages/risk`. The folder `dist`, or the one that is named, is a package of its own: npm installs it from its path.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
const out = resolve(process.argv[2] ?? join(here, "dist"));

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
