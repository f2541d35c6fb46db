import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

/** One statement of a function's role: only the actions and resources that it uses. */
export interface Grant {
  actions: string[];
  resources: $util.Input<string>[];
}

interface FunctionDefinition {
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Links pass values only. Linking a table, queue or topic itself would grant `dynamodb:*`, `sqs:*` or `sns:*`. */
  readonly link: sst.Linkable<Record<string, unknown>>[];
  readonly permissions: Grant[];
  /**
   * Workers on queues, streams and schedules are deployed even under `sst dev`, whose bridge loses concurrent
   * responses.
   */
  readonly trigger: "queue" | "stream" | "schedule" | "request";
}

const assumedByLambda = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const deployedUnderDev = new Set(["queue", "stream", "schedule"]);

/** Defines a function with the runtime, the log format and the explicit role that all functions share. */
export function defineFunction(name: string, definition: FunctionDefinition): sst.aws.Function {
  return new sst.aws.Function(name, {
    handler: definition.handler,
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout: `${definition.timeoutSeconds} seconds`,
    memory: `${definition.memoryMb} MB`,
    logging: { format: "json", retention: plan.logRetention },
    // Reading a source map takes Node a tenth of the loading time at each cold start, so the bundle has none. It keeps
    // the names of functions, and SST stores the map in its bucket for looking up positions.
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

/** Grants what the SQS poller needs on the queue that it reads. */
export function consume(queue: sst.aws.Queue): Grant {
  return { actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources: [queue.arn] };
}

/** Grants what a sender needs on queues. */
export function send(...queues: sst.aws.Queue[]): Grant {
  return { actions: ["sqs:SendMessage"], resources: queues.map((queue) => queue.arn) };
}

/** Grants actions on one table, without its indexes and its stream. */
export function onTable(table: sst.aws.Dynamo, ...actions: string[]): Grant {
  return { actions: actions.map((action) => `dynamodb:${action}`), resources: [table.arn] };
}
