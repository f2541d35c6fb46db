/**
 * The resources and triggers of one stage as the stacks declare them, in plain JSON. Infrastructure tests check it and
 * the local stage creates it, so that no trigger is described twice.
 */
export interface StageGraph {
  readonly app: string;
  readonly stage: string;
  /** Whether data are kept when the stage is removed, and whether removal is blocked. */
  readonly removal: string;
  readonly protect: boolean;
  /** Tags on every resource of the stage. */
  readonly tags: Readonly<Record<string, string>>;
  readonly tables: readonly TableNode[];
  readonly queues: readonly QueueNode[];
  readonly topics: readonly TopicNode[];
  readonly topicSubscriptions: readonly TopicSubscriptionNode[];
  readonly functions: readonly FunctionNode[];
  readonly eventSources: readonly EventSourceNode[];
  readonly schedules: readonly ScheduleNode[];
  readonly apis: readonly ApiNode[];
  readonly routes: readonly RouteNode[];
  readonly keys: readonly KeyNode[];
  readonly alarms: readonly AlarmNode[];
  /**
   * Milliseconds that esbuild took for all handlers. It is 0 if existing bundles were used, and null if bundling was
   * skipped.
   */
  readonly buildMs: number | null;
  /** What a deployment prints, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Every registered resource with its inputs, for checks of those without a node of their own. */
  readonly resources: readonly ResourceNode[];
}

/** A DynamoDB table. Both keys are strings unless `attributes` says otherwise. */
export interface TableNode {
  /** The name given in `stacks/`, for example `Ledger`. */
  readonly logicalName: string;
  /** The physical name, as linked to functions. */
  readonly name: string;
  readonly arn: string;
  /** Key attributes by name. */
  readonly attributes: readonly { readonly name: string; readonly type: "S" | "N" | "B" }[];
  readonly hashKey: string;
  readonly rangeKey: string | null;
  readonly ttlAttribute: string | null;
  readonly streamViewType: "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES" | "KEYS_ONLY" | null;
  /** The source of the stream's event mappings. It is null exactly if `streamViewType` is null. */
  readonly streamArn: string | null;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
}

/** An SQS queue. A dead-letter queue is a queue too; `redrive.deadLetterArn` of the queue that it serves names it. */
export interface QueueNode {
  readonly logicalName: string;
  readonly name: string;
  readonly arn: string;
  /** The address linked to functions. The local stage serves the queue at another address and rewrites the links. */
  readonly url: string;
  readonly fifo: boolean;
  /** FIFO queues only: messages without an id of their own are deduplicated by their text. */
  readonly contentBasedDeduplication: boolean;
  readonly visibilityTimeoutSeconds: number;
  readonly messageRetentionSeconds: number;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | null;
}

/** An SNS topic declared in the stacks. Account topics are created at run time and are not included. */
export interface TopicNode {
  readonly logicalName: string;
  readonly name: string;
  readonly arn: string;
}

/** A subscription declared in the stacks, for example the preview stage's own sink. */
export interface TopicSubscriptionNode {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly rawMessageDelivery: boolean;
  /** The filter policy as a JSON text. It is null if every message is delivered. */
  readonly filterPolicy: string | null;
}

/** One statement of a function's role, with the resources resolved to ARNs. */
export interface PolicyStatement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** A Lambda function with its built bundle. */
export interface FunctionNode {
  readonly logicalName: string;
  readonly name: string;
  readonly arn: string;
  /**
   * The handler as in the stacks: path without ending, a dot and the export, for example
   * `functions/compute-shard.handler`.
   */
  readonly handler: string;
  /** Absolute path of the ES module that esbuild wrote. It is null if bundling was skipped. */
  readonly bundlePath: string | null;
  /** The export of the bundle to call. */
  readonly exportName: string;
  /** Size of the bundle in bytes, without its source map. It is null if bundling was skipped. */
  readonly bundleBytes: number | null;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Plain variables and, under `SST_RESOURCE_<Name>`, one JSON text for each link and for the app. */
  readonly environment: Readonly<Record<string, string>>;
  /** The statements of the function's own role. */
  readonly policies: readonly PolicyStatement[];
  /** ARNs of the AWS policies that the role has in addition. */
  readonly managedPolicyArns: readonly string[];
  readonly architecture: string;
  readonly runtime: string;
  readonly logFormat: string;
  /** Null if the log is kept for ever. */
  readonly logRetentionDays: number | null;
}

/** A queue or a table's stream that a function consumes. */
export interface EventSourceNode {
  /** The logical name of the function. */
  readonly functionName: string;
  /** The ARN of a queue in `queues` or the `streamArn` of a table in `tables`. */
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  /** The filter patterns as JSON texts. A record passes if it matches any of them, or if there are none. */
  readonly filterPatterns: readonly string[];
  readonly reportBatchItemFailures: boolean;
  /** Streams only. Null means until the record expires. */
  readonly maximumRetryAttempts: number | null;
  readonly bisectBatchOnFunctionError: boolean;
  readonly startingPosition: "LATEST" | "TRIM_HORIZON" | null;
  readonly parallelizationFactor: number;
  /** Streams only: the queue that receives the position of records that were given up. */
  readonly onFailureArn: string | null;
  /** Queues only: most concurrent invocations. Null means that the source has no limit of its own. */
  readonly maximumConcurrency: number | null;
}

/** A schedule of EventBridge Scheduler. */
export interface ScheduleNode {
  readonly logicalName: string;
  readonly name: string;
  /** `rate(1 minute)`, `rate(15 minutes)` or a cron expression. */
  readonly expression: string;
  readonly functionName: string;
  /** The JSON text passed to the function. `<aws.scheduler.scheduled-time>` stands for the tick's time. */
  readonly input: string | null;
  readonly enabled: boolean;
  readonly maximumRetryAttempts: number;
}

/** An HTTP API. */
export interface ApiNode {
  /** The name given in `stacks/`, for example `TraderApi`. */
  readonly logicalName: string;
  /** What is answered to pages of other origins. Null if they are answered nothing. */
  readonly cors: CorsNode | null;
}

/** What an HTTP API allows pages of other origins. */
export interface CorsNode {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

/** A route of an HTTP API. */
export interface RouteNode {
  /** The logical name of the API. */
  readonly api: string;
  readonly method: string;
  readonly path: string;
  readonly functionName: string;
  readonly authorization: "AWS_IAM" | "JWT" | "CUSTOM" | "NONE";
  /** Who says whether a caller is let in. It is null exactly if `authorization` is `AWS_IAM` or `NONE`. */
  readonly authorizer: AuthorizerNode | null;
}

/** An authorizer of an HTTP API. */
export type AuthorizerNode =
  | { readonly type: "JWT"; readonly issuer: string; readonly audiences: readonly string[] }
  | { readonly type: "REQUEST"; readonly functionName: string; readonly resultTtlSeconds: number };

/** A KMS key. */
export interface KeyNode {
  readonly logicalName: string;
  /** The id, as linked to functions. */
  readonly keyId: string;
  readonly arn: string;
  readonly keyUsage: string;
  readonly keySpec: string;
  readonly deletionWindowDays: number | null;
}

/** A CloudWatch alarm. */
export interface AlarmNode {
  readonly logicalName: string;
  readonly name: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly comparison: string;
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: string;
  /** ARNs of the topics that are notified when the alarm goes off. */
  readonly actions: readonly string[];
}

/** A resource as Pulumi registered it. */
export interface ResourceNode {
  readonly type: string;
  readonly logicalName: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}
