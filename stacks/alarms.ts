import {
  accountEvents,
  accountGaps,
  ingestAccounts,
  requestAccountStatesOnGap,
  requestAccountStatesOnSchedule,
} from "./accounts.ts";
import { callEventsDeadLetters, publishCalls } from "./calls.ts";
import { operatorAlarms } from "./operators.ts";
import { proposeParameters, reportResponsiveness } from "./parameters.ts";
import { ingestPrices } from "./prices.ts";
import { planStage } from "./stage.ts";
import { computeShard, shardWork, startSweepOnRequest, startSweepOnSchedule, sweepRequests } from "./sweep.ts";

const plan = planStage($app.stage);

/** Two requests and a minute each to answer them. */
const ACCOUNT_GAP_ALARM_SECONDS = 120;

// Production's mailbox comes from the environment of the deployment, if at all.
const mailbox = process.env.PLIMSOLL_ALARM_EMAIL;
if (plan.kind === "production" && mailbox) {
  new aws.sns.TopicSubscription("OperatorMailbox", {
    topic: operatorAlarms.arn,
    protocol: "email",
    endpoint: mailbox,
  });
}

interface AlarmDefinition {
  readonly description: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, $util.Input<string>>;
  readonly statistic: "Maximum" | "Sum";
  readonly threshold: number;
  /** Minutes in a row at which the threshold must be reached. */
  readonly minutes: number;
  readonly missingData: "breaching" | "notBreaching";
}

function alarm(name: string, definition: AlarmDefinition) {
  new aws.cloudwatch.MetricAlarm(name, {
    name: `${$app.name}-${$app.stage}-${name}`,
    alarmDescription: definition.description,
    namespace: definition.namespace,
    metricName: definition.metricName,
    dimensions: definition.dimensions,
    statistic: definition.statistic,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: definition.threshold,
    period: 60,
    evaluationPeriods: definition.minutes,
    treatMissingData: definition.missingData,
    alarmActions: [operatorAlarms.arn],
    okActions: [operatorAlarms.arn],
  });
}

const deadLetterQueues = {
  AccountEvents: accountEvents.deadLetters,
  AccountGaps: accountGaps.deadLetters,
  SweepRequests: sweepRequests.deadLetters,
  ShardWork: shardWork.deadLetters,
  CallEvents: callEventsDeadLetters,
};
for (const [name, queue] of Object.entries(deadLetterQueues)) {
  alarm(`${name}DeadLettersDepth`, {
    description: `A message of ${name} was given up. Read its cause, then redrive it.`,
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queue.nodes.queue.name },
    statistic: "Maximum",
    threshold: 1,
    minutes: 1,
    missingData: "notBreaching",
  });
}

const functions = {
  IngestPrices: ingestPrices,
  IngestAccounts: ingestAccounts,
  RequestAccountStatesOnGap: requestAccountStatesOnGap,
  RequestAccountStatesOnSchedule: requestAccountStatesOnSchedule,
  StartSweepOnSchedule: startSweepOnSchedule,
  StartSweepOnRequest: startSweepOnRequest,
  ComputeShard: computeShard,
  PublishCalls: publishCalls,
  ProposeParameters: proposeParameters,
  ReportResponsiveness: reportResponsiveness,
};
for (const [name, of] of Object.entries(functions)) {
  alarm(`${name}Errors`, {
    description: `${name} failed. Its log group has the cause.`,
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: of.name },
    statistic: "Sum",
    threshold: 1,
    minutes: 1,
    missingData: "notBreaching",
  });
}

alarm("SweepAge", {
  description: "No sweep has completed for too long: margins are out of date, and calls may be missing.",
  namespace: "Plimsoll",
  metricName: "SweepAgeSeconds",
  dimensions: { service: "plimsoll", stage: $app.stage },
  statistic: "Maximum",
  threshold: plan.sweepAgeAlarmSeconds,
  minutes: plan.sweepAgeAlarmMinutes,
  missingData: plan.kind === "production" ? "breaching" : "notBreaching",
});

alarm("AccountGapAge", {
  description: "An account has lacked events for minutes, and the exchange has not sent the state it was asked for.",
  namespace: "Plimsoll",
  metricName: "AccountGapAgeSeconds",
  dimensions: { service: "plimsoll", stage: $app.stage },
  statistic: "Maximum",
  threshold: ACCOUNT_GAP_ALARM_SECONDS,
  minutes: 1,
  missingData: "notBreaching",
});
