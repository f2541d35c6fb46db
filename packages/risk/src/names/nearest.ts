/** The number of names that a refusal offers. */
const offered = 3;

/** The greatest edit distance of a likely misspelling, as a share of the length of the given name. */
const farthestShare = 0.5;

/**
 * Returns the known names nearest to an unknown one, by edit distance without regard to case and then by name. It
 * returns none if no name is near.
 */
export function nearestNames(given: string, known: Iterable<string>): string[] {
  const best: { readonly name: string; readonly distance: number }[] = [];
  const farthest = Math.floor(farthestShare * Math.min(given.length, longestName));
  const text = given.slice(0, longestName).toUpperCase();
  for (const name of known) {
    const limit = best.length < offered ? farthest : best[offered - 1]!.distance;
    const distance = editDistance(text, name.slice(0, longestName).toUpperCase(), limit);
    if (distance > limit) continue;
    best.push({ name, distance });
    best.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
    best.length = Math.min(best.length, offered);
  }
  return best.map(({ name }) => name);
}

/** Returns the nearest names as the end of a remedy, or an empty text where there are none. */
export function nearestWords(given: string, known: Iterable<string>): string {
  const names = nearestNames(given, known);
  return names.length === 0 ? "" : `; the nearest known: ${names.join(", ")}`;
}

/** The longest id. Characters of a text beyond this length are ignored. */
const longestName = 64;

let beforeRow = new Uint8Array(longestName + 2);
let nextRow = new Uint8Array(longestName + 2);

/**
 * Returns the number of insertions, deletions and changes of a letter that lead from one name to the other. If it
 * exceeds `limit`, the result is limit + 1. The search covers only the part of the table that so few edits can reach,
 * so that thousands of far names cost little.
 */
function editDistance(a: string, b: string, limit: number): number {
  const beyond = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return beyond;
  for (let column = 0; column <= b.length; column += 1) beforeRow[column] = Math.min(column, beyond);
  for (let row = 1; row <= a.length; row += 1) {
    const from = Math.max(1, row - limit);
    const to = Math.min(b.length, row + limit);
    const letter = a.charCodeAt(row - 1);
    nextRow[from - 1] = from === 1 ? Math.min(row, beyond) : beyond;
    let least = nextRow[from - 1]!;
    for (let column = from; column <= to; column += 1) {
      const changed = beforeRow[column - 1]! + (letter === b.charCodeAt(column - 1) ? 0 : 1);
      const distance = Math.min(changed, beforeRow[column]! + 1, nextRow[column - 1]! + 1, beyond);
      nextRow[column] = distance;
      if (distance < least) least = distance;
    }
    if (to < b.length) nextRow[to + 1] = beyond;
    if (least > limit) return beyond;
    [beforeRow, nextRow] = [nextRow, beforeRow];
  }
  return beforeRow[b.length]!;
}
