import { createHash, createHmac } from "node:crypto";
import { type ClientOptions, contentOf, createClient, PlimsollError } from "@plimsoll/client";
import { createSigner, regionOf } from "@plimsoll/client/sigv4";
import { describe, expect, it } from "vitest";

const url = "https://abc.execute-api.eu-west-1.amazonaws.com";

/** A client whose answers are given one after the other, with what it sent and how long it waited. */
function clientOf(answers: readonly (() => Response)[], options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const waited: number[] = [];
  const left = [...answers];
  const client = createClient({
    url,
    fetch: async (request) => {
      sent.push(request);
      return left.shift()!();
    },
    sleep: async (ms) => {
      waited.push(ms);
    },
    ...options,
  });
  return { client, sent, waited };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

const time = { time: "2026-02-05T12:00:00.000Z" };
const busy = (seconds?: string) => () =>
  json(429, { message: "Too Many Requests" }, seconds === undefined ? {} : { "retry-after": seconds });

async function failureOf(answering: Promise<unknown>): Promise<PlimsollError> {
  const error = await answering.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(PlimsollError);
  return error as PlimsollError;
}

describe("the client", () => {
  it("gives the content of an answer, and sends the token", async () => {
    const { client, sent } = clientOf([() => json(200, time)], { credential: { token: "t1" } });
    expect(await contentOf(client.GET("/v1/time"))).toEqual(time);
    expect(sent[0]?.url).toBe(`${url}/v1/time`);
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer t1");
  });

  it("sends no credential where it has none", async () => {
    const { client, sent } = clientOf([() => json(200, time)]);
    await client.GET("/v1/health");
    expect(sent[0]?.headers.get("authorization")).toBeNull();
  });

  it("throws the problem of the stage, with the mistakes and the id of the request", async () => {
    const errors = [{ field: "limit", value: "0", remedy: "at least 1" }];
    const problem = {
      type: "urn:plimsoll:problem:invalid-request",
      title: "x",
      status: 422,
      detail: "limit: no",
      errors,
    };
    const { client } = clientOf([() => json(422, problem, { "x-request-id": "r1" })]);
    expect(await failureOf(client.GET("/v1/accounts"))).toMatchObject({
      status: 422,
      kind: "invalid_request",
      detail: "limit: no",
      errors,
      requestId: "r1",
      retryAfterSeconds: null,
    });
  });

  it.each([
    [
      "the gateway's own answer",
      () => json(403, { message: "Forbidden" }, { "apigw-requestid": "g1" }),
      "gateway",
      "g1",
    ],
    ["what is no answer of a stage", () => new Response("<html>", { status: 502 }), "unreadable", null],
    ["a problem of someone else", () => json(404, { type: "about:blank" }), "unreadable", null],
    [
      "an empty answer",
      () => new Response(null, { status: 200, headers: { "content-length": "0" } }),
      "unreadable",
      null,
    ],
  ])("throws for %s", async (_, answer, kind, requestId) => {
    const { client } = clientOf([answer]);
    expect(await failureOf(contentOf(client.GET("/v1/time")))).toMatchObject({ kind, requestId });
  });

  it("throws where no answer comes, with the cause", async () => {
    const cause = new TypeError("fetch failed");
    const { client } = clientOf([], { fetch: () => Promise.reject(cause) });
    expect(await failureOf(client.GET("/v1/time"))).toMatchObject({ status: 0, kind: "no_answer", cause });
  });

  it("leaves an interruption as it is", async () => {
    const { client } = clientOf([], { fetch: async (request) => request.signal.throwIfAborted() as never });
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(client.GET("/v1/time", { signal })).rejects.toThrow("enough");
  });

  it("hands over that an answer is unchanged", async () => {
    const { client } = clientOf([() => new Response(null, { status: 304 })]);
    const { response } = await client.GET("/v1/accounts/{id}/margin", {
      params: { path: { id: "ada" }, header: { "If-None-Match": '"e"' } },
    });
    expect(response.status).toBe(304);
  });
});

describe("a request that is sent again", () => {
  it("is a GET that was refused for now: it waits as long as the answer says", async () => {
    const answers = [busy("2"), () => json(503, {}, { "retry-after": "1" }), () => json(200, time)];
    const { client, waited, sent } = clientOf(answers, { credential: { token: "t1" } });
    expect(await contentOf(client.GET("/v1/time"))).toEqual(time);
    expect(waited).toEqual([2_000, 1_000]);
    expect(sent.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer t1", "Bearer t1", "Bearer t1"]);
  });

  it("is given up after three times, and the refusal says when to come back", async () => {
    const { client, waited } = clientOf([busy("1"), busy("1"), busy("1"), busy("7")]);
    expect(await failureOf(client.GET("/v1/time"))).toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(waited).toEqual([1_000, 1_000, 1_000]);
  });

  it.each([
    ["no time is named", [busy()]],
    ["the time is no number", [busy("Wed, 21 Oct 2026 07:28:00 GMT")]],
    ["the wait is longer than half a minute", [busy("31")]],
    ["another fault is answered", [() => json(500, {}, { "retry-after": "1" })]],
  ])("is none where %s", async (_, answers) => {
    const { client, waited } = clientOf(answers);
    await failureOf(client.GET("/v1/time"));
    expect(waited).toEqual([]);
  });

  it("is none that may have been carried out", async () => {
    const { client, waited } = clientOf([busy("1")]);
    await failureOf(client.POST("/v1/tokens", { body: { account_id: "ada" } }));
    expect(waited).toEqual([]);
  });
});

const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");
const hmac = (key: Uint8Array | string, text: string) => createHmac("sha256", key).update(text).digest();

/** The signature of a request by the rules of Signature Version 4, written apart from the signer. */
async function signatureOf(request: Request, secret: string, region: string): Promise<string> {
  const { pathname, searchParams, host } = new URL(request.url);
  const time = request.headers.get("x-amz-date") ?? "";
  const [, names = ""] = /SignedHeaders=([^,]+)/.exec(request.headers.get("authorization") ?? "") ?? [];
  const headers = names.split(";").map((name) => `${name}:${name === "host" ? host : request.headers.get(name)}\n`);
  const query = [...searchParams].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const body = new Uint8Array(await request.clone().arrayBuffer());
  const path = pathname.split("/").map(encodeURIComponent).join("/");
  const canonical = [request.method, path, query.toSorted().join("&"), headers.join(""), names, sha256(body)];
  const scope = `${time.slice(0, 8)}/${region}/execute-api/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical.join("\n"))].join("\n");
  const key = scope.split("/").reduce<Uint8Array | string>((made, part) => hmac(made, part), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex");
}

describe("a signature with keys of AWS", () => {
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "session" };
  const nowMs = () => Date.UTC(2026, 1, 5, 12);
  const sign = createSigner({ region: "eu-west-1", keys: async () => keys, nowMs });

  it.each([
    [
      "a query",
      (client: ReturnType<typeof createClient>) =>
        client.GET("/v1/accounts", { params: { query: { limit: 2, order: "account" } } }),
    ],
    [
      "a path with an escape",
      (client: ReturnType<typeof createClient>) => client.GET("/v1/calls/{id}", { params: { path: { id: "MC a+b" } } }),
    ],
    [
      "a body",
      (client: ReturnType<typeof createClient>) =>
        client.POST("/v1/tokens", { body: { account_id: "ada", seconds: 60 } }),
    ],
  ])("covers %s, for the service execute-api", async (_, ask) => {
    const { client, sent } = clientOf([() => json(200, {})], { credential: { sign } });
    await ask(client);
    const [request] = sent;
    const authorization = request?.headers.get("authorization") ?? "";
    expect(authorization).toContain("Credential=AKIDEXAMPLE/20260205/eu-west-1/execute-api/aws4_request");
    expect(authorization).toMatch(/SignedHeaders=[^,]*\bhost;x-amz-content-sha256;x-amz-date;x-amz-security-token\b/);
    expect(authorization).toContain(`Signature=${await signatureOf(request!, keys.secretAccessKey, "eu-west-1")}`);
    expect(request?.headers.get("x-amz-content-sha256")).toBe(sha256(await request!.clone().text()));
  });

  it("is made anew for each attempt", async () => {
    let seconds = 0;
    const moving = createSigner({
      region: "eu-west-1",
      keys: async () => keys,
      nowMs: () => nowMs() + 1_000 * seconds++,
    });
    const { client, sent } = clientOf([busy("1"), () => json(200, time)], { credential: { sign: moving } });
    await client.GET("/v1/time");
    expect(sent.map(({ headers }) => headers.get("x-amz-date"))).toEqual(["20260205T120000Z", "20260205T120001Z"]);
  });

  it("is for the region that the address names", () => {
    expect(regionOf(url)).toBe("eu-west-1");
    expect(regionOf("https://abc.execute-api.cn-north-1.amazonaws.com.cn/x")).toBe("cn-north-1");
    expect(regionOf("https://margin.example.com")).toBeUndefined();
    expect(regionOf("https://x.execute-api.eu-west-1.amazonaws.com.example.com")).toBeUndefined();
  });
});
