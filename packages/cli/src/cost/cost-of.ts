import { priceList, type Usage } from "./price-list.ts";

export const noUsage: Usage = {
  lambdaGbSeconds: 0,
  lambdaRequests: 0,
  readUnits: 0,
  writeUnits: 0,
  sqsRequests: 0,
  snsPublishes: 0,
  httpRequests: 0,
  schedulerInvocations: 0,
  logBytes: 0,
};

const usageNames = Object.keys(noUsage) as (keyof Usage)[];

export interface Cost {
  /** The cost of each kind of usage in US dollars. Their sum is `totalUsd`. */
  readonly usd: Usage;
  readonly totalUsd: number;
}

/** Computes the cost of a usage at list prices. */
export function costOf(usage: Usage): Cost {
  const usd = mapUsage((name) => (usage[name] / priceList.prices[name].per) * priceList.prices[name].usd);
  return { usd, totalUsd: usageNames.reduce((sum, name) => sum + usd[name], 0) };
}

export function addUsage(a: Usage, b: Usage): Usage {
  return mapUsage((name) => a[name] + b[name]);
}

export function scaleUsage(usage: Usage, factor: number): Usage {
  return mapUsage((name) => usage[name] * factor);
}

function mapUsage(value: (name: keyof Usage) => number): Usage {
  return Object.fromEntries(usageNames.map((name) => [name, value(name)])) as Usage;
}

/** The assumptions of the estimate, for whoever reads the figure. */
export const costAssumptions: readonly string[] = [
  `List prices of ${priceList.region}, ${priceList.date} or newer; no free tier, no discount, no storage.`,
  "Lambda time is measured on this machine; a Graviton core may be faster or slower. Cold starts are not counted.",
  "DynamoDB units are those the emulator reports for the same calls.",
  "Each message of a queue is one send, one receive and one delete; idle polling of queues is not counted.",
];
