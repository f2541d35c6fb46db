import { readFileSync } from "node:fs";

/** What `aws resourcegroupstaggingapi get-resources` answers, as far as it matters here. */
export interface TaggedResources {
  readonly ResourceTagMappingList: readonly {
    readonly ResourceARN: string;
    readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
  }[];
}

/** Previews only, whatever the tags say: nothing here may ever name production or somebody's own stage. */
const previewName = /^pr-([1-9]\d*)$/;

/**
 * Stages to remove: previews whose pull request is not open, and those that have passed the day they were last deployed to
 * live until (UTC, see stageTags). A resource without that day has no say about it. Sorted by pull request.
 */
export function findExpiredPreviews(
  { ResourceTagMappingList: resources }: TaggedResources,
  openPullRequests: ReadonlySet<number>,
  today: string,
): string[] {
  const expiries = new Map<string, string>();
  for (const { ResourceARN, Tags } of resources) {
    // AWS deletes a key days after its stage, and lists it until then.
    if (ResourceARN.startsWith("arn:aws:kms:")) continue;
    const tags = new Map(Tags.map(({ Key, Value }) => [Key, Value]));
    const stage = tags.get("plimsoll:stage") ?? "";
    if (tags.get("plimsoll:kind") !== "preview" || !previewName.test(stage)) continue;
    const expiresOn = tags.get("plimsoll:expires-on") ?? "";
    const known = expiries.get(stage) ?? "";
    expiries.set(stage, expiresOn > known ? expiresOn : known);
  }
  const pullRequestOf = (stage: string) => Number(previewName.exec(stage)?.[1]);
  return [...expiries]
    .filter(([stage, expiresOn]) => {
      const isOpen = openPullRequests.has(pullRequestOf(stage));
      return !isOpen || (expiresOn !== "" && expiresOn < today);
    })
    .map(([stage]) => stage)
    .sort((a, b) => pullRequestOf(a) - pullRequestOf(b));
}

/** Numbers of pull requests, one a line; anything else would make an open one look closed, so it is refused. */
export function readPullRequests(text: string): Set<number> {
  const lines = text.split("\n").filter((line) => line !== "");
  const bad = lines.find((line) => !/^[1-9]\d*$/.test(line));
  if (bad !== undefined)
    throw new Error(`Open pull requests: ${JSON.stringify(bad)} is no number; one a line is expected`);
  return new Set(lines.map(Number));
}

if (import.meta.main) {
  const [resourcesFile = "", pullRequestsFile = ""] = process.argv.slice(2);
  const resources = JSON.parse(readFileSync(resourcesFile, "utf8")) as TaggedResources;
  const open = readPullRequests(readFileSync(pullRequestsFile, "utf8"));
  const today = new Date().toISOString().slice(0, 10);
  process.stdout.write(`${JSON.stringify(findExpiredPreviews(resources, open, today))}\n`);
}
