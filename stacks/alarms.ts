import {
  accountEvents,
  accountGaps,
  accountStateRequests,
  ingestAccounts,
  requestAccountStatesOnGap,
  requestAccountStatesOnSchedule,
} from "./accounts.ts";
import { answerQuestions, answerReads, describeApi, takeAccounts } from "./answers.ts";
import { apis } from "./api.ts";
import { operatorCalls, publishCalls, republishCalls } from "./calls.ts";
import { operatorAlarms } from "./operators.ts";
import { proposeParameters, reportResponsiveness } from "./parameters.ts";
import { ingestPrices } from "./prices.ts";
import { planStage } from "./stage.ts";
import { computeShard, shardWork, startSweepOnRequest, startSweepOnSchedule, sweepRequests } from "./sweep.ts";
import { authorizeTraders, issueTokens } from "./tokens.ts";

const plan = planStage($app.stage);

// The address for production's alarms comes from the environment of the deployment; without it there is no mailbox.
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
  readonly namespace: "AWS/ApiGateway" | "AWS/Lambda" | "AWS/SNS" | "AWS/SQS" | "Plimsoll";
  readonly metricName: string;
  readonly dimensions: Record<string, $util.Input<string>>;
  readonly statistic: "Maximum" | "Sum";
  readonly threshold: number;
  /** Number of successive minutes in which the threshold must be reached. */
  readonly minutes: number;
  readonly missingData: "breaching" | "notBreaching";
}

const workQueues = {
  AccountEvents: accountEvents,
  AccountGaps: accountGaps,
  SweepRequests: sweepRequests,
  ShardWork: shardWork,
};

/** Functions that throw if they fail, so that Lambda counts an error. Those of the API count most failures themselves. */
const throwingFunctions = {
  AnswerQuestions: answerQuestions,
  AnswerReads: answerReads,
  AuthorizeTraders: authorizeTraders,
  DescribeApi: describeApi,
  IngestPrices: ingestPrices,
  IssueTokens: issueTokens,
  ProposeParameters: proposeParameters,
  RepublishCalls: republishCalls,
  ReportResponsiveness: reportResponsiveness,
  RequestAccountStatesOnSchedule: requestAccountStatesOnSchedule,
  StartSweepOnSchedule: startSweepOnSchedule,
  TakeAccounts: takeAccounts,
};

/**
 * Functions that succeed and report the records that failed, which they count themselves. Lambda counts an error only
 * if a run fails as a whole.
 */
const batchFunctions = {
  ComputeShard: computeShard,
  IngestAccounts: ingestAccounts,
  PublishCalls: publishCalls,
  RequestAccountStatesOnGap: requestAccountStatesOnGap,
  StartSweepOnRequest: startSweepOnRequest,
};

const topics = {
  AccountStateRequests: accountStateRequests,
  OperatorAlarms: operatorAlarms,
  OperatorCalls: operatorCalls,
};

/** The default of most alarms: one occurrence in a minute raises it, and missing data is good news. */
const fromTheFirst = { statistic: "Sum", threshold: 1, minutes: 1, missingData: "notBreaching" } as const;

/** In production sweeps and the republisher run by schedule, so missing data means that nothing runs. */
const byTheClock = plan.kind === "production" ? "breaching" : "notBreaching";

const ours = { service: "plimsoll", stage: $app.stage };

/**
 * A metric that every shard of a sweep reports. It must reach the threshold for as many minutes as the stage's plan
 * says.
 */
const bySweeps = {
  namespace: "Plimsoll",
  dimensions: ours,
  statistic: "Maximum",
  threshold: 1,
  minutes: plan.sweepAlarmMinutes,
  missingData: "notBreaching",
} as const;

/**
 * The republisher runs each minute and takes events that are at least a minute old. An older event than this was tried
 * and not published.
 */
const UNPUBLISHED_SECONDS = 180;
/** An exchange answers a request within seconds. After this time somebody must look. */
const ACCOUNT_GAP_SECONDS = 120;
/** Age of stream records in milliseconds. After two minutes the republisher publishes their events anyway. */
const ITERATOR_AGE_MS = 120_000;
/** Age of a price that somebody holds. From this age on marks make a price degraded. */
const PRICE_AGE_SECONDS = 900;

const alarms: Record<string, AlarmDefinition> = {
  ...each(workQueues, (name, { queue, deadLetters, visibilitySeconds }) => ({
    [`${name}DeadLettersDepth`]: {
      ...fromTheFirst,
      description: `A message of ${name} was given up. Read its cause, then redrive it.`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: deadLetters.nodes.queue.name },
      statistic: "Maximum",
    },
    [`${name}Age`]: {
      ...fromTheFirst,
      description: `A message of ${name} is older than a whole retry: its consumer fails over it, runs out of time, or does not keep up.`,
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: queue.nodes.queue.name },
      statistic: "Maximum",
      threshold: visibilitySeconds,
    },
  })),
  ...each({ ...throwingFunctions, ...batchFunctions }, (name, of) => ({
    [`${name}Errors`]: {
      ...fromTheFirst,
      description: `${name} threw, was killed or ran out of time. Its log group has the cause.`,
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: of.name },
    },
  })),
  ...each(batchFunctions, (name, of) => ({
    [`${name}FailedRecords`]: {
      ...fromTheFirst,
      description: `${name} could not handle what it was given, which comes again. Its log group has the cause.`,
      namespace: "Plimsoll",
      metricName: "FailedRecords",
      dimensions: { ...ours, function_name: of.name },
    },
  })),
  ...each({ ...throwingFunctions, ...batchFunctions }, (name, of) => ({
    [`${name}Throttles`]: {
      ...fromTheFirst,
      // Only ComputeShard has a limit of its own, and its poller stays below it.
      description: `${name} was refused a run: the account's limit of concurrent runs is reached.`,
      namespace: "AWS/Lambda",
      metricName: "Throttles",
      dimensions: { FunctionName: of.name },
    },
  })),
  PublishCallsIteratorAge: {
    ...fromTheFirst,
    description: "Call events wait in the stream: PublishCalls fails as a whole or does not keep up.",
    namespace: "AWS/Lambda",
    metricName: "IteratorAge",
    dimensions: { FunctionName: publishCalls.name },
    statistic: "Maximum",
    threshold: ITERATOR_AGE_MS,
  },
  ...each(apis, (name, api) => ({
    [`${name}ServerErrors`]: {
      ...fromTheFirst,
      description: `${name} answered 5xx: a caller must send his request again.`,
      namespace: "AWS/ApiGateway",
      metricName: "5xx",
      dimensions: { ApiId: api.nodes.api.id },
    },
  })),
  ApiFailures: {
    ...fromTheFirst,
    description:
      "A function of the API answered 503 by a fault of the stage, which Lambda counts as a success. Its log has the cause.",
    namespace: "Plimsoll",
    metricName: "ApiFailures",
    dimensions: ours,
  },
  ...each(topics, (name, topic) => ({
    [`${name}FailedNotifications`]: {
      ...fromTheFirst,
      description: `SNS could not deliver a message of ${name} to one of its subscribers.`,
      namespace: "AWS/SNS",
      metricName: "NumberOfNotificationsFailed",
      dimensions: { TopicName: topic.nodes.topic.name },
    },
  })),
  UnpublishedCallAge: {
    ...fromTheFirst,
    description: "A committed call is not published, and trying again did not help: plimsoll calls list names it.",
    namespace: "Plimsoll",
    metricName: "UnpublishedCallAgeSeconds",
    dimensions: ours,
    statistic: "Maximum",
    threshold: UNPUBLISHED_SECONDS,
    minutes: plan.sweepAlarmMinutes,
    missingData: byTheClock,
  },
  CallsSetAside: {
    ...fromTheFirst,
    description: "A call cannot be published as things are: plimsoll calls list says why. Tell the account by hand.",
    namespace: "Plimsoll",
    metricName: "CallsSetAside",
    dimensions: ours,
    statistic: "Maximum",
  },
  AccountGapAge: {
    ...fromTheFirst,
    description: "An account has lacked events for minutes, and the exchange has not sent the state it was asked for.",
    namespace: "Plimsoll",
    metricName: "AccountGapAgeSeconds",
    dimensions: ours,
    statistic: "Maximum",
    threshold: ACCOUNT_GAP_SECONDS,
  },
  SweepAge: {
    ...bySweeps,
    description: "No sweep has completed for too long: margins are out of date, and calls may be missing.",
    metricName: "SweepAgeSeconds",
    threshold: plan.sweepAgeAlarmSeconds,
    missingData: byTheClock,
  },
  PriceAge: {
    ...bySweeps,
    description: "A price that accounts rest on is old. The metric of this name by underlying says which.",
    metricName: "PriceAgeSeconds",
    threshold: PRICE_AGE_SECONDS,
  },
  PricesUnusable: {
    ...bySweeps,
    description: "Prices that accounts rest on may not escalate a call. PriceUsable by underlying says which.",
    metricName: "PricesUnusable",
  },
  AccountsNotMargined: {
    ...bySweeps,
    description: "Accounts have no margin. The log of ComputeShard and their rows say why.",
    metricName: "AccountsNotMargined",
    minutes: 1,
  },
  AccountsIncomplete: {
    ...bySweeps,
    description: "Accounts are in doubt: something they hold is counted at its worst. Their rows say what.",
    metricName: "AccountsIncomplete",
    minutes: 1,
  },
};

function each<Of>(
  of: Record<string, Of>,
  define: (name: string, of: Of) => Record<string, AlarmDefinition>,
): Record<string, AlarmDefinition> {
  return Object.assign({}, ...Object.entries(of).map(([name, one]) => define(name, one)));
}

for (const [name, definition] of Object.entries(alarms)) {
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
