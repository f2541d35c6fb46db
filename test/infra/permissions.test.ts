import type { StageGraph } from "@plimsoll/local";
import { beforeAll, describe, expect, it } from "vitest";
import { stages } from "../support/evaluate-stages.ts";
import { grants, graphOf, named } from "../support/stages.ts";

const consume = (queue: string) =>
  ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"].map((action) => `${queue} sqs:${action}`);
const onTable = (table: string, ...actions: string[]) => actions.map((action) => `${table} dynamodb:${action}`);
const send = (...queues: string[]) => queues.map((queue) => `${queue} sqs:SendMessage`);

const startSweep = [
  ...onTable("Market", "GetItem", "Query", "PutItem", "BatchWriteItem"),
  ...onTable("Margin", "GetItem", "PutItem", "UpdateItem"),
  ...send("ShardWork"),
];

const requestStates = [
  ...onTable("Ledger", "GetItem", "PutItem", "UpdateItem", "BatchWriteItem", "Query"),
  "AccountStateRequests sns:Publish",
];

const accountTopics = (stage: string) => `arn:aws:sns:us-east-1:000000000000:plimsoll-${stage}-account-*`;

const publish = (stage: string) => [
  ...onTable("Margin", "BatchGetItem", "Query", "BatchWriteItem", "UpdateItem"),
  ...onTable("Notify", "BatchGetItem"),
  "OperatorCalls sns:Publish",
  `${accountTopics(stage)} sns:Publish`,
];

const reads = ["Ledger", "Market", "Margin"].flatMap((table) => onTable(table, "GetItem", "BatchGetItem", "Query"));

/** All that each function may do; a function that needs more says so here and in its stack. */
const allowed: Record<string, (stage: string) => string[]> = {
  IngestPrices: () => [...onTable("Market", "PutItem", "GetItem", "Query"), ...send("Rejects", "SweepRequests")],
  IngestAccounts: () => [
    ...onTable("Ledger", "GetItem", "PutItem", "UpdateItem", "BatchWriteItem", "Query"),
    ...onTable("Market", "GetItem", "Query"),
    ...send("ShardWork", "AccountGaps", "Rejects"),
    ...consume("AccountEvents"),
  ],
  RequestAccountStatesOnGap: () => [...requestStates, ...consume("AccountGaps")],
  RequestAccountStatesOnSchedule: () => requestStates,
  StartSweepOnSchedule: () => startSweep,
  StartSweepOnRequest: () => [...startSweep, ...consume("SweepRequests"), ...send("SweepRequests")],
  ComputeShard: () => [
    ...onTable("Ledger", "GetItem", "Query"),
    ...onTable("Market", "GetItem", "Query"),
    ...onTable(
      "Margin",
      "GetItem",
      "BatchGetItem",
      "Query",
      "PutItem",
      "UpdateItem",
      "ConditionCheckItem",
      "BatchWriteItem",
    ),
    ...send("ShardWork"),
    ...consume("ShardWork"),
  ],
  PublishCalls: (stage) => [
    ...publish(stage),
    ...onTable("Margin stream", "DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"),
  ],
  RepublishCalls: (stage) => publish(stage),
  ProposeParameters: () => [
    ...onTable("Market", "GetItem", "Query", "PutItem", "UpdateItem"),
    "OperatorAlarms sns:Publish",
  ],
  ReportResponsiveness: () => [...onTable("Market", "GetItem", "Query"), ...onTable("Margin", "PutItem", "Query")],
  AnswerReads: () => reads,
  AnswerQuestions: () => reads,
  TakeAccounts: () => [
    ...send("AccountEvents"),
    ...onTable("Requests", "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
  ],
  DescribeApi: () => [],
  IssueTokens: () => ["TokenKey1 kms:Sign"],
  AuthorizeTraders: () => ["TokenKey1 kms:GetPublicKey"],
};

/** Values by link that each function gets; never more than its work needs to be told. */
const linked: Record<string, string[]> = {
  IngestPrices: ["MarketTable", "RejectsQueue", "StageSettings", "SweepRequestsQueue"],
  IngestAccounts: ["AccountGapsQueue", "LedgerTable", "MarketTable", "RejectsQueue", "ShardWorkQueue", "StageSettings"],
  RequestAccountStatesOnGap: ["AccountStateRequestsTopic", "LedgerTable", "StageSettings"],
  RequestAccountStatesOnSchedule: ["AccountStateRequestsTopic", "LedgerTable", "StageSettings"],
  StartSweepOnSchedule: ["MarginTable", "MarketTable", "ShardWorkQueue", "StageSettings"],
  StartSweepOnRequest: ["MarginTable", "MarketTable", "ShardWorkQueue", "StageSettings", "SweepRequestsQueue"],
  ComputeShard: ["LedgerTable", "MarginTable", "MarketTable", "ShardWorkQueue", "StageSettings"],
  PublishCalls: ["AccountTopics", "MarginTable", "NotifyTable", "OperatorCallsTopic", "StageSettings"],
  RepublishCalls: ["AccountTopics", "MarginTable", "NotifyTable", "OperatorCallsTopic", "StageSettings"],
  ProposeParameters: ["MarketTable", "OperatorAlarmsTopic", "StageSettings"],
  ReportResponsiveness: ["MarginTable", "MarketTable", "StageSettings"],
  AnswerReads: ["LedgerTable", "MarginTable", "MarketTable", "StageSettings"],
  AnswerQuestions: ["LedgerTable", "MarginTable", "MarketTable", "StageSettings"],
  TakeAccounts: ["AccountEventsQueue", "RequestsTable", "StageSettings"],
  DescribeApi: ["StageSettings"],
  IssueTokens: ["StageSettings", "TokenSigningKey"],
  AuthorizeTraders: ["StageSettings", "TokenKeys"],
};

/** What each schedule invokes. */
const scheduled = {
  AccountGapSchedule: "RequestAccountStatesOnSchedule",
  ParameterSchedule: "ProposeParameters",
  RepublishSchedule: "RepublishCalls",
  ResponsivenessSchedule: "ReportResponsiveness",
  SweepSchedule: "StartSweepOnSchedule",
};

describe.each(stages)("stage %s", (stage) => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await graphOf(stage);
  });

  it.each(Object.keys(allowed))("lets %s do exactly what is listed", (name) => {
    const expected = allowed[name]?.(stage).map((grant) => `Allow ${grant}`);
    expect(grants(graph, named(graph.functions, name))).toEqual(expected?.sort());
  });

  it("has no function that is not listed", () => {
    expect(graph.functions.map(({ logicalName }) => logicalName)).toEqual(Object.keys(allowed).sort());
  });

  it.each(Object.keys(linked))("links to %s the values it needs", (name) => {
    const links = Object.keys(named(graph.functions, name).environment)
      .filter((variable) => variable.startsWith("SST_RESOURCE_"))
      .map((variable) => variable.slice("SST_RESOURCE_".length));
    expect(links.sort()).toEqual(["App", ...(linked[name] ?? [])].sort());
  });

  it("gives no role a wildcard action, and a wildcard resource only in the account topics' prefix", () => {
    const statements = rolePolicies(graph).flatMap(({ role, policy }) =>
      policy.Statement.map((statement) => ({ role, ...statement })),
    );
    expect(statements.length).toBeGreaterThan(graph.functions.length);
    expect(statements.filter(({ Action }) => [Action].flat().some((action) => action.includes("*")))).toEqual([]);
    const wide = statements.flatMap(({ role, Resource }) =>
      [Resource].flat().flatMap((arn) => (arn.includes("*") ? [`${role}: ${arn}`] : [])),
    );
    expect(wide).toEqual([`PublishCallsRole: ${accountTopics(stage)}`, `RepublishCallsRole: ${accountTopics(stage)}`]);
  });

  it("adds to the roles of functions AWS's policy for writing logs, and nothing else", () => {
    for (const { managedPolicyArns } of graph.functions) {
      expect(managedPolicyArns).toEqual(["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]);
    }
    const attached = graph.resources.filter(({ type }) => /^aws:iam\/(?!role:)/.test(type));
    expect(attached.map(({ logicalName }) => logicalName)).toEqual([]);
  });

  it("lets each API invoke the functions behind its routes, and nobody else invoke any", () => {
    const needed = graph.routes.flatMap(({ api, functionName, authorizer }) => [
      `${api} ${functionName}`,
      ...(authorizer?.type === "REQUEST" ? [`${api} ${authorizer.functionName}`] : []),
    ]);
    const granted = graph.resources
      .filter(({ type }) => type === "aws:lambda/permission:Permission")
      .map(({ inputs }) => {
        expect(inputs).toMatchObject({ action: "lambda:InvokeFunction", principal: "apigateway.amazonaws.com" });
        const [, api] =
          /^arn:aws:execute-api:[^*]+:plimsoll-[a-z0-9-]+-(\w+)Api\//.exec(String(inputs.sourceArn)) ?? [];
        return `${api} ${graph.functions.find(({ arn }) => arn === inputs.function)?.logicalName}`;
      });
    expect(granted.sort()).toEqual([...new Set(needed)].sort());
  });

  it("lets only the service that runs it assume a role", () => {
    const trust = graph.resources
      .filter(({ type }) => type === "aws:iam/role:Role")
      .map(({ logicalName, inputs }) => {
        const { Statement } = parsePolicy(inputs.assumeRolePolicy);
        return [logicalName, Statement.map(({ Principal }) => Principal)];
      });
    const expected = graph.functions.map(({ logicalName }) => [
      `${logicalName}Role`,
      [{ Service: "lambda.amazonaws.com" }],
    ]);
    const schedules = Object.keys(scheduled).map((name) => [`${name}Role`, [{ Service: "scheduler.amazonaws.com" }]]);
    expect(trust.sort()).toEqual([...expected, ...schedules].sort());
  });

  it.each(Object.entries(scheduled))("lets %s invoke its function only", (schedule, functionName) => {
    const role = rolePolicies(graph).find((candidate) => candidate.role === `${schedule}Role`);
    expect(role?.policy.Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: [named(graph.functions, functionName).arn],
      },
    ]);
  });
});

interface Policy {
  Statement: { Effect: string; Action: string | string[]; Resource: string | string[]; Principal?: unknown }[];
}

function parsePolicy(policy: unknown): Policy {
  return (typeof policy === "string" ? JSON.parse(policy) : policy) as Policy;
}

function rolePolicies(graph: StageGraph): { role: string; policy: Policy }[] {
  return graph.resources
    .filter(({ type }) => type === "aws:iam/role:Role")
    .flatMap(({ logicalName, inputs }) =>
      ((inputs.inlinePolicies ?? []) as { policy: string }[]).map(({ policy }) => ({
        role: logicalName,
        policy: parsePolicy(policy),
      })),
    );
}
