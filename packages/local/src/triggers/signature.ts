import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import { LOCAL_CREDENTIALS } from "../environment.ts";

/** API Gateway refuses a request that was signed longer ago than this, or as far ahead. */
const CLOCK_WINDOW_MS = 300_000;
const SERVICE = "execute-api";

/** The parts of an Authorization header of AWS's Signature Version 4: access key, names of signed headers, signature. */
const SIGNED = /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/[^, ]+, ?SignedHeaders=([^, ]+), ?Signature=([0-9a-f]{64})$/;

/** What a signature covers. */
export interface SignedRequest {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
  readonly region: string;
  /** The real time in milliseconds. A market's clock does not count here. */
  readonly nowMs: number;
}

/** Whether a request is signed with the local keys, for this region, within the clock window, and over this very body. */
export async function isSigned({ request, url, body, region, nowMs }: SignedRequest): Promise<boolean> {
  const { authorization = "", "x-amz-date": stated } = request.headers;
  const [, accessKey, names = "", signature = ""] = SIGNED.exec(authorization) ?? [];
  const signedNames = names.split(";");
  const signedMs = signingTimeMs(stated);
  // The signature itself covers day, region and service. It does not cover whose key it is by.
  if (accessKey !== LOCAL_CREDENTIALS.accessKeyId || !signedNames.includes("host")) return false;
  if (!(Math.abs(nowMs - signedMs) <= CLOCK_WINDOW_MS)) return false;
  const statedHash = request.headers["x-amz-content-sha256"];
  if (statedHash !== undefined && statedHash !== createHash("sha256").update(body).digest("hex")) return false;
  const expected = await signer(region).sign(
    {
      method: request.method ?? "GET",
      protocol: "http:",
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers: Object.fromEntries(signedNames.map((name) => [name, headerText(request, name)])),
      body,
    },
    { signingDate: new Date(signedMs), signableHeaders: new Set(signedNames) },
  );
  const [, , , wanted = ""] = SIGNED.exec(expected.headers.authorization ?? "") ?? [];
  return wanted.length === signature.length && timingSafeEqual(Buffer.from(wanted), Buffer.from(signature));
}

/** Reads a time such as `20260205T155132Z`. It is NaN if there is none. */
function signingTimeMs(text: string | string[] | undefined): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(text));
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function headerText(request: IncomingMessage, name: string): string {
  return (request.headersDistinct[name] ?? []).join(",");
}

function queryOf(url: URL): Record<string, string[]> {
  const names = [...new Set(url.searchParams.keys())];
  return Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)]));
}

function signer(region: string): SignatureV4 {
  return new SignatureV4({
    credentials: LOCAL_CREDENTIALS,
    region,
    service: SERVICE,
    sha256: Sha256,
    // The hash of the body counts in any case. As a header it is signed only if the caller sent it.
    applyChecksum: false,
  });
}

/** SHA-256 in the form that the signer takes. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error("A signer never starts a hash again");
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
