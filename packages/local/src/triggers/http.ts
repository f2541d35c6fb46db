import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { RouteNode } from "../graph/stage-graph.ts";
import type { InvocationResult } from "../sandbox/function-pool.ts";
import { arrivalMs, LOCAL_TIME_HEADER, toHttpEvent, writeHttpResult } from "./http-event.ts";
import { createRouteFinder, type RouteFinder } from "./http-route.ts";

/** Settings of the local API. */
export interface HttpTriggerSettings {
  readonly routes: readonly RouteNode[];
  /** With 0 a free port is used. */
  readonly port: number;
  /** The market's clock. */
  readonly clock: () => number;
  /** Invokes a function at a time of the market's clock. */
  readonly invoke: (functionName: string, event: unknown, arrivalMs: number) => Promise<InvocationResult>;
}

/** Thrown if the port is taken. The message says which one. */
export class ApiPortError extends Error {
  override readonly name = "ApiPortError";
}

/** Largest body, as API Gateway refuses more. */
const BODY_LIMIT_BYTES = 10 * 1_024 * 1_024;
const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Serves the graph's routes on localhost. No caller is authenticated, whatever a route's authorisation says. Therefore
 * only this machine is served, and no page of another origin, which could reach localhost through the user's browser.
 */
export class HttpTrigger {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts to listen. */
  static async start(settings: HttpTriggerSettings): Promise<HttpTrigger> {
    const findRoute = createRouteFinder(settings.routes);
    const server = createServer((request, response) => {
      handle(request, response, findRoute, settings).catch((error: unknown) => {
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
  findRoute: RouteFinder,
  { clock, invoke }: HttpTriggerSettings,
): Promise<void> {
  if (!isLocal(request)) {
    respond(response, 403, "The local API serves this machine only");
    return;
  }
  const url = new URL(request.url ?? "/", "http://localhost");
  const match = findRoute(request.method ?? "GET", url.pathname);
  if (match === undefined) {
    respond(response, 404, "Not Found");
    return;
  }
  const nowMs = clock();
  const timeMs = arrivalMs(request, nowMs);
  if (Number.isNaN(timeMs)) {
    respond(response, 400, `${LOCAL_TIME_HEADER} must be a time in ISO 8601, for example 2026-02-05T15:51:32Z`);
    return;
  }
  if (timeMs > nowMs) {
    const [given, now] = [timeMs, nowMs].map((ms) => new Date(ms).toISOString());
    respond(
      response,
      400,
      `${LOCAL_TIME_HEADER} ${given} is ahead of the market's clock, ${now}: leave it out, or give a past time`,
    );
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    respond(response, 413, "Request Entity Too Large");
    return;
  }
  const event = toHttpEvent({ request, url, body, match, timeMs });
  const result = await invoke(match.route.functionName, event, timeMs);
  if (result.ok) writeHttpResult(response, result.payload);
  else respond(response, 500, "Internal Server Error");
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
