/** What kind of stage a name stands for; everything in which stages differ follows from it. */
export type StageKind = "production" | "preview" | "personal" | "local";

/** How one stage differs from the others. Whatever is not here is the same in every stage. */
export interface StagePlan {
  readonly stage: string;
  readonly kind: StageKind;
  /** Stands in every message, so that a call from a preview cannot be taken for a real one. */
  readonly environment: "live" | `preview:${string}` | "local";
  readonly removal: "remove" | "retain";
  readonly protect: boolean;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly logRetention: "1 day" | "1 week" | "1 year";
  readonly sweepSchedule: "rate(1 minute)" | "rate(15 minutes)";
  /** False on personal stages: a schedule would outlive the `sst dev` that made it. */
  readonly schedulesEnabled: boolean;
  /** When parameters look at the market. A crash must not wait for midnight; the fall back is slow whatever this says. */
  readonly parameterSchedule: "rate(1 hour)" | "rate(1 day)";
  /** Age of the newest completed sweep at which the alarm goes off: three sweeps missed. */
  readonly sweepAgeAlarmSeconds: number;
  /** Minutes in a row for which what sweeps say must be amiss. Where one starts each minute, one late metric is no alarm. */
  readonly sweepAlarmMinutes: number;
  /**
   * Shards that accounts are spread over. Each reads the snapshot, so a small number is cheap; it decides where accounts
   * are kept, so it stays once there are any.
   */
  readonly shardCount: number;
  /** Most shards computed at once. AWS takes no bound below 2. */
  readonly computeShardConcurrency: number;
  /** A move of the index by this much since the last sweep starts the next one at once. */
  readonly priceTriggerBps: number;
  /** A quote older than this does not count as a price. */
  readonly quoteMaxAgeMs: number;
  /** Days after its last deployment at which a stage may be removed; null keeps it. */
  readonly expiresAfterDays: number | null;
}

const common = { priceTriggerBps: 50, quoteMaxAgeMs: 60_000 } as const;

const temporary = {
  removal: "remove",
  protect: false,
  deletionProtection: false,
  pointInTimeRecovery: false,
  logRetention: "1 week",
} as const;

/** The plan of a stage by its name: `production`, `pr-<number>`, `local`, or anyone's own. */
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

/** Tags on every resource. `plimsoll:expires-on` is a UTC date, so that one day's deployments change nothing. */
export function stageTags(plan: StagePlan, now: Date): Record<string, string> {
  const tags = { "plimsoll:stage": plan.stage, "plimsoll:kind": plan.kind };
  if (plan.expiresAfterDays === null) return tags;
  const expiry = new Date(now);
  expiry.setUTCDate(expiry.getUTCDate() + plan.expiresAfterDays);
  return { ...tags, "plimsoll:expires-on": expiry.toISOString().slice(0, 10) };
}
