import { createPublicKey, type KeyObject } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { AuthorizerNode, RouteNode } from "../graph/stage-graph.ts";

/**
 * Ready-made bearer tokens, which the local stage signs itself. On AWS a back end signs its requests with SigV4. Here it
 * may show a token as well, so that `curl` needs no signature. Those of operators are worth something only if the stage
 * has a door for operators.
 */
export interface LocalTokens {
  readonly backend: string;
  readonly viewer: string;
  readonly risk: string;
  readonly admin: string;
}

/** The name of the private key that signs these tokens. */
export const LOCAL_TOKEN_KEY = "local-tokens";

const BACKEND = { issuer: "https://backend.plimsoll.invalid", audiences: ["plimsoll"] };
const LIFE = "1 day";

type JwtAuthorizer = AuthorizerNode & { readonly type: "JWT" };

/** Signs and verifies tokens in place of the operators' OIDC issuer. */
export class LocalIssuer {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
    this.#publicKey = createPublicKey(privateKey);
  }

  /** Signs the tokens for the doors of these routes. Operators' roles are in the claim of this name. */
  async issue(routes: readonly RouteNode[], rolesClaim: string): Promise<LocalTokens> {
    const operators = routes.map(({ authorizer }) => authorizer).find((authorizer) => authorizer?.type === "JWT");
    const ofRole = (role: string) =>
      this.#sign(`local-${role}`, operators ?? { issuer: "", audiences: [] }, { [rolesClaim]: [role] });
    const [backend, viewer, risk, admin] = await Promise.all([
      this.#sign("local-backend", BACKEND, {}),
      ofRole("viewer"),
      ofRole("risk"),
      ofRole("admin"),
    ]);
    return { backend, viewer, risk, admin };
  }

  /** Whether the token is a valid one of the local back end. */
  async isBackend(token: string): Promise<boolean> {
    return (await this.#verify(token, BACKEND)) !== undefined;
  }

  /** Returns the claims of a token as API Gateway hands them to functions, or undefined if the authorizer refuses it. */
  async claimsOf(token: string, authorizer: JwtAuthorizer): Promise<Record<string, string> | undefined> {
    const claims = await this.#verify(token, authorizer);
    if (claims === undefined) return undefined;
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(value)]));
  }

  #sign(subject: string, { issuer, audiences }: Omit<JwtAuthorizer, "type">, claims: JWTPayload): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", typ: "JWT" })
      .setIssuer(issuer)
      .setAudience([...audiences])
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime(LIFE)
      .sign(this.#privateKey);
  }

  async #verify(token: string, { issuer, audiences }: Omit<JwtAuthorizer, "type">): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, {
        algorithms: ["RS256"],
        issuer,
        audience: [...audiences],
        requiredClaims: ["exp"],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

/** Returns who a token says has signed it, before anybody has verified that. Undefined if it is no token. */
export function statedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** Whether this is the issuer of the local back end's token. */
export function isLocalBackend(issuer: string | undefined): boolean {
  return issuer === BACKEND.issuer;
}

/** Writes a claim as API Gateway does, which hands on texts only: a list as `[a b]` and an object as `map[a:1 b:2]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(" ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `map[${Object.entries(value)
    .map(([name, one]) => `${name}:${claimText(one)}`)
    .join(" ")}]`;
}
