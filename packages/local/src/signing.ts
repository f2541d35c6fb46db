import { startKms } from "./emulators/kms.ts";
import type { StageGraph } from "./graph/stage-graph.ts";
import { openKeys } from "./keys.ts";
import { LOCAL_TOKEN_KEY, LocalIssuer, type LocalTokens } from "./triggers/local-tokens.ts";

/** What signs on a local stage. */
export interface Signing {
  /** The address of the stand-in for KMS, which holds the keys of the graph. Null if it has none. */
  readonly kmsEndpoint: string | null;
  /** Stands in for the operators' OIDC issuer. */
  readonly issuer: LocalIssuer;
  readonly tokens: LocalTokens;
  stop(): Promise<void>;
}

/** Opens the keys of a stage, which are kept in `keyFile` if there is one, and starts what signs with them. */
export async function startSigning(
  { keys, routes, functions }: StageGraph,
  keyFile: string | undefined,
): Promise<Signing> {
  const privateKeys = await openKeys([LOCAL_TOKEN_KEY, ...keys.map(({ keyId }) => keyId)], keyFile);
  const tokenKey = privateKeys.get(LOCAL_TOKEN_KEY);
  if (tokenKey === undefined) throw new Error(`No key ${LOCAL_TOKEN_KEY} was opened`);
  const issuer = new LocalIssuer(tokenKey);
  const tokens = await issuer.issue(routes, rolesClaimOf(functions));
  const kms = keys.length === 0 ? null : await startKms(keys, privateKeys);
  return { issuer, tokens, kmsEndpoint: kms?.endpoint ?? null, stop: async () => kms?.stop() };
}

/** Returns the claim in which the functions of the stage look for roles. A stage whose functions name none has no roles. */
function rolesClaimOf(functions: StageGraph["functions"]): string {
  const settings = functions.map(({ environment }) => environment.SST_RESOURCE_StageSettings).find(Boolean);
  const { rolesClaim = "roles" } = JSON.parse(settings ?? "{}") as { rolesClaim?: string };
  return rolesClaim;
}
