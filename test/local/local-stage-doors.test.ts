import { createHash, createHmac, createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import {
  type ApiNode,
  type AuthorizerNode,
  type KeyNode,
  type LocalStage,
  type RouteNode,
  startLocalStage,
} from "@plimsoll/local";
import { SignatureV4 } from "@smithy/signature-v4";
import { decodeJwt, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { graphOf, Workshop } from "../support/local/stage.ts";

const REGION = "eu-central-1";
const jwt: AuthorizerNode = { type: "JWT", issuer: "https://login.example.com", audiences: ["plimsoll-test"] };
const lambda: AuthorizerNode = { type: "REQUEST", functionName: "Authorize", resultTtlSeconds: 60 };
const key: KeyNode = {
  logicalName: "TokenKey1",
  keyId: "token-key-1",
  arn: `arn:aws:kms:${REGION}:000000000000:key/token-key-1`,
  keyUsage: "SIGN_VERIFY",
  keySpec: "RSA_2048",
  deletionWindowDays: 7,
};

let workshop: Workshop;
let stage: LocalStage;

const route = (
  api: string,
  routeKey: string,
  authorization: RouteNode["authorization"],
  authorizer: AuthorizerNode | null,
): RouteNode => {
  const [method = "", path = ""] = routeKey.split(" ");
  return { api, method, path, functionName: "Answer", authorization, authorizer };
};

/** The doors of a stage, with one route that only the back end has. */
const routes: RouteNode[] = [
  ["Api", "AWS_IAM", null] as const,
  ["OperatorApi", "JWT", jwt] as const,
  ["TraderApi", "CUSTOM", lambda] as const,
].flatMap(([api, authorization, authorizer]) => [
  route(api, "ANY /v1/{proxy+}", authorization, authorizer),
  route(api, "GET /v1/health", "NONE", null),
  ...(api === "Api" ? [route(api, "POST /quotes", authorization, authorizer)] : []),
]);

const graph = (apis: readonly ApiNode[] = []) =>
  graphOf({
    functions: [
      workshop.functionNode(
        "Answer",
        "answerHttp",
        {},
        { SST_RESOURCE_StageSettings: JSON.stringify({ rolesClaim: "desk_roles" }) },
      ),
      workshop.functionNode("Authorize", "authorize"),
    ],
    apis,
    routes,
    keys: [key],
  });

const dataDir = () => join(workshop.path, "stage");

beforeAll(async () => {
  workshop = await Workshop.open();
  stage = await startLocalStage({ graph: graph(), schedules: "manual", concurrency: 1, dataDir: dataDir() });
});

beforeEach(() => workshop.forget());

afterAll(async () => {
  await stage.stop();
  workshop.close();
});

interface Asked {
  readonly status: number;
  readonly body: { readonly message?: string; readonly requestContext?: { readonly authorizer?: unknown } };
}

async function ask(path: string, init: RequestInit = {}): Promise<Asked> {
  const response = await fetch(`${stage.apiUrl}${path}`, init);
  return { status: response.status, body: (await response.json()) as Asked["body"] };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const unauthorized = { status: 401, body: { message: "Unauthorized" } };
const forbidden = { status: 403, body: { message: "Forbidden" } };
const notFound = { status: 404, body: { message: "Not Found" } };
const letIn = (authorizer: object) => ({ status: 202, body: { requestContext: { authorizer } } });
const backend = { iam: { userId: "local", accessKey: "local" } };

class Sha256 {
  readonly #hash;
  constructor(secret?: Uint8Array | string) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

interface Signing {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly body?: string;
  readonly atMs?: number;
  readonly secret?: string;
  readonly accessKeyId?: string;
  readonly region?: string;
  readonly service?: string;
  readonly applyChecksum?: boolean;
  readonly unsignableHeaders?: Set<string>;
}

/** Signs a request as a client of AWS does, and returns its headers. */
async function signed(signing: Signing): Promise<Record<string, string>> {
  const { method = "POST", path = "/v1/quotes", query = {}, body, secret = "local", accessKeyId = "local" } = signing;
  const { region = REGION, service = "execute-api", applyChecksum = true, atMs = Date.now() } = signing;
  const { unsignableHeaders = new Set() } = signing;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey: secret },
    region,
    service,
    applyChecksum,
    sha256: Sha256 as never,
  });
  const { host } = new URL(stage.apiUrl);
  const headers = { host, "content-type": "application/json" };
  const request = { method, protocol: "http:", hostname: host, path, query, headers, body };
  const { host: _host, ...rest } = (await signer.sign(request, { signingDate: new Date(atMs), unsignableHeaders }))
    .headers;
  return rest;
}

describe("the door of the back end", () => {
  const body = '{"quotes":[]}';
  const post = async (signing: Signing, sent: RequestInit = {}) =>
    ask("/v1/quotes", { method: "POST", headers: await signed(signing), body, ...sent });

  it.each([true, false])(
    "takes a request signed with the local keys, its hash in a header or not: %s",
    async (applied) => {
      expect(await post({ body, applyChecksum: applied })).toMatchObject(letIn(backend));
    },
  );

  it("takes a signed query and a signed path with escapes", async () => {
    const headers = await signed({ method: "GET", path: "/v1/accounts/a%20b", query: { to: "2 3", from: "1" } });
    expect(await ask("/v1/accounts/a%20b?from=1&to=2%203", { headers })).toMatchObject(letIn(backend));
    expect(await ask("/v1/accounts/a%20b?from=1&to=2%204", { headers })).toEqual(forbidden);
    expect(await ask("/v1/accounts/other?from=1&to=2%203", { headers })).toEqual(forbidden);
  });

  it.each([true, false])("refuses a signature over another body, its hash in a header or not: %s", async (applied) => {
    expect(await post({ body, applyChecksum: applied }, { body: '{"quotes":[1]}' })).toEqual(forbidden);
  });

  it("refuses a signature whose hash is that of the body but not the signed one", async () => {
    const other = '{"quotes":[1]}';
    const headers = {
      ...(await signed({ body })),
      "x-amz-content-sha256": createHash("sha256").update(other).digest("hex"),
    };
    expect(await ask("/v1/quotes", { method: "POST", headers, body: other })).toEqual(forbidden);
  });

  it.each<[string, Signing]>([
    ["another secret", { secret: "guessed" }],
    ["another key", { accessKeyId: "AKIAIOSFODNN7EXAMPLE" }],
    ["another region", { region: "us-west-2" }],
    ["another service", { service: "sqs" }],
    ["another method", { method: "PUT" }],
    ["no host", { unsignableHeaders: new Set(["host"]) }],
    ["no time", { unsignableHeaders: new Set(["x-amz-date"]) }],
    ["a time six minutes ago", { atMs: Date.now() - 360_000 }],
    ["a time six minutes ahead", { atMs: Date.now() + 360_000 }],
  ])("refuses a signature with %s", async (_name, signing) => {
    expect(await post({ body, ...signing })).toEqual(forbidden);
  });

  it("goes by the real clock, whatever the market's is, and takes four minutes of difference", async () => {
    stage.setClock(() => Date.parse("2026-02-05T15:51:32Z"));
    expect(await post({ body, atMs: Date.now() - 240_000 })).toMatchObject(letIn(backend));
    stage.setClock(Date.now);
  });

  it.each(["AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=local", "AWS4-HMAC-SHA256 x".repeat(100)])(
    "refuses what is no signature: %.40s",
    async (authorization) => {
      expect(await ask("/v1/quotes", { method: "POST", headers: { authorization }, body })).toEqual(forbidden);
    },
  );

  it("takes the back end's ready-made token in place of a signature, which is valid for a day", async () => {
    expect(await ask("/v1/quotes", { method: "POST", ...bearer(stage.tokens.backend) })).toMatchObject(letIn(backend));
    const { exp = 0, iat = 0 } = decodeJwt(stage.tokens.backend);
    expect(exp - iat).toBe(86_400);
  });

  it("refuses a token that only says it is the back end's", async () => {
    const { exp: _exp, ...claims } = decodeJwt(stage.tokens.backend);
    expect(await ask("/v1/accounts", bearer(await tokenOf(claims, { key: foreignKey })))).toEqual(forbidden);
  });

  it("refuses a token that the local stage signed for somebody else", async () => {
    const { exp: _exp, ...claims } = decodeJwt(stage.tokens.backend);
    expect(await ask("/v1/accounts", bearer(await tokenOf(claims)))).toMatchObject(letIn(backend));
    expect(await ask("/v1/accounts", bearer(await tokenOf({ ...claims, aud: "other" })))).toEqual(forbidden);
  });
});

const foreignKey = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;

/** Signs a token, with the key of the local stage unless another is given. */
function tokenOf(
  claims: JWTPayload,
  { key = stageKey(), expires = "1 hour" }: { readonly key?: KeyObject; readonly expires?: string } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).setExpirationTime(expires).sign(key);
}

function stageKey(): KeyObject {
  const pems = JSON.parse(readFileSync(join(dataDir(), "keys.json"), "utf8")) as Record<string, string>;
  return createPrivateKey(pems["local-tokens"] ?? "");
}

describe("the door of the operators", () => {
  it.each(["viewer", "risk", "admin"] as const)(
    "takes the token of a %s and hands its claims on as texts",
    async (role) => {
      const { body, status } = await ask("/v1/accounts", bearer(stage.tokens[role]));
      const { exp } = decodeJwt(stage.tokens[role]);
      expect(status).toBe(202);
      expect(body.requestContext?.authorizer).toMatchObject({
        jwt: {
          claims: {
            iss: jwt.issuer,
            sub: `local-${role}`,
            aud: "[plimsoll-test]",
            exp: String(exp),
            desk_roles: `[${role}]`,
          },
          scopes: null,
        },
      });
    },
  );

  const operator = { iss: jwt.issuer, aud: "plimsoll-test", sub: "olga" };

  it("takes any token of its issuer", async () => {
    expect((await ask("/v1/accounts", bearer(await tokenOf(operator)))).status).toBe(202);
  });

  it.each<[string, () => Promise<string>]>([
    ["signed by another key", () => tokenOf(operator, { key: foreignKey })],
    ["for another audience", () => tokenOf({ ...operator, aud: "plimsoll" })],
    ["that has expired", () => tokenOf(operator, { expires: "1 minute ago" })],
    ["changed on its way", async () => changed(stage.tokens.viewer, { desk_roles: ["admin"] })],
    ["with no algorithm", async () => unsigned(stage.tokens.admin)],
  ])("refuses a token %s", async (_name, token) => {
    expect(await ask("/v1/accounts", bearer(await token()))).toEqual(unauthorized);
  });

  it("has no routes of the back end", async () => {
    expect(await ask("/quotes", { method: "POST", ...bearer(stage.tokens.admin) })).toEqual(notFound);
  });
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function changed(token: string, claims: object): string {
  const [header = "", , signature = ""] = token.split(".");
  return `${header}.${encode({ ...decodeJwt(token), ...claims })}.${signature}`;
}

function unsigned(token: string): string {
  return `${encode({ alg: "none" })}.${encode(decodeJwt(token))}.`;
}

describe("the door of the traders", () => {
  it("asks the authorizer, and hands on what that says of the trader", async () => {
    expect(await ask("/v1/accounts/alice/margin", bearer("trader"))).toMatchObject(
      letIn({ lambda: { account_id: "alice", seen: "REQUEST" } }),
    );
    expect(workshop.trace("asked about")).toEqual(["asked about Bearer trader"]);
  });

  it("refuses whom the authorizer refuses, and lets nobody in where that fails", async () => {
    expect(await ask("/v1/accounts", bearer("thief"))).toEqual(forbidden);
    expect(await ask("/v1/accounts", { headers: { authorization: "Basic YTpi" } })).toEqual(forbidden);
    const failed = { status: 500, body: { message: "Internal Server Error" } };
    expect(await ask("/v1/accounts", bearer("boom"))).toEqual(failed);
  });

  it("is where tokens of unknown issuers come to", async () => {
    expect(await ask("/v1/accounts", bearer(await tokenOf({ iss: "https://other.example.com" })))).toEqual(forbidden);
    expect(workshop.trace("asked about")).toHaveLength(1);
  });

  it("has no routes of the back end, and asks nobody about them", async () => {
    expect(await ask("/quotes", { method: "POST", ...bearer("trader") })).toEqual(notFound);
    expect(workshop.trace("asked about")).toEqual([]);
  });
});

describe("whoever shows nothing", () => {
  it("gets to open routes only", async () => {
    const { status, body } = await ask("/v1/health");
    expect(status).toBe(202);
    expect(body.requestContext).not.toHaveProperty("authorizer");
    expect(await ask("/v1/accounts")).toEqual(unauthorized);
    expect(await ask("/quotes", { method: "POST" })).toEqual(unauthorized);
    expect(await ask("/nowhere")).toEqual(notFound);
  });

  it("is asked for nothing on an open route, nor is a credential looked at there", async () => {
    for (const authorization of ["Bearer thief", "AWS4-HMAC-SHA256 x", "Basic x"]) {
      expect((await ask("/v1/health", { headers: { authorization } })).status).toBe(202);
    }
    expect(workshop.trace("asked about")).toEqual([]);
  });

  it("is not answered a preflight where no page may call", async () => {
    const headers = { origin: stage.apiUrl, "access-control-request-method": "GET" };
    const response = await fetch(`${stage.apiUrl}/v1/accounts`, { method: "OPTIONS", headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("pages that the stacks name", () => {
  const page = "https://desk.example.com";
  let open: LocalStage;

  beforeAll(async () => {
    const cors = {
      allowOrigins: [page],
      allowMethods: ["GET", "POST"],
      allowHeaders: ["authorization"],
      exposeHeaders: ["etag"],
      maxAgeSeconds: 3_600,
    };
    const apis = [
      { logicalName: "Api", cors: null },
      { logicalName: "TraderApi", cors },
    ];
    open = await startLocalStage({ graph: graph(apis), schedules: "manual", concurrency: 1 });
  });

  afterAll(() => open.stop());

  it("are told what they may do, and get answers", async () => {
    const preflight = await fetch(`${open.apiUrl}/v1/accounts`, {
      method: "OPTIONS",
      headers: { origin: page, "access-control-request-method": "GET" },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": page,
      "access-control-allow-methods": "GET,POST",
      "access-control-allow-headers": "authorization",
      "access-control-max-age": "3600",
    });
    const answer = await fetch(`${open.apiUrl}/v1/health`, { headers: { origin: page } });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("access-control-allow-origin")).toBe(page);
    expect(answer.headers.get("access-control-expose-headers")).toBe("etag");
  });

  it("are the only ones", async () => {
    const headers = { origin: "https://evil.example", "access-control-request-method": "GET" };
    expect((await fetch(`${open.apiUrl}/v1/accounts`, { method: "OPTIONS", headers })).status).toBe(403);
    expect((await fetch(`${open.apiUrl}/v1/health`, { headers })).status).toBe(403);
  });
});

describe("the keys of a local stage", () => {
  const kms = (endpoint: string | null) =>
    new KMSClient({
      region: REGION,
      endpoint: endpoint ?? "",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    });

  it("sign and are shown under their ids and ARNs, and no others are", async () => {
    const client = kms(stage.endpoints.kms);
    const asked = {
      Message: Buffer.from("x"),
      MessageType: "RAW",
      SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    } as const;
    const byId = await client.send(new SignCommand({ KeyId: key.keyId, ...asked }));
    const byArn = await client.send(new SignCommand({ KeyId: key.arn, ...asked }));
    expect(byId.Signature).toEqual(byArn.Signature);
    expect(byId.KeyId).toBe(key.arn);
    await expect(client.send(new GetPublicKeyCommand({ KeyId: "other" }))).rejects.toThrow("Key other does not exist");
    const tooLong = new SignCommand({ KeyId: key.keyId, ...asked, Message: Buffer.alloc(4_097) });
    await expect(client.send(tooLong)).rejects.toThrow("messages of 4096 bytes");
    expect(stage.environmentOf("Answer").AWS_ENDPOINT_URL_KMS).toBe(stage.endpoints.kms);
  });

  it("are kept in the data directory, for their owner only, so that tokens outlive a restart", async () => {
    const kept = join(workshop.path, "kept");
    const file = join(kept, "keys.json");
    const run = async () => {
      const one = await startLocalStage({ graph: graph(), schedules: "manual", dataDir: kept });
      try {
        const { PublicKey } = await kms(one.endpoints.kms).send(new GetPublicKeyCommand({ KeyId: key.keyId }));
        const answer = await fetch(`${one.apiUrl}/v1/accounts`, bearer(first?.token ?? one.tokens.admin));
        return { token: one.tokens.admin, publicKey: PublicKey, status: answer.status };
      } finally {
        await one.stop();
      }
    };
    let first: Awaited<ReturnType<typeof run>> | undefined;
    first = await run();
    expect(first.status).toBe(202);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const second = await run();
    expect(second).toMatchObject({ publicKey: first.publicKey, status: 202 });
    writeFileSync(file, "{");
    await expect(run()).rejects.toThrow(`${file} holds no keys; delete it for new ones`);
  });

  it("are of the only kind that it knows, or the stage does not start", async () => {
    const keys = [{ ...key, keySpec: "ECC_NIST_P256" }];
    const start = startLocalStage({ graph: { ...graph(), keys }, schedules: "manual" });
    await expect(start).rejects.toThrow("Key TokenKey1 is ECC_NIST_P256 for SIGN_VERIFY");
  });

  it("need no stand-in for KMS where the stacks declare none", async () => {
    const plain = await startLocalStage({ graph: { ...graph(), keys: [] }, schedules: "manual" });
    expect(plain.endpoints.kms).toBeNull();
    expect(plain.environmentOf("Answer")).not.toHaveProperty("AWS_ENDPOINT_URL_KMS");
    await plain.stop();
  });
});
