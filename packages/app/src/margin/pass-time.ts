import type { MayGoOn } from "@plimsoll/risk";

/**
 * Shares of an invocation's time by whose end each part of a pass over a shard has to be through, in the order of the work.
 * Margins come first, as they are what must never be lost; what they leave goes to the call prices of new calls. From 0.9 on
 * the results are written, which takes a second or two for a full shard.
 */
const partEnds = { margins: 0.6, ladders: 0.7, commits: 0.85, extras: 0.9 } as const;
export type PassPart = keyof typeof partEnds;

/** One account gets at most this share of what is left of a part, so that none costs all others theirs. */
const SLICE_SHARE = 0.25;

/** No slice is smaller than this share of the whole time: many that are too small for anything would waste the rest of a part. */
const LEAST_SLICE_SHARE = 0.05;

/** The time of one invocation. */
export interface PassTime {
  /** Whether a part of the pass may go on. */
  readonly within: (part: PassPart) => boolean;
  /** The same for one account's slice of the part, which starts now. */
  readonly slice: (part: PassPart) => MayGoOn;
}

/** `remainingMs` is what the platform leaves the invocation; it is asked again and again. */
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
 * Works on accounts in their order, each in a slice of the time. Then those for which a slice is too small get all that is left,
 * one after the other: `large`, which are known to be such, then those whose slice has just been. `work` says whether it came to
 * an end; the others stay without. Says of each that had its turn whether a slice was enough; to be stopped in what others left
 * of the time after the slices is no turn.
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
