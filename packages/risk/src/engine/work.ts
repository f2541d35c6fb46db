/**
 * A function that is asked between two steps of a long computation, which ends if it returns false. The kernel has no
 * clock, so the caller decides how long a computation may take. A computation that reaches its end gives the same bits
 * whatever was allowed, as no step depends on how many more may follow.
 */
export type MayGoOn = () => boolean;

/** The result of a computation that was stopped early. It has no number, as an unfinished one would be wrong. */
export interface Stopped {
  readonly status: "stopped";
}

/** A function that runs to its end or, if `mayGoOn` is given, only for as long as it may go on. */
export interface Stoppable<Arguments extends unknown[], Result> {
  (...given: Arguments): Result;
  (...given: [...Arguments, mayGoOn: MayGoOn]): Result | Stopped;
}

/** The `MayGoOn` of a caller that waits as long as the computation takes. */
export const asLongAsItTakes: MayGoOn = () => true;

class WorkStopped extends Error {
  override readonly name = "WorkStopped";
}

/** Stops the computation that `unlessStopped` runs around this call, unless it may go on. */
export function checkpoint(mayGoOn: MayGoOn): void {
  if (!mayGoOn()) throw new WorkStopped();
}

/** Runs a computation with checkpoints. Returns its result, or `Stopped` if a checkpoint stopped it. */
export function unlessStopped<Result>(compute: () => Result): Result | Stopped {
  try {
    return compute();
  } catch (error) {
    if (error instanceof WorkStopped) return { status: "stopped" };
    throw error;
  }
}
