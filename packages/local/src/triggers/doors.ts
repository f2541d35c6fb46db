import type { IncomingMessage } from "node:http";
import type { RouteNode } from "../graph/stage-graph.ts";
import type { InvocationResult } from "../sandbox/function-pool.ts";
import { ACCOUNT_ID, type RequestParts, toAuthorizerEvent } from "./http-event.ts";
import { createRouteFinder, type RouteFinder, type RouteMatch } from "./http-route.ts";
import { isLocalBackend, type LocalIssuer, statedIssuer } from "./local-tokens.ts";
import { isSigned } from "./signature.ts";

/** What the doors of a local stage need. */
export interface DoorSettings {
  readonly routes: readonly RouteNode[];
  /** The region for which requests are signed. */
  readonly region: string;
  readonly issuer: LocalIssuer;
  /** Invokes a function at a time of the market's clock. */
  readonly invoke: (functionName: string, event: unknown, arrivalMs: number) => Promise<InvocationResult>;
}

/** An answer of API Gateway itself. */
export class Refusal {
  readonly statusCode: number;
  readonly message: string;

  constructor(statusCode: number, message: string) {
    this.statusCode = statusCode;
    this.message = message;
  }
}

const notFound = new Refusal(404, "Not Found");
const unauthorized = new Refusal(401, "Unauthorized");
const forbidden = new Refusal(403, "Forbidden");

/** What a request shows of who is asking. */
export type Credential =
  | { readonly kind: "none" | "signature" | "other" }
  | { readonly kind: "token"; readonly token: string; readonly issuer: string | undefined };

/** Reads the Authorization header. Nothing is verified yet. */
export function readCredential({ headersDistinct }: IncomingMessage): Credential {
  const header = headersDistinct.authorization?.join(",");
  if (header === undefined) return { kind: "none" };
  if (header.startsWith("AWS4-HMAC-SHA256 ")) return { kind: "signature" };
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  return token === undefined ? { kind: "other" } : { kind: "token", token, issuer: statedIssuer(token) };
}

/**
 * The HTTP APIs of a stage at one address. On AWS each has an address of its own. Here the credential of a request says
 * which of them it came for, and that API alone answers.
 */
export class Doors {
  readonly #settings: DoorSettings;
  readonly #finders: ReadonlyMap<string, RouteFinder>;

  constructor(settings: DoorSettings) {
    this.#settings = settings;
    const byApi = Map.groupBy(settings.routes, ({ api }) => api);
    this.#finders = new Map([...byApi].map(([api, routes]) => [api, createRouteFinder(routes)]));
  }

  /** Finds the route that a request with this credential gets to. */
  find(method: string, path: string, credential: Credential): RouteMatch | Refusal {
    const door = this.#doorOf(credential);
    if (door !== undefined) return this.#finders.get(door)?.(method, path) ?? notFound;
    const matches = [...this.#finders.values()].flatMap((find) => find(method, path) ?? []);
    const open = matches.find(({ route }) => route.authorization === "NONE");
    if (open !== undefined) return open;
    if (matches.length === 0) return notFound;
    return credential.kind === "none" ? unauthorized : forbidden;
  }

  /** Asks who is calling, as the route says. Returns what the function is told of him, which is empty for anyone. */
  async admit(parts: RequestParts, credential: Credential): Promise<object | Refusal> {
    const { authorization, authorizer } = parts.match.route;
    if (authorization === "NONE") return {};
    if (authorization === "AWS_IAM") return (await this.#isBackend(parts, credential)) ? localBackend : forbidden;
    if (authorizer?.type === "JWT") {
      if (credential.kind !== "token") return unauthorized;
      const claims = await this.#settings.issuer.claimsOf(credential.token, authorizer);
      return claims === undefined ? unauthorized : { jwt: { claims, scopes: null } };
    }
    if (authorizer?.type !== "REQUEST") throw new Error(`${parts.match.routeKey} has no authorizer`);
    const { functionName } = authorizer;
    const asked = await this.#settings.invoke(functionName, toAuthorizerEvent(parts), parts.timeMs);
    if (!asked.ok) return new Refusal(500, "Internal Server Error");
    const { isAuthorized, context = {} } = asked.payload as { isAuthorized?: boolean; context?: object };
    return isAuthorized === true ? { lambda: context } : forbidden;
  }

  /** Returns the API for which a credential is meant. Undefined if there is none, or no credential. */
  #doorOf(credential: Credential): string | undefined {
    if (credential.kind === "none") return undefined;
    const issuer = credential.kind === "token" ? credential.issuer : undefined;
    const { routes } = this.#settings;
    const ofOperators = routes.find(({ authorizer }) => authorizer?.type === "JWT" && authorizer.issuer === issuer);
    if (ofOperators !== undefined) return ofOperators.api;
    const wanted = credential.kind === "signature" || isLocalBackend(issuer) ? "AWS_IAM" : "CUSTOM";
    return routes.find(({ authorization }) => authorization === wanted)?.api;
  }

  async #isBackend({ request, url, body }: RequestParts, credential: Credential): Promise<boolean> {
    const { region, issuer } = this.#settings;
    if (credential.kind === "token") return issuer.isBackend(credential.token);
    return credential.kind === "signature" && isSigned({ request, url, body, region, nowMs: Date.now() });
  }
}

/** The caller as functions see him: the holder of the local keys. */
const localBackend = {
  iam: {
    accessKey: "local",
    accountId: ACCOUNT_ID,
    callerId: "local",
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:iam::${ACCOUNT_ID}:user/local`,
    userId: "local",
  },
};
