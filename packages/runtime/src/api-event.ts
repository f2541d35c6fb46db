import { type ApiRequest, anyone, type Caller, type Role, roles } from "@plimsoll/api";
import * as z from "zod";

/** The parts of an HTTP API event of payload format 2.0 that the API needs. */
const apiEvent = z.object({
  rawPath: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  queryStringParameters: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string(),
    timeEpoch: z.int(),
    http: z.object({ method: z.string() }),
    authorizer: z
      .object({
        iam: z.object({ userArn: z.string() }).nullish(),
        jwt: z.object({ claims: z.record(z.string(), z.unknown()) }).nullish(),
        lambda: z.object({ account_id: z.string(), expires_at_ms: z.coerce.number() }).nullish(),
      })
      .nullish(),
  }),
});

/** A request of the API, and its time by the gateway's clock in milliseconds. */
export interface ReceivedRequest {
  readonly request: ApiRequest;
  readonly timeEpoch: number;
}

/** Parses an event of one of the HTTP APIs; throws if it is none. `rolesClaim` names the claim of operators' roles. */
export function parseApiEvent(event: unknown, rolesClaim: string): ReceivedRequest {
  const { rawPath, headers, queryStringParameters, body, isBase64Encoded, requestContext } = apiEvent.parse(event);
  return {
    timeEpoch: requestContext.timeEpoch,
    request: {
      method: requestContext.http.method,
      path: rawPath,
      query: queryStringParameters,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: body === undefined ? null : Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
      requestId: requestContext.requestId,
      caller: callerOf(requestContext.authorizer, rolesClaim),
    },
  };
}

type Authorizer = z.infer<typeof apiEvent>["requestContext"]["authorizer"];

/** Returns the caller that the gateway has established. Each kind of authorizer belongs to one kind of caller. */
function callerOf(authorizer: Authorizer, rolesClaim: string): Caller {
  if (authorizer?.iam) {
    return {
      roles: ["backend"],
      name: `backend ${roleOf(authorizer.iam.userArn)}`,
      accountId: null,
      expiresAtMs: null,
    };
  }
  if (authorizer?.jwt) {
    const { claims } = authorizer.jwt;
    const name = `operator ${String(claims.iss)} ${String(claims.sub)}`;
    return { roles: operatorRoles(claims[rolesClaim]), name, accountId: null, expiresAtMs: null };
  }
  if (authorizer?.lambda) {
    const { account_id, expires_at_ms } = authorizer.lambda;
    return { roles: ["trader"], name: `trader ${account_id}`, accountId: account_id, expiresAtMs: expires_at_ms };
  }
  return anyone;
}

/** Returns the ARN without the name of a session, since each process of a back end has a session of its own. */
function roleOf(userArn: string): string {
  return userArn.replace(/(:assumed-role\/[^/]+)\/.*$/, "$1");
}

const operatorRoleNames: readonly Role[] = roles.filter((role) => role !== "backend" && role !== "trader");

/** Reads the roles of an operator. The gateway writes a list as `[viewer risk]`. Other names give no role. */
function operatorRoles(claim: unknown): Role[] {
  const text = String(claim ?? "");
  const list = /^\[(.*)\]$/.exec(text)?.[1];
  const words = Array.isArray(claim) ? claim.map(String) : list === undefined ? [text] : list.split(/[\s,]+/);
  return operatorRoleNames.filter((role) => words.includes(role));
}
