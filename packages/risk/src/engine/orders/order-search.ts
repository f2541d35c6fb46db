import type { NotMarginedAccount } from "../../model/index.ts";
import type { Fills, OpenOrder, SearchedInstrument } from "./order-sides.ts";

/** What an account needs once fills have happened, pool currency: the most that it must have now to have enough then. */
export interface Need {
  readonly initialMargin: number;
  /** By how much the fills have lessened the balance that initial margin is held against, at least 0; gains do not count. */
  readonly lost: number;
}

/** Fills and what is needed for them. */
export interface WorstFills extends Need {
  readonly fills: readonly OpenOrder[];
}

/** What is needed after fills, and their losses by scenario. */
export interface OrderPricing {
  /** What is needed without any fill. */
  readonly before: Need;
  readonly needAfter: (fills: readonly OpenOrder[]) => Need | NotMarginedAccount;
  /** Losses of these fills alone by scenario, in any fixed order of all units' scenarios, with what they lose at once. */
  readonly lossesOf: (fills: readonly OpenOrder[]) => Float64Array;
}

/** Books that a search may still margin. */
export interface TriesLeft {
  tries: number;
}

/** How many choices there are of one alternative or none for each instrument. */
export function countSubsets(group: readonly SearchedInstrument[]): number {
  return group.reduce((count, { alternatives }) => count * (1 + alternatives.length), 1);
}

export function needOf({ initialMargin, lost }: Need): number {
  return initialMargin + lost;
}

/** The fills of one group that need most, by trying every subset; none when none need more than is needed without. */
export function tryEverySubset(
  group: readonly SearchedInstrument[],
  { before, needAfter }: OrderPricing,
): WorstFills | NotMarginedAccount {
  let worst: WorstFills = { ...before, fills: [] };
  for (const fills of subsets(group)) {
    const need = needAfter(fills);
    if ("status" in need) return need;
    if (needOf(need) > needOf(worst)) worst = { ...need, fills };
  }
  return worst;
}

/** Every choice of one alternative or none for each instrument, but the choice of none at all. */
function* subsets(instruments: readonly SearchedInstrument[]): Generator<readonly OpenOrder[]> {
  const [first, ...rest] = instruments;
  if (first === undefined) return;
  yield* subsets(rest);
  for (const fills of first.alternatives) {
    yield fills;
    for (const others of subsets(rest)) yield [...fills, ...others];
  }
}

/** For each instrument of a group the fills of it, or null. */
type Choice = readonly (Fills | null)[];

/**
 * The fills of one group that need most, where the group is too large to try every subset. In one scenario the worst subset is
 * all that loses in it, so that the worst of these subsets, one for each scenario, has the greatest scan risk of all. Each is
 * margined in full; from the dearest on, single instruments are then changed for as long as that makes it dearer, which is for the
 * charges beside the scan. The answer is what a subset needs: exact in the scan, and no change of one instrument needs more.
 * Where no try is left before that, `isStopped`, and what was found by then stands.
 */
export function searchByScenario(
  group: readonly SearchedInstrument[],
  { before, needAfter, lossesOf }: OrderPricing,
  left: TriesLeft,
): (WorstFills & { readonly isStopped: boolean }) | NotMarginedAccount {
  let worst: WorstFills & { readonly choice: Choice } = { ...before, fills: [], choice: group.map(() => null) };
  let isStopped = false;
  let refusal: NotMarginedAccount | null = null;
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

/** Of each scenario the fills that lose in it, of several of an instrument those that lose most; each choice once. */
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
