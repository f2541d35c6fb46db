const forgetters: (() => void)[] = [];

/** Has what a process keeps from one invocation to the next forgotten where it is to start anew. */
export function forgetOnStart(forget: () => void): void {
  forgetters.push(forget);
}

/** Makes this process as one that has just started, for who lives the lives of many processes in one. */
export function startCold(): void {
  for (const forget of forgetters) forget();
}
