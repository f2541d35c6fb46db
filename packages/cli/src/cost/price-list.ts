/** One price of AWS's price list. */
export interface ListPrice {
  /** The price of `per` units in US dollars, before any discount and free tier. */
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
  /** The page on which AWS states the price. */
  readonly source: string;
  /** The day on which the price was last seen confirmed. */
  readonly confirmedOn: string;
}

/**
 * The list prices of us-east-1 for what the stage uses. They leave out free tiers, discounts, storage, and data that
 * leaves the region.
 */
export const priceList = {
  region: "us-east-1",
  /** The oldest of the days below, because the list is no newer than its oldest price. */
  date: "2025-07-21",
  prices: {
    lambdaGbSeconds: {
      usd: 0.0000133334,
      per: 1,
      unit: "GB-second, arm64, first 7.5 billion",
      source: "https://aws.amazon.com/lambda/pricing/",
      confirmedOn: "2026-05-11",
    },
    lambdaRequests: {
      usd: 0.2,
      per: 1_000_000,
      unit: "requests",
      source: "https://aws.amazon.com/lambda/pricing/",
      confirmedOn: "2026-05-11",
    },
    readUnits: {
      usd: 0.125,
      per: 1_000_000,
      unit: "read request units, on demand, standard table class",
      source: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
      confirmedOn: "2025-07-21",
    },
    writeUnits: {
      usd: 0.625,
      per: 1_000_000,
      unit: "write request units, on demand, standard table class",
      source: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
      confirmedOn: "2025-07-21",
    },
    sqsRequests: {
      usd: 0.4,
      per: 1_000_000,
      unit: "requests to standard queues, each of up to 64 KB",
      source: "https://aws.amazon.com/sqs/pricing/",
      confirmedOn: "2026-03-14",
    },
    snsPublishes: {
      usd: 0.5,
      per: 1_000_000,
      unit: "publishes to standard topics, single or batched, each of up to 64 KB; deliveries to SQS are free",
      source: "https://aws.amazon.com/sns/pricing/",
      confirmedOn: "2026-06-13",
    },
    httpRequests: {
      usd: 1,
      per: 1_000_000,
      unit: "requests to an HTTP API, each of up to 512 KB",
      source: "https://aws.amazon.com/api-gateway/pricing/",
      confirmedOn: "2025-12-02",
    },
    schedulerInvocations: {
      usd: 1,
      per: 1_000_000,
      unit: "invocations of EventBridge Scheduler",
      source: "https://aws.amazon.com/eventbridge/pricing/",
      confirmedOn: "2026-03-13",
    },
    logBytes: {
      usd: 0.5,
      per: 1_000_000_000,
      unit: "bytes of Lambda logs taken in by CloudWatch, first 10 TB",
      source: "https://aws.amazon.com/cloudwatch/pricing/",
      confirmedOn: "2026-06-01",
    },
  },
} as const satisfies {
  region: string;
  date: string;
  prices: Record<string, ListPrice>;
};

/** The number of units that AWS would count, for each price. */
export type Usage = Readonly<Record<keyof typeof priceList.prices, number>>;
