/** What a process keeps between invocations, for speed alone: none of it is needed for a right result. */
interface Kept {
  readonly clear: () => void;
}

const kept = new Map<new () => Kept, Kept>();

/**
 * The one of its kind that this process keeps from one invocation to the next; it is made when it is first asked for. A function
 * names the kinds that it uses, so that its bundle has no others.
 */
export function warm<Kind extends Kept>(kind: new () => Kind): Kind {
  const known = kept.get(kind);
  if (known !== undefined) return known as Kind;
  const made = new kind();
  kept.set(kind, made);
  return made;
}

/** Makes this process as one that has just started, for a test that lives the lives of many processes in one. */
export function startCold(): void {
  for (const one of kept.values()) one.clear();
}
