import type { AccountResult, NotMarginedAccount } from "../model/index.ts";
import type { OpenOrder, OrderedInstrument, OrderSide } from "./order-sides.ts";

/** Fills and the initial margin after them. */
export interface WorstFills {
  readonly projectedInitialMargin: number;
  readonly fills: readonly OpenOrder[];
}

/** Initial margin after fills, and their losses by scenario. */
export interface OrderPricing {
  readonly marginAfter: (fills: readonly OpenOrder[]) => AccountResult;
  /** Losses of these fills alone by scenario, in any fixed order of all units' scenarios. */
  readonly lossesOf: (fills: readonly OpenOrder[]) => Float64Array;
}

/** The fills of one group that raise the margin most, by trying every subset; none when none do. */
export function tryEverySubset(
  group: readonly OrderedInstrument[],
  { initialMargin }: { readonly initialMargin: number },
  { marginAfter }: OrderPricing,
): WorstFills | NotMarginedAccount {
  let worst: WorstFills = { projectedInitialMargin: initialMargin, fills: [] };
  for (const fills of subsets(group)) {
    const result = marginAfter(fills);
    if (result.status === "not_margined") return result;
    if (result.initialMargin <= worst.projectedInitialMargin) continue;
    worst = { projectedInitialMargin: result.initialMargin, fills };
  }
  return worst;
}

/** Every choice of one side or none for each instrument, but the choice of none at all. */
function* subsets(instruments: readonly OrderedInstrument[]): Generator<readonly OpenOrder[]> {
  const [first, ...rest] = instruments;
  if (first === undefined) return;
  yield* subsets(rest);
  for (const fills of first.sides) {
    yield fills;
    for (const others of subsets(rest)) yield [...fills, ...others];
  }
}

/** Books margined for one answer of a search by scenario: what it has found by then stands. */
const ORDER_SEARCH_LIMIT = 2_000;

/** For each instrument of a group the side that fills, or null. */
type Choice = readonly (OrderSide | null)[];

/**
 * The fills of one group that raise the margin most, where the group is too large to try every subset. In one scenario the
 * worst subset is all that loses in it, so that the worst of these subsets, one for each scenario, has the greatest scan risk
 * of all. Each is margined in full; from the dearest on, single sides are then changed for as long as that makes it dearer,
 * which is for the charges beside the scan. The answer is the margin of a subset: exact in the scan, and no change of one side
 * asks for more.
 */
export function searchByScenario(
  group: readonly OrderedInstrument[],
  { initialMargin }: { readonly initialMargin: number },
  { marginAfter, lossesOf }: OrderPricing,
): WorstFills | NotMarginedAccount {
  let worst: WorstFills & { readonly choice: Choice } = {
    projectedInitialMargin: initialMargin,
    fills: [],
    choice: group.map(() => null),
  };
  let tries = 0;
  let refusal: NotMarginedAccount | null = null;
  const isDearer = (choice: Choice): boolean => {
    if (tries === ORDER_SEARCH_LIMIT || refusal !== null) return false;
    tries += 1;
    const fills = choice.flatMap((side) => side ?? []);
    const result = marginAfter(fills);
    if (result.status === "not_margined") refusal = result;
    else if (result.initialMargin > worst.projectedInitialMargin) {
      worst = { projectedInitialMargin: result.initialMargin, fills, choice };
      return true;
    }
    return false;
  };
  for (const choice of choicesByScenario(group, lossesOf)) isDearer(choice);
  let hasImproved = true;
  while (hasImproved) {
    hasImproved = false;
    for (const [index, { sides }] of group.entries()) {
      for (const side of [null, ...sides]) {
        if (side !== worst.choice[index] && isDearer(worst.choice.with(index, side))) hasImproved = true;
      }
    }
  }
  return refusal ?? worst;
}

/** Of each scenario the sides that lose in it, of two that do the one that loses more; each choice once. */
function choicesByScenario(group: readonly OrderedInstrument[], lossesOf: OrderPricing["lossesOf"]): Choice[] {
  const losses = group.map(({ sides }) => sides.map((side) => ({ side, losses: lossesOf(side) })));
  const scenarioCount = losses[0]?.[0]?.losses.length ?? 0;
  const choices = new Map<string, Choice>();
  for (let scenario = 0; scenario < scenarioCount; scenario += 1) {
    const picked = losses.map((sides) =>
      sides.reduce(
        (most, { losses: own }, place) => (own[scenario]! > most.loss ? { loss: own[scenario]!, place } : most),
        { loss: 0, place: -1 },
      ),
    );
    const name = picked.map(({ place }) => place).join();
    choices.set(
      name,
      picked.map(({ place }, index) => losses[index]![place]?.side ?? null),
    );
  }
  return [...choices.values()];
}
