import { limits } from "@plimsoll/schema";
import { Resource } from "sst";
import * as z from "zod";

const table = z.object({ name: z.string().min(3) });
const queue = z.object({ url: z.url() });

/** Schemas of the links between stacks and functions, by name. */
const links = {
  LedgerTable: table,
  MarketTable: table,
  MarginTable: table,
  NotifyTable: table,
  RequestsTable: table,
  TokenSigningKey: z.object({ keyId: z.string().min(1) }),
  TokenKeys: z.object({ keyIds: z.array(z.string().min(1)).min(1) }),
  AccountEventsQueue: queue,
  AccountGapsQueue: queue,
  AccountStateRequestsTopic: z.object({ arn: z.string().startsWith("arn:") }),
  SweepRequestsQueue: queue,
  ShardWorkQueue: queue,
  RejectsQueue: queue,
  OperatorCallsTopic: z.object({ arn: z.string().startsWith("arn:") }),
  OperatorAlarmsTopic: z.object({ arn: z.string().startsWith("arn:") }),
  AccountTopics: z.object({ arnPrefix: z.string().startsWith("arn:") }),
  StageSettings: z.object({
    stage: z.string().min(1),
    environment: z.string().regex(/^(live|local|preview:.+)$/, "live, local or preview:<stage>"),
    shardCount: z.int().min(1).max(limits.shards),
    priceTriggerBps: z.number().positive(),
    quoteMaxAgeMs: z.int().positive(),
    /** The claim of an operator's token that holds the roles. */
    rolesClaim: z.string().min(1),
  }),
} as const;

type Links = { [Name in keyof typeof links]: z.infer<(typeof links)[Name]> };

export type StageSettings = Links["StageSettings"];

/** Reads and parses a link. Throws if the function does not have it, or if it is not what the stacks declare. */
export function getLink<Name extends keyof Links>(name: Name): Links[Name] {
  const linked: Record<string, unknown> = Resource as unknown as Record<string, unknown>;
  const parsed = links[name].safeParse(linked[name]);
  if (!parsed.success) throw new Error(`Link ${name} is not what the stacks declare: ${z.prettifyError(parsed.error)}`);
  return parsed.data as Links[Name];
}
