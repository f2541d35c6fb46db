import type { MayGoOn } from "@plimsoll/risk";

/**
 * The fraction of an invocation's time at which each part of a pass must end, in the order of the work. Margins come
 * first, as they must never be lost. The call prices of new calls get what they leave. The time from 0.9 on is for
 * writing the results, which takes a second or two for a full shard.
 */
const partEnds = { margins: 0.6, ladders: 0.7, commits: 0.85, extras: 0.9 } as const;
export type PassPart = keyof typeof partEnds;

/** Most of a part's remaining time that one account gets, as a fraction. */
const SLICE_SHARE = 0.25;

/** Least slice, as a fraction of the whole time, since slices too small for any work would waste the part. */
const LEAST_SLICE_SHARE = 0.05;

/** The time of one invocation. */
export interface PassTime {
  /** Whether there is time left for a part of the pass. */
  readonly within: (part: PassPart) => boolean;
  /** Starts one account's slice of a part, and returns whether there is time left in it. */
  readonly slice: (part: PassPart) => MayGoOn;
}

/**
 * Divides an invocation's time. `remainingMs` returns the milliseconds that the platform leaves, and is called
 * repeatedly.
 */
export function passTime(remainingMs: () => number): PassTime {
  const wholeMs = remainingMs();
  const leftMs = (part: PassPart) => remainingMs() - (1 - partEnds[part]) * wholeMs;
  return {
    within: (part) => leftMs(part) > 0,
    slice: (part) => {
      const startMs = leftMs(part);
      const untilMs = startMs - Math.max(SLICE_SHARE * startMs, LEAST_SLICE_SHARE * wholeMs);
      return () => leftMs(part) > Math.max(0, untilMs);
    },
  };
}

/**
 * Works on accounts in order, each within a slice of the time. After that, the `large` ones, which are known to need
 * more than a slice, and those that just did not finish in theirs get all the time that is left, one after the other.
 * `work` returns whether it finished. The result says for each account that had its turn whether a slice was enough. An
 * account that was stopped in the time left over by others has not had its turn.
 */
export function inSlices<Item>(
  items: readonly Item[],
  part: PassPart,
  { within, slice }: PassTime,
  work: (item: Item, mayGoOn: MayGoOn) => boolean,
  large: readonly Item[] = [],
): Map<Item, "fits" | "large"> {
  const turns = new Map<Item, "fits" | "large">();
  for (const item of items) {
    if (!within(part)) return turns;
    turns.set(item, work(item, slice(part)) ? "fits" : "large");
  }
  const stopped = items.filter((item) => turns.get(item) === "large");
  for (const [index, item] of [...large, ...stopped].entries()) {
    if (!within(part)) return turns;
    const isInSlice = slice(part);
    const isDone = work(item, () => within(part));
    if (isDone || index === 0) turns.set(item, isDone && isInSlice() ? "fits" : "large");
  }
  return turns;
}
