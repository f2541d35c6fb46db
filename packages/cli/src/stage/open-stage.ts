import {
  type Credential,
  contentOf,
  createClient,
  type PlimsollClient,
  PlimsollError,
  type Signer,
} from "@plimsoll/client";
import { InputError } from "@plimsoll/files/input-error";
import { errorText } from "@plimsoll/schema";

/** The options of every command that asks a stage by its API. */
export interface StageOptions {
  readonly url?: string;
  readonly token?: string;
  readonly json?: true;
}

/** A stage that answers questions. */
export interface OpenStage {
  /**
   * Asks, and returns the answer. `subject` is what the question is about, such as `account ada`. Throws an
   * `InputError` with the remedy where there is no such answer.
   */
  ask<Data>(subject: string, question: Question<Data>): Promise<Data>;
}

type Question<Data> = (client: PlimsollClient) => Promise<{ readonly data?: Data; readonly response: Response }>;

/** Opens the stage that the options name. A token is sent as it is; without one, requests are signed if there are keys. */
export async function openStage({ url, token }: StageOptions): Promise<OpenStage> {
  const address = checkAddress(url);
  const credential = token === undefined ? await findSigner(address) : { token };
  const client = createClient({ url: address, ...("missing" in credential ? {} : { credential }) });
  return {
    async ask(subject, question) {
      try {
        return await contentOf(question(client));
      } catch (error) {
        if (error instanceof PlimsollError) throw explain(error, { address, subject, credential });
        throw error;
      }
    },
  };
}

function checkAddress(url: string | undefined): string {
  const remedy = "the address of a stage, such as http://localhost:3000: plimsoll start prints that of the local stage";
  if (url === undefined) {
    throw new InputError(`no stage is named: give --url or set PLIMSOLL_URL to ${remedy}`, { mistakeIn: "request" });
  }
  const parsed = URL.parse(url);
  const isSound = /^https?:$/.test(parsed?.protocol ?? "") && parsed?.search === "" && parsed.hash === "";
  if (parsed && isSound && parsed.username === "" && !/\/v1\/?$/.test(parsed.pathname)) return url;
  throw new InputError(`--url ${url}: write ${remedy}; it has no /v1 at its end`, { mistakeIn: "request" });
}

const localHosts = ["localhost", "127.0.0.1", "[::1]"];

/** Says that requests cannot be signed, and why, in words for the end of a sentence. */
interface NoKeys {
  readonly missing: string;
}

/**
 * Finds keys of AWS. For a stage on this machine, those of the environment count and no others, as its keys are none of
 * AWS.
 */
async function findSigner(address: string): Promise<{ readonly sign: Signer } | NoKeys> {
  const { createSigner, defaultKeys, regionOf } = await import("@plimsoll/client/sigv4");
  const { AWS_ACCESS_KEY_ID, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  if (localHosts.includes(new URL(address).hostname) && !AWS_ACCESS_KEY_ID) return { missing: "" };
  const keys = defaultKeys();
  try {
    await keys();
  } catch (error) {
    return { missing: ` (keys of AWS: ${errorText(error)})` };
  }
  const region = regionOf(address) ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  if (region !== undefined) return { sign: createSigner({ region, keys }) };
  throw new InputError(`${address} names no region: set AWS_REGION to that of the stage, such as eu-west-1`);
}

interface Asked {
  readonly address: string;
  readonly subject: string;
  readonly credential: Credential | NoKeys;
}

/** Says that a stage does not take what the caller showed of himself, and what to show instead. */
function refusedCaller(address: string, credential: Credential | NoKeys, detail: string): string {
  if ("missing" in credential) {
    return (
      `${address} answers only a caller who says who is asking: give --token or set PLIMSOLL_TOKEN, or set ` +
      `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to keys of the back end${credential.missing}`
    );
  }
  if ("token" in credential) {
    return (
      `${address} does not take this token (${detail}): it may have expired, or be of another stage: plimsoll token ` +
      "makes one for an account"
    );
  }
  return (
    `${address} does not take these keys (${detail}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, ` +
    "and that the address is the back end's"
  );
}

/** Says what went wrong as a person can mend it. */
function explain(error: PlimsollError, { address, subject, credential }: Asked): InputError {
  const { status, kind, detail, errors, retryAfterSeconds, requestId } = error;
  const because = { cause: error };
  if (kind === "no_answer") {
    return new InputError(`${address} does not answer${codeOf(error)}: check --url, and that the stage runs`, because);
  }
  if (kind === "unreadable" || (kind === "gateway" && status === 404)) {
    return new InputError(
      `${address} does not answer as a stage does (status ${status}): check --url. On AWS each kind of caller has an ` +
        "address of its own",
      because,
    );
  }
  if (status === 401 || (kind === "gateway" && status === 403)) {
    return new InputError(refusedCaller(address, credential, detail), because);
  }
  if (status === 403) return new InputError(`${subject} is not for this caller: ${detail}`, because);
  if (status === 404) {
    return new InputError(
      `${address} has no ${subject} for this caller: check the name; a trader's token reaches its own account only`,
      because,
    );
  }
  if (retryAfterSeconds !== null && (status === 429 || status === 503)) {
    return new InputError(`${detail.replace(/\.$/, "")}: come back in ${retryAfterSeconds} s`, because);
  }
  if (errors.length === 0) {
    return new InputError(`${subject}: ${detail}${requestId === null ? "" : ` (request ${requestId})`}`, because);
  }
  return new InputError(
    errors.map(({ field, value, remedy }) => `${subject}: ${field} is ${value}: ${remedy}`),
    { ...because, mistakeIn: "request" },
  );
}

/** Returns the code of the fault of the network, such as ` (ECONNREFUSED)`. It is empty if there is none. */
function codeOf({ cause }: PlimsollError): string {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : null;
  const code = typeof inner === "object" && inner !== null && "code" in inner ? inner.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}

/** Most entries of a page that the API takes. */
const pageLimit = 500;

/** One page of a list, as the API gives it. */
interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly cursor: string | null;
}

/** Reads pages until there are `most` entries or no more. The cursor is that of the next page, or null. */
export async function readPages<Entry>(
  most: number,
  readPage: (query: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Entry>>,
): Promise<Page<Entry>> {
  const entries: Entry[] = [];
  let cursor: string | null = null;
  do {
    const limit = Math.min(pageLimit, most - entries.length);
    const page: Page<Entry> = await readPage({ limit, ...(cursor !== null && { cursor }) });
    entries.push(...page.entries);
    ({ cursor } = page);
  } while (cursor !== null && entries.length < most);
  return { entries, cursor };
}
