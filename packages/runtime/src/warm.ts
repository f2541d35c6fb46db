/** A thing that a process keeps between invocations, only to be faster: no result depends on it. */
interface Kept {
  readonly clear: () => void;
}

const kept = new Map<new () => Kept, Kept>();

/**
 * Returns the only instance of a kind that this process keeps between invocations, and makes it at the first call. A
 * function names the kinds that it uses, so that its bundle contains no others.
 */
export function warm<Kind extends Kept>(kind: new () => Kind): Kind {
  const known = kept.get(kind);
  if (known !== undefined) return known as Kind;
  const made = new kind();
  kept.set(kind, made);
  return made;
}

/** Clears what the process keeps, as if it had just started. This is for tests that simulate many processes in one. */
export function startCold(): void {
  for (const one of kept.values()) one.clear();
}
