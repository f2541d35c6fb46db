/**
 * Asked between two units of a long computation; false ends it. The kernel has no clock: whoever has one says how long. What is
 * computed to its end is the same bits whatever was allowed, as no unit depends on how many more there may be.
 */
export type MayGoOn = () => boolean;

/** A computation that was ended before it had its answer: no number rather than a wrong one. */
export interface Stopped {
  readonly status: "stopped";
}

/** Runs to its end, or for as long as it may go on. */
export interface Stoppable<Arguments extends unknown[], Result> {
  (...given: Arguments): Result;
  (...given: [...Arguments, mayGoOn: MayGoOn]): Result | Stopped;
}

/** For whoever waits as long as it takes. */
export const asLongAsItTakes: MayGoOn = () => true;

class WorkStopped extends Error {
  override readonly name = "WorkStopped";
}

/** Ends the computation around it, see `unlessStopped`, unless it may go on. */
export function checkpoint(mayGoOn: MayGoOn): void {
  if (!mayGoOn()) throw new WorkStopped();
}

/** What a computation with checkpoints comes to. */
export function unlessStopped<Result>(compute: () => Result): Result | Stopped {
  try {
    return compute();
  } catch (error) {
    if (error instanceof WorkStopped) return { status: "stopped" };
    throw error;
  }
}
