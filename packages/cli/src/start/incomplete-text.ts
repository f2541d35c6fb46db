/** Says which shards have no results, and why. The failures are printed as they are given; see `inShort`. */
export function incompleteText(missing: readonly number[], shards: number, failures: readonly string[]): string {
  const which = missing.length === 1 ? `shard ${missing[0]} has` : `shards ${missing.join(", ")} have`;
  const why = failures.length === 0 ? "no function says why" : failures.join("; ");
  return `${shards - missing.length} of ${shards} shards; ${which} no new results: ${why}`;
}

const mostCharacters = 160;

/** Shortens a failure to one line, because what a schema refuses can take a screen. */
export function inShort(failure: string): string {
  const line = failure.replaceAll(/\s+/g, " ");
  return line.length <= mostCharacters ? line : `${line.slice(0, mostCharacters)}…`;
}
