import { postToken } from "../contract/routes.ts";
import { answering, type ServePorts } from "../serve/serve.ts";

export interface TokenPorts extends ServePorts {
  /** Signs a token for an account that is valid for so many seconds from now. */
  readonly issueToken: (wanted: { readonly accountId: string; readonly seconds: number }) => Promise<{
    readonly token: string;
    readonly expiresAtMs: number;
  }>;
}

/**
 * Makes a token for a trader's account. The account need not exist yet, so that a token says nothing of what exists.
 */
export const answerToken = answering(postToken, async ({ body }, { issueToken }: TokenPorts) => {
  const { account_id, seconds } = body;
  const { token, expiresAtMs } = await issueToken({ accountId: account_id, seconds });
  return { token, account_id, expires_at: new Date(expiresAtMs).toISOString() };
});
