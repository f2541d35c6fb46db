/** Deepest nesting of a body that is accepted. The deepest contract needs eight levels. */
const depthLimit = 32;

/**
 * Looks over a JSON text before it is parsed. Returns what makes it unacceptable: nesting that is too deep, or an object
 * that names a member twice, of which readers would take different ones. Returns null if there is neither; whether the
 * text is JSON at all is for the parser to say.
 */
export function findJsonFault(text: string): { readonly field: string; readonly remedy: string } | null {
  /** The names of each open object so far; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let index = 0; index < text.length; index += 1) {
    switch (text[index]) {
      case "{":
      case "[":
        open.push(text[index] === "{" ? new Set() : null);
        if (open.length > depthLimit) return { field: "$", remedy: `at most ${depthLimit} levels of nesting` };
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case '"': {
        const end = endOfString(text, index);
        const names = open.at(-1);
        if (names && isFollowedByColon(text, end)) {
          const name = nameIn(text.slice(index, end));
          if (names.has(name)) return { field: name.slice(0, 200), remedy: "each member of an object only once" };
          names.add(name);
        }
        index = end - 1;
        break;
      }
    }
  }
  return null;
}

/** Returns the index behind a string that begins at `start`, or behind the text if it never ends. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function isFollowedByColon(text: string, end: number): boolean {
  let index = end;
  while (" \t\r\n".includes(text[index] ?? "x")) index += 1;
  return text[index] === ":";
}

/** Returns the name that a JSON string spells, so that an escaped spelling counts as the same name. */
function nameIn(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
