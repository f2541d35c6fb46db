import { createHash, createHmac } from "node:crypto";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Signer } from "./index.ts";

/** Keys of AWS. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SigningOptions {
  readonly region: string;
  /** Called for each request, so that short-lived keys are renewed. */
  readonly keys: () => Promise<AwsKeys>;
  /** The time of the signature in milliseconds since 1970; that of the clock where it is left out. */
  readonly nowMs?: () => number;
}

/** Returns the region that the host of a stage's address names; undefined if it names none. */
export function regionOf(url: string): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(new URL(url).hostname)?.[1];
}

/** Returns what finds keys of AWS: in the environment, in a profile, or as the machine's role. It throws if there are none. */
export function defaultKeys(): () => Promise<AwsKeys> {
  return defaultProvider();
}

/** Makes a signer with AWS Signature Version 4 for API Gateway. The signature covers the body, the query and the time. */
export function createSigner({ region, keys, nowMs = Date.now }: SigningOptions): Signer {
  const signer = new SignatureV4({ region, credentials: keys, service: "execute-api", sha256: Sha256 });
  return async (request) => {
    const url = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const { headers } = await signer.sign(
      {
        method: request.method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: queryOf(url.searchParams),
        headers: { ...Object.fromEntries(request.headers), host: url.host },
        body,
      },
      { signingDate: new Date(nowMs()) },
    );
    // The platform sets the host itself.
    const { host: _, ...given } = headers;
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    return new Request(url, {
      method: request.method,
      headers: given,
      signal: request.signal,
      ...(hasBody && { body }),
    });
  };
}

function queryOf(parameters: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]));
}

type Bytes = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, or its HMAC with a key, in the form that the signer takes. */
class Sha256 {
  readonly #hash;

  constructor(key?: Bytes) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", bufferOf(key));
  }

  update(data: Bytes): void {
    this.#hash.update(bufferOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error("a hash is used once");
  }
}

function bufferOf(data: Bytes): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
