import { type HandlerBundles, handlerExport } from "./bundle-handlers.ts";
import type { CreatedResource } from "./mocks.ts";
import type { BuildRequest } from "./rpc-server.ts";
import type {
  AlarmNode,
  ApiNode,
  AuthorizerNode,
  EventSourceNode,
  FunctionNode,
  KeyNode,
  PolicyStatement,
  QueueNode,
  RouteNode,
  ScheduleNode,
  StageGraph,
  TableNode,
  TopicNode,
  TopicSubscriptionNode,
} from "./stage-graph.ts";

/** The data that an evaluation collected. */
export interface Evaluated {
  readonly stage: string;
  readonly app: {
    readonly name: string;
    readonly removal?: string;
    readonly protect?: boolean;
    readonly providers?: { readonly aws?: { readonly defaultTags?: { readonly tags?: Record<string, string> } } };
  };
  readonly resources: readonly CreatedResource[];
  /** By type, a space and the logical name. */
  readonly lifecycles: ReadonlyMap<string, { readonly protect: boolean; readonly retainOnDelete: boolean }>;
  readonly builds: readonly BuildRequest[];
  /** What the program returned. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** AWS's default values for properties that the stacks leave out. */
const AWS_DEFAULTS = {
  visibilityTimeoutSeconds: 30,
  messageRetentionSeconds: 345_600,
  queueBatchSize: 10,
  streamBatchSize: 100,
  scheduleRetryAttempts: 185,
};

/** Reads the graph from the created resources. Nodes are sorted by name, as the order of creation varies. */
export function readGraph(evaluated: Evaluated, bundles: HandlerBundles | null): StageGraph {
  const { app, stage, lifecycles } = evaluated;
  const resources = evaluated.resources.toSorted((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);

  const functions = ofType("aws:lambda/function:Function").map((resource) =>
    readFunction(resource, { roles: ofType("aws:iam/role:Role"), logGroups: ofType(LOG_GROUP), evaluated, bundles }),
  );
  const logicalNames = new Map(functions.map(({ arn, logicalName }) => [arn, logicalName]));
  const functionName: NameOfFunction = (given) => {
    const arn = INVOCATION_URI.exec(given)?.[1] ?? given;
    const name = logicalNames.get(arn);
    if (name === undefined) throw new Error(`A trigger names the function ${arn}, which the stacks do not declare.`);
    return name;
  };
  const behindRoutes: BehindRoutes = {
    apis: ofType("aws:apigatewayv2/api:Api"),
    integrations: ofType("aws:apigatewayv2/integration:Integration"),
    authorizers: ofType("aws:apigatewayv2/authorizer:Authorizer"),
    functionName,
  };

  return {
    app: app.name,
    stage,
    removal: app.removal ?? "retain",
    protect: app.protect ?? false,
    tags: app.providers?.aws?.defaultTags?.tags ?? {},
    tables: ofType("aws:dynamodb/table:Table").map(readTable),
    queues: ofType("aws:sqs/queue:Queue").map(readQueue),
    topics: ofType("aws:sns/topic:Topic").map(readTopic),
    topicSubscriptions: ofType("aws:sns/topicSubscription:TopicSubscription").map(readSubscription),
    functions,
    eventSources: ofType("aws:lambda/eventSourceMapping:EventSourceMapping").map((mapping) =>
      readEventSource(mapping, functionName),
    ),
    schedules: ofType("aws:scheduler/schedule:Schedule").map((schedule) => readSchedule(schedule, functionName)),
    apis: behindRoutes.apis.map(readApi),
    routes: ofType("aws:apigatewayv2/route:Route").map((route) => readRoute(route, behindRoutes)),
    keys: ofType("aws:kms/key:Key").map(readKey),
    alarms: ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(readAlarm),
    buildMs: bundles?.buildMs ?? null,
    outputs: evaluated.outputs,
    resources: resources.map(({ type, name, inputs }) => ({
      type,
      logicalName: name,
      inputs,
      ...(lifecycles.get(`${type} ${name}`) ?? { protect: false, retainOnDelete: false }),
    })),
  };
}

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Under this URI API Gateway invokes a function. */
const INVOCATION_URI = /\/functions\/(arn:[^/]+)\/invocations$/;

/** Finds the logical name of a function by its ARN, or by the URI under which API Gateway invokes it. */
type NameOfFunction = (arn: string) => string;

/** What routes refer to. */
interface BehindRoutes {
  readonly apis: readonly CreatedResource[];
  readonly integrations: readonly CreatedResource[];
  readonly authorizers: readonly CreatedResource[];
  readonly functionName: NameOfFunction;
}

/** Returns the attributes of a resource of a known type, as `@pulumi/aws` declares them. */
function attributes<T>({ state }: CreatedResource): T {
  return state as T;
}

/**
 * Returns the name of a resource's component. SST names the resource after the component, followed by the resource's
 * kind.
 */
function componentName({ name }: CreatedResource, kind: string): string {
  return name.endsWith(kind) ? name.slice(0, -kind.length) : name;
}

function readTable(resource: CreatedResource): TableNode {
  const table = attributes<{
    name: string;
    arn: string;
    attributes: TableNode["attributes"];
    hashKey: string;
    rangeKey?: string;
    ttl?: { enabled: boolean; attributeName: string };
    streamEnabled?: boolean;
    streamViewType?: NonNullable<TableNode["streamViewType"]>;
    streamArn?: string;
    deletionProtectionEnabled?: boolean;
    pointInTimeRecovery?: { enabled: boolean };
  }>(resource);
  return {
    logicalName: componentName(resource, "Table"),
    name: table.name,
    arn: table.arn,
    attributes: table.attributes,
    hashKey: table.hashKey,
    rangeKey: table.rangeKey ?? null,
    ttlAttribute: table.ttl?.enabled ? table.ttl.attributeName : null,
    streamViewType: (table.streamEnabled && table.streamViewType) || null,
    streamArn: table.streamArn ?? null,
    deletionProtection: table.deletionProtectionEnabled ?? false,
    pointInTimeRecovery: table.pointInTimeRecovery?.enabled ?? false,
  };
}

function readQueue(resource: CreatedResource): QueueNode {
  const queue = attributes<{
    name: string;
    arn: string;
    url: string;
    fifoQueue?: boolean;
    contentBasedDeduplication?: boolean;
    visibilityTimeoutSeconds?: number;
    messageRetentionSeconds?: number;
    redrivePolicy?: string;
  }>(resource);
  const redrive = queue.redrivePolicy
    ? (JSON.parse(queue.redrivePolicy) as { deadLetterTargetArn: string; maxReceiveCount: number })
    : null;
  return {
    logicalName: componentName(resource, "Queue"),
    name: queue.name,
    arn: queue.arn,
    url: queue.url,
    fifo: queue.fifoQueue ?? false,
    contentBasedDeduplication: queue.contentBasedDeduplication ?? false,
    visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds ?? AWS_DEFAULTS.visibilityTimeoutSeconds,
    messageRetentionSeconds: queue.messageRetentionSeconds ?? AWS_DEFAULTS.messageRetentionSeconds,
    redrive: redrive && { deadLetterArn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount },
  };
}

function readTopic(resource: CreatedResource): TopicNode {
  const { name, arn } = attributes<{ name: string; arn: string }>(resource);
  return { logicalName: componentName(resource, "Topic"), name, arn };
}

function readSubscription(resource: CreatedResource): TopicSubscriptionNode {
  const subscription = attributes<{
    topic: string;
    protocol: string;
    endpoint: string;
    rawMessageDelivery?: boolean;
    filterPolicy?: string;
  }>(resource);
  return {
    topicArn: subscription.topic,
    protocol: subscription.protocol,
    endpoint: subscription.endpoint,
    rawMessageDelivery: subscription.rawMessageDelivery ?? false,
    filterPolicy: subscription.filterPolicy ?? null,
  };
}

function readFunction(
  resource: CreatedResource,
  context: {
    roles: readonly CreatedResource[];
    logGroups: readonly CreatedResource[];
    evaluated: Evaluated;
    bundles: HandlerBundles | null;
  },
): FunctionNode {
  const { roles, logGroups, evaluated, bundles } = context;
  const logicalName = componentName(resource, "Function");
  const declared = attributes<{
    name: string;
    arn: string;
    role: string;
    runtime: string;
    timeout: number;
    memorySize: number;
    architectures: [string];
    environment: { variables: Record<string, string> };
    loggingConfig?: { logFormat: string; logGroup: string };
  }>(resource);
  const build = evaluated.builds.find(({ functionID }) => functionID === logicalName);
  const role = roles.find(({ state }) => state.arn === declared.role);
  if (!build || !role) throw new Error(`The function ${logicalName} has no ${build ? "role" : "handler"} of its own.`);
  const { inlinePolicies, managedPolicyArns } = attributes<{
    inlinePolicies?: { policy: string }[];
    managedPolicyArns?: string[];
  }>(role);
  const logGroup = logGroups.find(({ state }) => state.name === declared.loggingConfig?.logGroup);
  const bundle = bundles?.byFunction.get(logicalName) ?? null;
  return {
    logicalName,
    name: declared.name,
    arn: declared.arn,
    handler: build.handler,
    bundlePath: bundle?.path ?? null,
    exportName: handlerExport(build.handler),
    bundleBytes: bundle?.bytes ?? null,
    timeoutSeconds: declared.timeout,
    memoryMb: declared.memorySize,
    architecture: declared.architectures[0],
    runtime: declared.runtime,
    environment: functionEnvironment(declared.environment.variables, build),
    policies: (inlinePolicies ?? []).flatMap(({ policy }) => readPolicy(policy)),
    managedPolicyArns: managedPolicyArns ?? [],
    logFormat: declared.loggingConfig?.logFormat ?? "Text",
    logRetentionDays: (logGroup?.state.retentionInDays as number | undefined) || null,
  };
}

/**
 * Adds the links to the environment. On AWS they are encrypted beside the bundle, but SST's reader also accepts them
 * from there.
 */
function functionEnvironment(variables: Record<string, string>, { links }: BuildRequest): Record<string, string> {
  const { SST_KEY: _key, SST_KEY_FILE: _file, ...environment } = variables;
  for (const [name, value] of Object.entries(links)) {
    // The engine leaves the root out of a resource's type, while Pulumi's mocks include it.
    const type = value.type.replace("pulumi.pulumi.Stack$", "");
    environment[`SST_RESOURCE_${name}`] = JSON.stringify({ ...value, type });
  }
  return environment;
}

function readPolicy(policy: string): PolicyStatement[] {
  const { Statement } = JSON.parse(policy) as {
    Statement: { Effect: "Allow" | "Deny"; Action: string[]; Resource: string[] }[];
  };
  return Statement.map(({ Effect, Action, Resource }) => ({ effect: Effect, actions: Action, resources: Resource }));
}

function readEventSource(resource: CreatedResource, functionName: NameOfFunction): EventSourceNode {
  const mapping = attributes<{
    functionName: string;
    eventSourceArn: string;
    batchSize?: number;
    maximumBatchingWindowInSeconds?: number;
    filterCriteria?: { filters?: { pattern: string }[] };
    functionResponseTypes?: string[];
    maximumRetryAttempts?: number;
    bisectBatchOnFunctionError?: boolean;
    startingPosition?: NonNullable<EventSourceNode["startingPosition"]>;
    parallelizationFactor?: number;
    destinationConfig?: { onFailure?: { destinationArn: string } };
    scalingConfig?: { maximumConcurrency: number };
  }>(resource);
  const isQueue = mapping.eventSourceArn.startsWith("arn:aws:sqs:");
  return {
    functionName: functionName(mapping.functionName),
    sourceArn: mapping.eventSourceArn,
    batchSize: mapping.batchSize ?? (isQueue ? AWS_DEFAULTS.queueBatchSize : AWS_DEFAULTS.streamBatchSize),
    maximumBatchingWindowSeconds: mapping.maximumBatchingWindowInSeconds ?? 0,
    filterPatterns: (mapping.filterCriteria?.filters ?? []).map(({ pattern }) => pattern),
    reportBatchItemFailures: mapping.functionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
    // AWS writes "until the record expires" as -1.
    maximumRetryAttempts: (mapping.maximumRetryAttempts ?? -1) < 0 ? null : (mapping.maximumRetryAttempts ?? null),
    bisectBatchOnFunctionError: mapping.bisectBatchOnFunctionError ?? false,
    startingPosition: mapping.startingPosition ?? null,
    parallelizationFactor: mapping.parallelizationFactor ?? 1,
    onFailureArn: mapping.destinationConfig?.onFailure?.destinationArn ?? null,
    maximumConcurrency: mapping.scalingConfig?.maximumConcurrency ?? null,
  };
}

function readSchedule(resource: CreatedResource, functionName: NameOfFunction): ScheduleNode {
  const schedule = attributes<{
    name: string;
    scheduleExpression: string;
    state?: string;
    target: { arn: string; input?: string; retryPolicy?: { maximumRetryAttempts?: number } };
  }>(resource);
  return {
    logicalName: componentName(resource, "Schedule"),
    name: schedule.name,
    expression: schedule.scheduleExpression,
    functionName: functionName(schedule.target.arn),
    input: schedule.target.input ?? null,
    enabled: schedule.state !== "DISABLED",
    maximumRetryAttempts: schedule.target.retryPolicy?.maximumRetryAttempts ?? AWS_DEFAULTS.scheduleRetryAttempts,
  };
}

function readApi(resource: CreatedResource): ApiNode {
  const { corsConfiguration: cors } = attributes<{
    corsConfiguration?: {
      allowOrigins?: string[];
      allowMethods?: string[];
      allowHeaders?: string[];
      exposeHeaders?: string[];
      maxAge?: number;
    };
  }>(resource);
  return {
    logicalName: componentName(resource, "Api"),
    cors: cors?.allowOrigins
      ? {
          allowOrigins: cors.allowOrigins,
          allowMethods: cors.allowMethods ?? [],
          allowHeaders: cors.allowHeaders ?? [],
          exposeHeaders: cors.exposeHeaders ?? [],
          maxAgeSeconds: cors.maxAge ?? 0,
        }
      : null,
  };
}

function readRoute(
  resource: CreatedResource,
  { apis, integrations, authorizers, functionName }: BehindRoutes,
): RouteNode {
  const route = attributes<{
    apiId: string;
    routeKey: string;
    target: string;
    authorizationType: RouteNode["authorization"];
    authorizerId?: string;
  }>(resource);
  const [method = "", path = ""] = route.routeKey.split(" ");
  const declared = (resources: readonly CreatedResource[], id: string) => {
    const found = resources.find((candidate) => candidate.id === id);
    if (!found) throw new Error(`The route ${route.routeKey} refers to ${id}, which is not declared.`);
    return found;
  };
  const integration = declared(integrations, route.target.replace(/^integrations\//, ""));
  return {
    api: componentName(declared(apis, route.apiId), "Api"),
    method,
    path,
    functionName: functionName(attributes<{ integrationUri: string }>(integration).integrationUri),
    authorization: route.authorizationType,
    authorizer: route.authorizerId ? readAuthorizer(declared(authorizers, route.authorizerId), functionName) : null,
  };
}

function readAuthorizer(resource: CreatedResource, functionName: NameOfFunction): AuthorizerNode {
  const authorizer = attributes<{
    authorizerType: "JWT" | "REQUEST";
    authorizerUri?: string;
    authorizerResultTtlInSeconds?: number;
    jwtConfiguration?: { issuer: string; audiences: string[] };
  }>(resource);
  if (authorizer.authorizerType === "JWT") {
    const { issuer = "", audiences = [] } = authorizer.jwtConfiguration ?? {};
    return { type: "JWT", issuer, audiences };
  }
  return {
    type: "REQUEST",
    functionName: functionName(authorizer.authorizerUri ?? ""),
    resultTtlSeconds: authorizer.authorizerResultTtlInSeconds ?? 0,
  };
}

function readKey(resource: CreatedResource): KeyNode {
  const key = attributes<{
    keyId: string;
    arn: string;
    keyUsage?: string;
    customerMasterKeySpec?: string;
    deletionWindowInDays?: number;
  }>(resource);
  return {
    logicalName: resource.name,
    keyId: key.keyId,
    arn: key.arn,
    keyUsage: key.keyUsage ?? "ENCRYPT_DECRYPT",
    keySpec: key.customerMasterKeySpec ?? "SYMMETRIC_DEFAULT",
    deletionWindowDays: key.deletionWindowInDays ?? null,
  };
}

function readAlarm(resource: CreatedResource): AlarmNode {
  const alarm = attributes<{
    name: string;
    namespace: string;
    metricName: string;
    dimensions?: Record<string, string>;
    statistic: string;
    comparisonOperator: string;
    threshold: number;
    period: number;
    evaluationPeriods: number;
    treatMissingData: string;
    alarmActions?: string[];
  }>(resource);
  return {
    logicalName: resource.name,
    name: alarm.name,
    namespace: alarm.namespace,
    metricName: alarm.metricName,
    dimensions: alarm.dimensions ?? {},
    statistic: alarm.statistic,
    comparison: alarm.comparisonOperator,
    threshold: alarm.threshold,
    periodSeconds: alarm.period,
    evaluationPeriods: alarm.evaluationPeriods,
    treatMissingData: alarm.treatMissingData,
    actions: alarm.alarmActions ?? [],
  };
}
