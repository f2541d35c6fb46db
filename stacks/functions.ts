import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

/** One statement of a function's role: the actions it uses on the resources it uses, nothing wider. */
export interface Grant {
  actions: string[];
  resources: $util.Input<string>[];
}

interface FunctionDefinition {
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Values only. A table, queue or topic linked itself would bring `dynamodb:*`, `sqs:*` or `sns:*` with it. */
  readonly link: sst.Linkable<Record<string, unknown>>[];
  readonly permissions: Grant[];
  /** Workers on queues and streams run deployed even under `sst dev`, whose bridge loses concurrent responses. */
  readonly trigger: "queue" | "stream" | "schedule" | "request";
}

const assumedByLambda = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const deployedUnderDev = new Set(["queue", "stream", "schedule"]);

/** A function as all of ours are: one runtime, one log format, the role written out. */
export function defineFunction(name: string, definition: FunctionDefinition): sst.aws.Function {
  return new sst.aws.Function(name, {
    handler: definition.handler,
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout: `${definition.timeoutSeconds} seconds`,
    memory: `${definition.memoryMb} MB`,
    logging: { format: "json", retention: plan.logRetention },
    // Node reads a map at each cold start, a tenth of the time that loading takes. So the map is not in the bundle: names of
    // functions are kept in it, and SST keeps the map in the bucket of its own, for whoever looks up a position.
    nodejs: { format: "esm", minify: true },
    environment: {
      POWERTOOLS_SERVICE_NAME: "plimsoll",
      POWERTOOLS_METRICS_NAMESPACE: "Plimsoll",
    },
    link: definition.link,
    permissions: definition.permissions,
    ...(deployedUnderDev.has(definition.trigger) ? { dev: false } : {}),
    // SST 4.17 lets the whole account assume the role, which only the bridge of `sst dev` needs.
    ...($dev ? {} : { transform: { role: { assumeRolePolicy: assumedByLambda } } }),
  });
}

/** What the SQS poller needs on the queue it empties. */
export function consume(queue: sst.aws.Queue): Grant {
  return { actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources: [queue.arn] };
}

/** What a sender needs on a queue. */
export function send(...queues: sst.aws.Queue[]): Grant {
  return { actions: ["sqs:SendMessage"], resources: queues.map((queue) => queue.arn) };
}

/** Actions on one table, without its indexes or stream. */
export function onTable(table: sst.aws.Dynamo, ...actions: string[]): Grant {
  return { actions: actions.map((action) => `dynamodb:${action}`), resources: [table.arn] };
}
