import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { KeyNode } from "@plimsoll/local";
import fc from "fast-check";
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type KmsEmulator, startKms } from "../../packages/local/src/emulators/kms.ts";
import { openKeys, type PrivateKeys } from "../../packages/local/src/keys.ts";
import { ask as askApi } from "../support/api.ts";
import { Gateway } from "../support/gateway.ts";
import { lambdaContext, testSettings } from "../support/stage.ts";

const linked = vi.hoisted((): Record<string, unknown> => ({}));
vi.mock("sst", () => ({ Resource: linked }));

const node = (keyId: string): KeyNode => ({
  logicalName: keyId,
  keyId,
  arn: `arn:aws:kms:eu-west-1:000000000000:key/${keyId}`,
  keyUsage: "SIGN_VERIFY",
  keySpec: "RSA_2048",
  deletionWindowDays: 7,
});

/** Keys of the stage, and one that KMS has and the stage has not. */
const keyIds = ["newer", "older", "of-another-stage"];

let keys: PrivateKeys;
let kms: KmsEmulator;
let gateway: Gateway;
let functions: Awaited<ReturnType<typeof importFunctions>>;

async function importFunctions() {
  const [{ handler: authorize }, { handler: issue }, { startCold }] = await Promise.all([
    import("../../functions/authorize-traders.ts"),
    import("../../functions/issue-tokens.ts"),
    import("@plimsoll/runtime"),
  ]);
  return { authorize, issue, startCold };
}

beforeAll(async () => {
  keys = await openKeys(keyIds, undefined);
  kms = await startKms(keyIds.map(node), keys);
  gateway = await Gateway.open(kms.endpoint);
  Object.assign(process.env, {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_KMS: gateway.endpoint,
    POWERTOOLS_METRICS_DISABLED: "true",
    POWERTOOLS_METRICS_NAMESPACE: "Plimsoll",
  });
  functions = await importFunctions();
});

/** What the functions wrote to their log in this test. */
let written: string[];

beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  gateway.isOpen = true;
  useKeys("newer", "older");
  linked.StageSettings = { ...testSettings, environment: "preview:pr-7" };
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

afterAll(async () => {
  await gateway.close();
  await kms.stop();
});

/** Deploys a list of keys: the first signs, and all verify. */
function useKeys(first: string, ...others: string[]): void {
  linked.TokenSigningKey = { keyId: first };
  linked.TokenKeys = { keyIds: [first, ...others] };
  functions.startCold();
}

function askForToken(accountId = "alice", seconds = 900) {
  const body = { account_id: accountId, seconds };
  return askApi(functions.issue, "POST /v1/tokens", { body, atMs: Date.now(), name: `backend-${++issued}` });
}

let issued = 0;

async function issue(accountId = "alice", seconds = 900): Promise<string> {
  const answer = await askForToken(accountId, seconds);
  expect(answer.status).toBe(201);
  return answer.body.token;
}

function ask(credential: string) {
  const event = { version: "2.0", type: "REQUEST", identitySource: [credential] };
  return functions.authorize(event, lambdaContext("AuthorizeTraders"));
}

const refused = { isAuthorized: false, context: {} };

interface Forged {
  readonly claims?: JWTPayload;
  /** The key that the token names; null for none. */
  readonly kid?: string | null;
  readonly key?: KeyObject;
}

/** Signs what a valid token says, apart from what is given. */
async function forge({ claims = {}, kid = "newer", key = keyOf(kid ?? "newer") }: Forged): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const valid = { iss: "plimsoll", aud: "plimsoll:preview:pr-7", sub: "alice", iat: nowSeconds, exp: nowSeconds + 900 };
  return new SignJWT({ ...valid, ...claims })
    .setProtectedHeader({ alg: "RS256", ...(kid === null ? {} : { kid }) })
    .sign(key);
}

function keyOf(keyId: string): KeyObject {
  const key = keys.get(keyId);
  if (key === undefined) throw new Error(`no key ${keyId}`);
  return key;
}

const nowSeconds = () => Math.floor(Date.now() / 1_000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a trader's token", () => {
  it("says for whom, where and how long it is good, and lets its holder in", async () => {
    const token = await issue("alice", 600);
    const claims = decodeJwt(token);
    expect(decodeProtectedHeader(token)).toEqual({ alg: "RS256", typ: "JWT", kid: "newer" });
    expect(claims).toEqual({
      iss: "plimsoll",
      aud: "plimsoll:preview:pr-7",
      sub: "alice",
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Math.abs((claims.iat ?? 0) - nowSeconds())).toBeLessThan(5);
    const context = { account_id: "alice", expires_at_ms: (claims.exp ?? 0) * 1_000 };
    expect(await ask(`Bearer ${token}`)).toEqual({ isAuthorized: true, context });
    expect(await ask(`bearer ${token}`)).toEqual({ isAuthorized: true, context });
    expect(await forge({}).then((same) => ask(`Bearer ${same}`))).toMatchObject({ isAuthorized: true });
  });

  it("is another one each time", async () => {
    expect(decodeJwt(await issue()).jti).not.toBe(decodeJwt(await issue()).jti);
  });

  it("is worth nothing on another stage", async () => {
    const token = await issue();
    for (const environment of ["live", "local", "preview:pr-8"]) {
      linked.StageSettings = { ...testSettings, environment };
      expect(await ask(`Bearer ${token}`)).toEqual(refused);
    }
  });

  it("is worth nothing once it has expired, but for some seconds in which clocks may differ", async () => {
    const token = await issue("alice", 60);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 63_000);
    expect(await ask(`Bearer ${token}`)).toMatchObject({ isAuthorized: true });
    vi.setSystemTime(Date.now() + 3_000);
    expect(await ask(`Bearer ${token}`)).toEqual(refused);
  });

  it.each<[string, () => Promise<string>]>([
    ["has expired", () => forge({ claims: { iat: nowSeconds() - 700, exp: nowSeconds() - 100 } })],
    ["was signed in the future", () => forge({ claims: { iat: nowSeconds() + 60, exp: nowSeconds() + 120 } })],
    ["is good from tomorrow", () => forge({ claims: { nbf: nowSeconds() + 86_400 } })],
    ["lives longer than an hour", () => forge({ claims: { exp: nowSeconds() + 3_601 } })],
    ["has lived longer than an hour", () => forge({ claims: { iat: nowSeconds() - 4_000, exp: nowSeconds() + 100 } })],
    ["never ends", () => forge({ claims: { exp: undefined } as never })],
    ["does not say when it was signed", () => forge({ claims: { iat: undefined } as never })],
    ["is for another audience", () => forge({ claims: { aud: "plimsoll:live" } })],
    ["is for no audience", () => forge({ claims: { aud: undefined } as never })],
    ["is of another issuer", () => forge({ claims: { iss: "https://login.example.com" } })],
    ["is for no account", () => forge({ claims: { sub: undefined } as never })],
    ["is for an account that cannot be", () => forge({ claims: { sub: "alice/other" } })],
    ["is for every account", () => forge({ claims: { sub: "*" } })],
    ["names a key that the stage has not", () => forge({ kid: "of-another-stage" })],
    ["names a key that nobody has", () => forge({ kid: "nobody's", key: keyOf("newer") })],
    ["names no key", () => forge({ kid: null })],
    ["is signed by another key than it names", () => forge({ kid: "newer", key: keyOf("older") })],
    ["is signed by a stranger", () => forge({ key: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey })],
    ["has no signature", async () => `${(await forge({})).split(".").slice(0, 2).join(".")}.`],
    ["asks for no signature", async () => withHeader(await forge({}), { alg: "none", kid: "newer" }, () => "")],
    ["is signed with the public key as a secret", async () => withHeader(await forge({}), hs256, signedByPublicKey)],
    ["wants what is not understood", async () => withHeader(await forge({}), { ...rs256, crit: ["x"], x: 1 })],
    ["is longer than any of ours", () => forge({ claims: { note: "x".repeat(3_000) } })],
  ])("that %s lets nobody in", async (_name, token) => {
    expect(await ask(`Bearer ${await token()}`)).toEqual(refused);
  });

  it.each(["", "Bearer", "Bearer ", "Basic YTpi", "token", "Bearer a b", "Bearer a.b.c", "Bearer ..", "Bearer \u0000"])(
    "is not %j",
    async (credential) => {
      expect(await ask(credential)).toEqual(refused);
    },
  );

  it("that is changed anywhere lets nobody in, and no text whatever makes the authorizer fail", async () => {
    const token = await issue();
    // The last character of a signature holds bits that belong to no byte.
    const changed = fc
      .record({ at: fc.nat(token.length - 2), to: fc.constantFrom(..."abcXYZ019-_.=") })
      .filter(({ at, to }) => token[at] !== to)
      .map(({ at, to }) => token.slice(0, at) + to + token.slice(at + 1));
    const parts = fc.array(fc.json(), { maxLength: 4 }).map((texts) => texts.map(encode).join("."));
    const texts = fc.oneof(changed, parts, fc.string({ unit: "binary", maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await ask(`Bearer ${text}`)).toEqual(refused);
      }),
      { numRuns: 400 },
    );
  });

  it("is never logged, nor is the credential of whom is refused", async () => {
    const token = await issue();
    await ask(`Bearer ${token}`);
    await ask("Bearer something.else.entirely");
    const log = written.join("");
    expect(log).toContain("trader asked to come in");
    expect(log).toContain("request answered");
    expect(log).not.toMatch(/eyJ|something\.else|Bearer/);
  });
});

const rs256 = { alg: "RS256", kid: "newer" };
const hs256 = { alg: "HS256", kid: "newer" };

/** Gives a token another header, and signs it anew, by default with the right key's own signature left as it was. */
function withHeader(token: string, header: object, signature?: (signed: string) => string): string {
  const [, claims = "", own = ""] = token.split(".");
  const signed = `${encode(header)}.${claims}`;
  return `${signed}.${signature === undefined ? own : signature(signed)}`;
}

function signedByPublicKey(signed: string): string {
  const pem = createPublicKey(keyOf("newer")).export({ type: "spki", format: "pem" });
  return createHmac("sha256", pem).update(signed).digest("base64url");
}

describe("a change of keys", () => {
  it("keeps tokens of the older key good, until that key is removed", async () => {
    useKeys("older");
    const token = await issue();
    expect(decodeProtectedHeader(token).kid).toBe("older");

    useKeys("newer", "older");
    expect(decodeProtectedHeader(await issue()).kid).toBe("newer");
    expect(await ask(`Bearer ${token}`)).toMatchObject({ isAuthorized: true });

    useKeys("newer");
    expect(await ask(`Bearer ${token}`)).toEqual(refused);
  });
});

describe("where KMS is away", () => {
  it("tokens of known keys are still good, and a new process says that it failed", async () => {
    const token = await issue();
    await ask(`Bearer ${token}`);
    gateway.isOpen = false;
    expect(await ask(`Bearer ${token}`)).toMatchObject({ isAuthorized: true });
    functions.startCold();
    await expect(ask(`Bearer ${token}`)).rejects.toThrow();
    expect(await askForToken()).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  });

  it("a stranger's token costs no call", async () => {
    gateway.isOpen = false;
    const before = gateway.refused;
    expect(await ask(`Bearer ${await forge({ kid: "of-another-stage" })}`)).toEqual(refused);
    expect(await ask(`Bearer ${withHeader(await forge({}), hs256, signedByPublicKey)}`)).toEqual(refused);
    expect(gateway.refused).toBe(before);
  });
});
