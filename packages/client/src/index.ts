import openapiFetch, { type Client } from "openapi-fetch";
import { PlimsollError, readFailure, retryAfterSeconds } from "./plimsoll-error.ts";
import type { components, operations, paths } from "./schema.d.ts";

export { type FieldProblem, PlimsollError } from "./plimsoll-error.ts";

/** The schemas of the API by their names in the document, such as `Schemas["AccountMargin"]`. */
export type Schemas = components["schemas"];

/** The parameters of a route's query by the id of the route, such as `Query<"listAccounts">`. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]["parameters"]["query"]>;

/** Adds a signature to a request. The entry `@plimsoll/client/sigv4` makes one for keys of AWS. */
export type Signer = (request: Request) => Promise<Request>;

/** What says who is asking: the token of a trader or an operator, or a signature with keys of AWS. */
export type Credential = { readonly token: string } | { readonly sign: Signer };

export interface ClientOptions {
  /** The address of a stage, such as `https://abc.execute-api.eu-west-1.amazonaws.com`. The paths begin with `/v1`. */
  readonly url: string;
  /** Left out where only what is open to anyone is asked. */
  readonly credential?: Credential;
  /** What sends the requests; the fetch of the platform where it is left out. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Waits before a request is sent again. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A client of the API. `client.GET("/v1/accounts/{id}/margin", …)` and the like have the types of their routes. */
export type PlimsollClient = Client<paths>;

/** How often a GET is sent again after 429 or 503. */
const mostRetries = 3;

/** Longest wait that Retry-After may ask for. An answer that asks for more is given to the caller at once. */
const longestWaitSeconds = 30;

const waitOn = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Makes a client of a stage. Its methods throw a PlimsollError for every answer that is no success, but for 304, and
 * where no answer comes. A GET is sent again after 429 and 503 if Retry-After says when; nothing else is, as the first
 * request may have been carried out.
 */
export function createClient({ url, credential, fetch = globalThis.fetch, sleep = waitOn }: ClientOptions) {
  const send = async (request: Request): Promise<Response> => {
    for (let retry = 0; ; retry += 1) {
      const response = await sendOnce(await withCredential(request, credential), fetch);
      const waitSeconds = retry < mostRetries ? secondsUntilRetry(request, response) : null;
      if (waitSeconds === null) return response;
      await response.body?.cancel();
      await sleep(waitSeconds * 1_000);
    }
  };
  const client: PlimsollClient = openapiFetch<paths>({ baseUrl: url, fetch: send });
  client.use({
    async onResponse({ response }) {
      if (!response.ok && response.status !== 304) throw await readFailure(response);
    },
  });
  return client;
}

/** Returns the content of an answer. It is for requests that cannot be answered by 304. */
export async function contentOf<Data>(answering: Promise<{ readonly data?: Data; readonly response: Response }>) {
  const { data, response } = await answering;
  if (data !== undefined) return data;
  throw new PlimsollError({ status: response.status, kind: "unreadable", detail: "the answer has no content" });
}

async function sendOnce(request: Request, fetch: (request: Request) => Promise<Response>): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    const { origin } = new URL(request.url);
    throw new PlimsollError({ status: 0, kind: "no_answer", detail: `${origin} does not answer`, cause });
  }
}

/** A request can be sent once, so each attempt takes a copy. */
async function withCredential(request: Request, credential: Credential | undefined): Promise<Request> {
  const copy = request.clone();
  if (credential === undefined) return copy;
  if ("sign" in credential) return credential.sign(copy);
  copy.headers.set("authorization", `Bearer ${credential.token}`);
  return copy;
}

function secondsUntilRetry({ method }: Request, response: Response): number | null {
  if (method !== "GET" || (response.status !== 429 && response.status !== 503)) return null;
  const seconds = retryAfterSeconds(response);
  return seconds === null || seconds > longestWaitSeconds ? null : seconds;
}
