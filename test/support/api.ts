import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import type { Role } from "@plimsoll/api";
import type { Handler } from "@plimsoll/runtime";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { contextAt, type TestStage } from "./stage.ts";

/** Who asks: a role, and for a trader the account. */
export type Asker = Exclude<Role, "trader"> | { readonly trader: string } | "anyone";

/** A request of the API, as the tests write it. */
export interface Asked {
  readonly as?: Asker;
  /** What the gateway says of the caller, instead of `as`. */
  readonly authorizer?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The body as it is sent, instead of `body`. */
  readonly bytes?: Buffer;
  readonly atMs: number;
  /** The name of the back end, of which each has its own limit. */
  readonly name?: string;
}

/** An answer of the API. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every route.
  readonly body: any;
}

/** The authorizer that the gateway adds for a kind of caller. */
export function authorizerOf(asker: Asker, name = "backend"): unknown {
  if (asker === "anyone") return undefined;
  if (asker === "backend") return { iam: { userArn: `arn:aws:iam::000000000000:user/${name}` } };
  if (typeof asker === "string") {
    return { jwt: { claims: { iss: "https://issuer.example", sub: "ada", plimsoll_roles: `[${asker}]` } } };
  }
  return { lambda: { account_id: asker.trader, expires_at_ms: 9e15 } };
}

let asked = 0;

/** Asks a function of the API as the gateway hands a request over. */
export async function ask(
  handler: Handler<unknown, APIGatewayProxyStructuredResultV2>,
  route: string,
  { as = "backend", authorizer, query, headers = {}, body, bytes, atMs, name }: Asked,
): Promise<Answered> {
  const [method = "GET", path = "/"] = route.split(" ");
  asked += 1;
  const sent = bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  const event = {
    version: "2.0",
    rawPath: path,
    headers: { ...(sent && { "content-type": "application/json" }), ...headers },
    ...(query && { queryStringParameters: query }),
    ...(sent && { body: sent.toString("base64"), isBase64Encoded: true }),
    requestContext: {
      requestId: `asked-${asked}`,
      timeEpoch: atMs,
      http: { method },
      ...(as === "anyone" && authorizer === undefined ? {} : { authorizer: authorizer ?? authorizerOf(as, name) }),
    },
  };
  const answer = await handler(event, contextAt("Api", atMs));
  const text = answer.body ?? "";
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)])),
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Creates the table of requests that were carried out, and links it. */
export async function createRequestsTable(stage: TestStage): Promise<void> {
  await stage.dynamodb.send(
    new CreateTableCommand({
      TableName: "Requests",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  process.env.SST_RESOURCE_RequestsTable = JSON.stringify({ name: "Requests" });
}
