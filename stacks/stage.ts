/** The kind of a stage. All differences between stages follow from it. */
export type StageKind = "production" | "preview" | "personal" | "local";

/** The settings in which stages differ. Everything else is the same in every stage. */
export interface StagePlan {
  readonly stage: string;
  readonly kind: StageKind;
  /** It is part of every message, so that a call from a preview cannot be taken for a real one. */
  readonly environment: "live" | `preview:${string}` | "local";
  readonly removal: "remove" | "retain";
  readonly protect: boolean;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly logRetention: "1 day" | "1 week" | "1 year";
  readonly sweepSchedule: "rate(1 minute)" | "rate(15 minutes)";
  /** False on personal stages, since a schedule would outlive the `sst dev` that created it. */
  readonly schedulesEnabled: boolean;
  /**
   * Interval at which parameters follow the market. It is short, as a crash must not wait for midnight; how fast
   * parameters fall does not depend on it.
   */
  readonly parameterSchedule: "rate(1 hour)" | "rate(1 day)";
  /** Age of the newest completed sweep that raises the alarm: three missed sweeps. */
  readonly sweepAgeAlarmSeconds: number;
  /**
   * Number of successive minutes for which a sweep's metric must be wrong. With a sweep each minute, one late metric
   * raises no alarm.
   */
  readonly sweepAlarmMinutes: number;
  /**
   * Number of shards of the accounts. Each shard reads the snapshot, so a small number is cheap. It determines where
   * accounts are stored, so it must not change once there are any.
   */
  readonly shardCount: number;
  /** Most shards computed at the same time. AWS requires at least 2. */
  readonly computeShardConcurrency: number;
  /** Move of the index since the last sweep, in hundredths of a percent, that starts the next sweep at once. */
  readonly priceTriggerBps: number;
  /** Milliseconds after which a quote no longer counts as a price. */
  readonly quoteMaxAgeMs: number;
  /** Most requests a second to one route of one door, on average over a while, beyond which API Gateway answers 429. */
  readonly requestsPerSecond: number;
  /** Most requests that may come to a route at once, above that average. */
  readonly requestBurst: number;
  /** Days for which a key that was removed can be brought back. AWS takes 7 to 30. */
  readonly keyDeletionDays: number;
  /** Days after its last deployment after which a stage may be removed. Null keeps it. */
  readonly expiresAfterDays: number | null;
}

const common = { priceTriggerBps: 50, quoteMaxAgeMs: 60_000 } as const;

const temporary = {
  removal: "remove",
  protect: false,
  deletionProtection: false,
  pointInTimeRecovery: false,
  logRetention: "1 week",
  requestsPerSecond: 50,
  requestBurst: 100,
  keyDeletionDays: 7,
} as const;

/** Returns the plan of a stage by its name: `production`, `pr-<number>`, `local`, or a personal name. */
export function planStage(stage: string): StagePlan {
  switch (kindOf(stage)) {
    case "production":
      return {
        ...common,
        stage,
        kind: "production",
        environment: "live",
        removal: "retain",
        protect: true,
        deletionProtection: true,
        pointInTimeRecovery: true,
        logRetention: "1 year",
        requestsPerSecond: 1_000,
        requestBurst: 2_000,
        keyDeletionDays: 30,
        sweepSchedule: "rate(1 minute)",
        schedulesEnabled: true,
        parameterSchedule: "rate(1 hour)",
        sweepAgeAlarmSeconds: 180,
        sweepAlarmMinutes: 3,
        shardCount: 8,
        computeShardConcurrency: 8,
        expiresAfterDays: null,
      };
    case "preview":
      return {
        ...common,
        ...temporary,
        stage,
        kind: "preview",
        environment: `preview:${stage}`,
        sweepSchedule: "rate(15 minutes)",
        schedulesEnabled: true,
        parameterSchedule: "rate(1 day)",
        sweepAgeAlarmSeconds: 2_700,
        sweepAlarmMinutes: 1,
        shardCount: 4,
        computeShardConcurrency: 2,
        expiresAfterDays: 14,
      };
    case "personal":
      return {
        ...common,
        ...temporary,
        stage,
        kind: "personal",
        environment: `preview:${stage}`,
        sweepSchedule: "rate(15 minutes)",
        schedulesEnabled: false,
        parameterSchedule: "rate(1 day)",
        sweepAgeAlarmSeconds: 2_700,
        sweepAlarmMinutes: 1,
        shardCount: 4,
        computeShardConcurrency: 2,
        expiresAfterDays: null,
      };
    case "local":
      return {
        ...common,
        ...temporary,
        stage,
        kind: "local",
        environment: "local",
        logRetention: "1 day",
        sweepSchedule: "rate(1 minute)",
        schedulesEnabled: true,
        parameterSchedule: "rate(1 hour)",
        sweepAgeAlarmSeconds: 180,
        sweepAlarmMinutes: 3,
        shardCount: 8,
        computeShardConcurrency: 2,
        expiresAfterDays: null,
      };
  }
}

function kindOf(stage: string): StageKind {
  if (stage === "production" || stage === "local") return stage;
  return /^pr-[1-9]\d*$/.test(stage) ? "preview" : "personal";
}

/**
 * Returns the tags of every resource. `plimsoll:expires-on` is a UTC date, so that further deployments on one day
 * change nothing.
 */
export function stageTags(plan: StagePlan, now: Date): Record<string, string> {
  const tags = { "plimsoll:stage": plan.stage, "plimsoll:kind": plan.kind };
  if (plan.expiresAfterDays === null) return tags;
  const expiry = new Date(now);
  expiry.setUTCDate(expiry.getUTCDate() + plan.expiresAfterDays);
  return { ...tags, "plimsoll:expires-on": expiry.toISOString().slice(0, 10) };
}
