import type { Stretch } from "../measure/node-prices.ts";

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
