const forgetters: (() => void)[] = [];

/**
 * Something that a process keeps from one invocation to the next, for speed alone: none of it is needed for a right result. It is
 * made when it is first asked for.
 */
export function keepWarm<Kept>(create: () => Kept): () => Kept {
  let kept: Kept | undefined;
  forgetters.push(() => {
    kept = undefined;
  });
  return () => {
    kept ??= create();
    return kept;
  };
}

/** Makes this process as one that has just started, for a test that lives the lives of many processes in one. */
export function startCold(): void {
  for (const forget of forgetters) forget();
}
