import type { Stretch } from "../measure/node-prices.ts";
import { followDip, narrowCrossing } from "./crossing.ts";

/** The number of nodes in one stretch. It is small, so that a search that ends early has priced few nodes in vain. */
const STRETCH_NODES = 8;

/**
 * The multiples of the price that the search for call prices visits, from 1 outwards. They are 1 % apart up to 20 %
 * away, then 4 % of the multiple up to a doubling or halving. From there they are 15 % apart up to the ends of the
 * range, 5 and 0.01.
 */
export const stretchesAbove = inStretches(outwardNodes((step) => 1 + step, 5));
export const stretchesBelow = inStretches(outwardNodes((step) => 1 / (1 + step), 0.01));

function outwardNodes(grow: (step: number) => number, end: number): number[] {
  const direction = Math.sign(end - 1);
  const nodes: number[] = [];
  for (let percent = 1; percent <= 20; percent += 1) nodes.push(1 + (direction * percent) / 100);
  for (;;) {
    const last = nodes[nodes.length - 1]!;
    const factor = grow(last < 2 && last > 0.5 ? 0.04 : 0.15);
    if (direction * (last * factor - end) >= 0) break;
    nodes.push(last * factor);
  }
  nodes.push(end);
  return nodes;
}

function inStretches(nodes: readonly number[]): Stretch[] {
  const count = Math.ceil(nodes.length / STRETCH_NODES);
  return Array.from({ length: count }, (_, index) => nodes.slice(index * STRETCH_NODES, (index + 1) * STRETCH_NODES));
}

/** A crossing counts as found once the price is known to this fraction of the price. */
const CROSSING_TOLERANCE = 1e-9;
/** A dip between two nodes is followed down to this width. A narrower one cannot hold a call for long. */
const DIP_TOLERANCE = 1e-4;

/** The distances to several levels at one multiple of the price, all else equal. */
export interface Point {
  readonly multiple: number;
  /** Returns the distance to a level. It is above 0 outside of the level, and 0 or less inside. */
  readonly distanceTo: (level: number) => number;
}

/**
 * Finds the nearest multiple on one side of `here` at which each distance is 0 or less. It is null if there is none in
 * reach, and 1 if `here` is already inside. The search goes from node to node until all are found. Between nodes it
 * follows a dip that could reach zero. That is a dip whose fall or rise over the neighbouring steps exceeds the
 * remaining distance. `behind` is the first node on the other side, so that a dip next to `here` is seen.
 */
export function searchOutward(
  behind: Point,
  here: Point,
  levelCount: number,
  nodes: Iterable<Point>,
  at: (multiple: number, level: number) => Point,
): (number | null)[] {
  const found = Array.from({ length: levelCount }, (_, level) => (here.distanceTo(level) <= 0 ? here.multiple : null));
  // All points visited on this side, in outward order. A crossing narrowed for one level gives a closer bracket for the
  // next.
  const known = [here];
  let before = behind;
  let middle = here;
  if (!found.includes(null)) return found;
  for (const last of nodes) {
    known.push(last);
    for (const [level, multiple] of found.entries()) {
      if (multiple === null) found[level] = nearestCrossing(known, before, middle, last, level, at);
    }
    before = middle;
    middle = last;
    if (!found.includes(null)) break;
  }
  return found;
}

function nearestCrossing(
  known: Point[],
  before: Point,
  middle: Point,
  last: Point,
  level: number,
  at: (multiple: number, level: number) => Point,
): number | null {
  const sample = (multiple: number): number => {
    const point = at(multiple, level);
    insertOutward(known, point);
    return point.distanceTo(level);
  };
  if (mayDip(before.distanceTo(level), middle.distanceTo(level), last.distanceTo(level))) {
    const from = known[0] === middle ? middle : before;
    const tolerance = DIP_TOLERANCE * middle.multiple;
    followDip(sample, from.multiple, { x: middle.multiple, y: middle.distanceTo(level) }, last.multiple, tolerance);
  }
  // Points before the last two nodes were outside of this level when they were visited.
  let inside = Math.max(0, known.lastIndexOf(before));
  while (inside < known.length && !(known[inside]!.distanceTo(level) <= 0)) inside += 1;
  if (inside === known.length) return null;
  const [outer, inner] = [known[inside - 1]!, known[inside]!].map((point) => ({
    x: point.multiple,
    y: point.distanceTo(level),
  }));
  return narrowCrossing(sample, outer!, inner!, CROSSING_TOLERANCE * outer!.x).x;
}

/**
 * Returns whether the middle is lowest, and its last fall, or the rise after it, repeated once more would take it to
 * zero.
 */
function mayDip(before: number, middle: number, last: number): boolean {
  if (!(middle < before && middle <= last)) return false;
  return middle < Math.max(before - middle, last - middle);
}

function insertOutward(known: Point[], point: Point): void {
  const distance = Math.abs(point.multiple - known[0]!.multiple);
  let index = known.length;
  while (Math.abs(known[index - 1]!.multiple - known[0]!.multiple) > distance) index -= 1;
  known.splice(index, 0, point);
}
