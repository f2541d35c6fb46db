import { createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import { GetPublicKeyCommand, SignCommand } from "@aws-sdk/client-kms";
import { accountId, tokenSecondsLimit } from "@plimsoll/schema";
import { errors, type JWTHeaderParameters, jwtVerify } from "jose";
import { kmsClient } from "./clients.ts";
import { getLink } from "./links.ts";
import { warm } from "./warm.ts";

const ISSUER = "plimsoll";

/** Seconds by which the clock of the function that verifies may be behind that of the one that signed. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** Longest text that is looked at as a token. Ours have about 600 characters. */
const TOKEN_CHARACTERS_LIMIT = 2_048;

/** The stage for which a token is meant. A token of a preview is worth nothing on another stage. */
function audienceOf(environment: string): string {
  return `plimsoll:${environment}`;
}

/** What a trader's token is made of. */
export interface TokenTerms {
  readonly accountId: string;
  /** How long the token is valid, in seconds. */
  readonly seconds: number;
  /** The real time in milliseconds since 1970. */
  readonly nowMs: number;
  /** The environment of the stage, as in its settings. */
  readonly environment: string;
}

/** Signs a token for one account with the current key of the stage. Throws if KMS does not sign. */
export async function issueToken(terms: TokenTerms): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
  const { keyId } = getLink("TokenSigningKey");
  const iat = Math.floor(terms.nowMs / 1_000);
  const exp = iat + terms.seconds;
  const header = { alg: "RS256", typ: "JWT", kid: keyId };
  const claims = {
    iss: ISSUER,
    aud: audienceOf(terms.environment),
    sub: terms.accountId,
    iat,
    exp,
    jti: randomUUID(),
  };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const { Signature } = await kmsClient().send(
    new SignCommand({
      KeyId: keyId,
      Message: Buffer.from(signed),
      MessageType: "RAW",
      SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    }),
  );
  if (Signature === undefined) throw new Error(`KMS answered without a signature by key ${keyId}`);
  return { token: `${signed}.${Buffer.from(Signature).toString("base64url")}`, expiresAtMs: exp * 1_000 };
}

/** What a valid token says. */
export interface TokenHolder {
  readonly accountId: string;
  readonly expiresAtMs: number;
}

/** Public keys by their ids. A key never changes, so that a process asks KMS for each once. */
class PublicKeys {
  readonly #keys = new Map<string, KeyObject>();

  /** Returns a key of the stage. Throws if the stage has no such key, or if KMS does not give it. */
  async get(keyId: unknown): Promise<KeyObject> {
    // Only keys of the stage are asked for, so that a stranger's token costs no call.
    if (typeof keyId !== "string" || !getLink("TokenKeys").keyIds.includes(keyId)) throw new errors.JWKSNoMatchingKey();
    const known = this.#keys.get(keyId);
    if (known !== undefined) return known;
    const { PublicKey } = await kmsClient().send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new Error(`KMS answered without the public key ${keyId}`);
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
    this.#keys.set(keyId, key);
    return key;
  }

  clear(): void {
    this.#keys.clear();
  }
}

/**
 * Returns what a token says, or undefined if it is no valid token of this stage at this time. Throws only if the key of
 * the token cannot be had from KMS.
 */
export async function verifyToken(
  token: string,
  { nowMs, environment }: Pick<TokenTerms, "nowMs" | "environment">,
): Promise<TokenHolder | undefined> {
  if (token.length > TOKEN_CHARACTERS_LIMIT) return undefined;
  const keys = warm(PublicKeys);
  try {
    const { payload } = await jwtVerify(token, ({ kid }: JWTHeaderParameters) => keys.get(kid), {
      algorithms: ["RS256"],
      issuer: ISSUER,
      audience: audienceOf(environment),
      requiredClaims: ["sub", "exp", "iat"],
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    const { sub, exp = 0, iat = 0 } = payload;
    const account = accountId.safeParse(sub);
    const isAhead = iat * 1_000 > nowMs + CLOCK_TOLERANCE_SECONDS * 1_000;
    if (!account.success || isAhead || exp - iat > tokenSecondsLimit) return undefined;
    return { accountId: account.data, expiresAtMs: exp * 1_000 };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
