import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ApiNode } from "../graph/stage-graph.ts";
import { corsFor, corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { type DoorSettings, Doors, Refusal, readCredential } from "./doors.ts";
import { arrivalMs, LOCAL_TIME_HEADER, toHttpEvent, writeHttpResult } from "./http-event.ts";
import { isReference, serveReference } from "./reference.ts";

/** Settings of the local API. */
export interface HttpTriggerSettings extends DoorSettings {
  readonly apis: readonly ApiNode[];
  /** With 0 a free port is used. */
  readonly port: number;
  /** The market's clock. */
  readonly clock: () => number;
}

/** Thrown if the port is taken. The message says which one. */
export class ApiPortError extends Error {
  override readonly name = "ApiPortError";
}

/** Largest body, as API Gateway refuses more. */
const BODY_LIMIT_BYTES = 10 * 1_024 * 1_024;
const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Serves the routes of all of the graph's APIs on one address of localhost. Callers are asked who they are as on AWS,
 * but the keys and tokens of a local stage are no secrets. Therefore only this machine is served, and of pages of other
 * origins, which could reach localhost through the user's browser, those that the stacks name.
 */
export class HttpTrigger {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts to listen. */
  static async start(settings: HttpTriggerSettings): Promise<HttpTrigger> {
    const doors = new Doors(settings);
    const server = createServer((request, response) => {
      handle(request, response, doors, settings).catch((error: unknown) => {
        respond(response, 500, `The local API failed: ${error}`);
      });
    });
    server.listen(settings.port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (cause) {
      throw new ApiPortError(`The API's port ${settings.port} cannot be used; choose another or 0 for a free one`, {
        cause,
      });
    }
    return new HttpTrigger(server);
  }

  /** The address, without a slash at the end. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The local API is not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Accepts no more requests, and resolves once running ones are answered. */
  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeIdleConnections();
    await closed;
  }

  /** Closes the connections that are still open. */
  drop(): void {
    this.#server.closeAllConnections();
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  doors: Doors,
  { apis, clock, invoke }: HttpTriggerSettings,
): Promise<void> {
  const cors = corsFor(request, apis);
  if (!isLocal(request) && cors === undefined) {
    respond(response, 403, "The local API serves this machine only");
    return;
  }
  if (cors !== undefined) response.setHeaders(new Map(Object.entries(corsHeaders(request, cors))));
  if (cors !== undefined && isPreflight(request)) {
    response.writeHead(204, preflightHeaders(request, cors));
    response.end();
    return;
  }
  // Resolved against a base, a path such as `//host/path` would name another host, or be no address at all.
  const url = new URL(`http://localhost${request.url}`);
  if (request.method === "GET" && isReference(url.pathname)) return serveReference(url.pathname, response);
  const credential = readCredential(request);
  const match = doors.find(request.method ?? "GET", url.pathname, credential);
  if (match instanceof Refusal) {
    respond(response, match.statusCode, match.message);
    return;
  }
  const timeMs = timeOf(request, clock());
  if (timeMs instanceof Refusal) {
    respond(response, timeMs.statusCode, timeMs.message);
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    respond(response, 413, "Request Entity Too Large");
    return;
  }
  const parts = { request, url, body, match, timeMs };
  const authorizer = await doors.admit(parts, credential);
  if (authorizer instanceof Refusal) {
    respond(response, authorizer.statusCode, authorizer.message);
    return;
  }
  const result = await invoke(match.route.functionName, toHttpEvent(parts, authorizer), timeMs);
  if (result.ok) writeHttpResult(response, result.payload);
  else respond(response, 500, "Internal Server Error");
}

/** Returns the time at which a request arrives, or why it cannot be the one that it states. */
function timeOf(request: IncomingMessage, nowMs: number): number | Refusal {
  const timeMs = arrivalMs(request, nowMs);
  if (Number.isNaN(timeMs)) {
    return new Refusal(400, `${LOCAL_TIME_HEADER} must be a time in ISO 8601, for example 2026-02-05T15:51:32Z`);
  }
  if (timeMs <= nowMs) return timeMs;
  const [given, now] = [timeMs, nowMs].map((ms) => new Date(ms).toISOString());
  return new Refusal(
    400,
    `${LOCAL_TIME_HEADER} ${given} is ahead of the market's clock, ${now}: leave it out, or give a past time`,
  );
}

/**
 * Whether a request comes from this machine: neither by another host name that leads here, nor from a page of another
 * origin.
 */
function isLocal(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  const hosts = [`http://${host}`, ...(origin === undefined ? [] : [origin])];
  return hosts.every((text) => URL.canParse(text) && LOCAL_HOSTS.has(new URL(text).hostname));
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return length > BODY_LIMIT_BYTES ? undefined : Buffer.concat(chunks);
}

function respond(response: ServerResponse, statusCode: number, message: string): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(statusCode, { "content-type": "application/json" });
  response.end(JSON.stringify({ message }));
}
