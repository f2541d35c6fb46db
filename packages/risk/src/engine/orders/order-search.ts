import type { NotMarginedPool } from "../../model/index.ts";
import type { Fills, OpenOrder, SearchedInstrument } from "./order-sides.ts";

/**
 * The amounts that a pool needs for fills, in pool currency. Their sum is what it must have now to have enough
 * after the fills.
 */
export interface Need {
  readonly initialMargin: number;
  /** By how much the fills reduce the balance that initial margin is held against, at least 0. Gains do not count. */
  readonly lost: number;
}

/** Fills, and the need that they cause. */
export interface WorstFills extends Need {
  readonly fills: readonly OpenOrder[];
}

/** The functions that a search prices fills with. */
export interface OrderPricing {
  /** The need without any fill. */
  readonly before: Need;
  readonly needAfter: (fills: readonly OpenOrder[]) => Need | NotMarginedPool;
  /**
   * Returns the losses of these fills alone by scenario, including what they lose at once. The scenarios of all units
   * stand in any fixed order.
   */
  readonly lossesOf: (fills: readonly OpenOrder[]) => Float64Array;
}

/** The number of books that a search may still margin. */
export interface TriesLeft {
  tries: number;
}

/** Returns how many choices there are of one alternative or none for each instrument. */
export function countSubsets(group: readonly SearchedInstrument[]): number {
  return group.reduce((count, { alternatives }) => count * (1 + alternatives.length), 1);
}

export function needOf({ initialMargin, lost }: Need): number {
  return initialMargin + lost;
}

/**
 * Finds the fills of one group that need most, by trying every subset. They are empty if no subset needs more than is
 * needed without fills.
 */
export function tryEverySubset(
  group: readonly SearchedInstrument[],
  { before, needAfter }: OrderPricing,
): WorstFills | NotMarginedPool {
  let worst: WorstFills = { ...before, fills: [] };
  for (const fills of subsets(group)) {
    const need = needAfter(fills);
    if ("status" in need) return need;
    if (needOf(need) > needOf(worst)) worst = { ...need, fills };
  }
  return worst;
}

/** Yields every choice of one alternative or none for each instrument, except the choice of none at all. */
function* subsets(instruments: readonly SearchedInstrument[]): Generator<readonly OpenOrder[]> {
  const [first, ...rest] = instruments;
  if (first === undefined) return;
  yield* subsets(rest);
  for (const fills of first.alternatives) {
    yield fills;
    for (const others of subsets(rest)) yield [...fills, ...others];
  }
}

/** The chosen fills of each instrument of a group, or null for none. */
type Choice = readonly (Fills | null)[];

/**
 * Finds the fills of one group that need most, where the group is too large to try every subset. In one scenario the
 * worst subset is all fills that lose in it. So the worst of these subsets, one for each scenario, has the greatest
 * scan risk of all. Each of them is margined in full. From the dearest one on, single instruments are changed for as
 * long as that makes it dearer, to account for charges beside the scan. The answer is exact in the scan, and no change
 * of one instrument needs more. If the tries end first, `isStopped` is true and the answer is what was found by then.
 */
export function searchByScenario(
  group: readonly SearchedInstrument[],
  { before, needAfter, lossesOf }: OrderPricing,
  left: TriesLeft,
): (WorstFills & { readonly isStopped: boolean }) | NotMarginedPool {
  let worst: WorstFills & { readonly choice: Choice } = { ...before, fills: [], choice: group.map(() => null) };
  let isStopped = false;
  let refusal: NotMarginedPool | null = null;
  const isDearer = (choice: Choice): boolean => {
    if (left.tries === 0) isStopped = true;
    if (isStopped || refusal !== null) return false;
    left.tries -= 1;
    const fills = choice.flatMap((some) => some ?? []);
    const need = needAfter(fills);
    if ("status" in need) refusal = need;
    else if (needOf(need) > needOf(worst)) {
      worst = { ...need, fills, choice };
      return true;
    }
    return false;
  };
  for (const choice of choicesByScenario(group, lossesOf)) isDearer(choice);
  let hasImproved = true;
  while (hasImproved) {
    hasImproved = false;
    for (const [index, { alternatives }] of group.entries()) {
      for (const fills of [null, ...alternatives]) {
        if (fills !== worst.choice[index] && isDearer(worst.choice.with(index, fills))) hasImproved = true;
      }
    }
  }
  return refusal ?? { ...worst, isStopped };
}

/**
 * Returns the choice of each scenario: for each instrument, the fills that lose most in it, or none if no fills lose.
 * Each choice is listed once.
 */
function choicesByScenario(group: readonly SearchedInstrument[], lossesOf: OrderPricing["lossesOf"]): Choice[] {
  const losses = group.map(({ alternatives }) => alternatives.map((fills) => ({ fills, losses: lossesOf(fills) })));
  const scenarioCount = losses[0]?.[0]?.losses.length ?? 0;
  const choices = new Map<string, Choice>();
  for (let scenario = 0; scenario < scenarioCount; scenario += 1) {
    const picked = losses.map((some) =>
      some.reduce(
        (most, { losses: own }, place) => (own[scenario]! > most.loss ? { loss: own[scenario]!, place } : most),
        { loss: 0, place: -1 },
      ),
    );
    const name = picked.map(({ place }) => place).join();
    choices.set(
      name,
      picked.map(({ place }, index) => losses[index]![place]?.fills ?? null),
    );
  }
  return [...choices.values()];
}
