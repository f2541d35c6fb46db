/**
 * Who may call the API. `backend` is the exchange's own program. `viewer`, `risk` and `admin` are operators, by their
 * token's roles. `trader` is one account, by a token for it.
 */
export const roles = ["backend", "viewer", "risk", "admin", "trader"] as const;
export type Role = (typeof roles)[number];

/** The caller of a request, as the gateway has established it. */
export interface Caller {
  /** The roles of the caller. Nobody has none: such a caller may ask for what is open to anyone. */
  readonly roles: readonly Role[];
  /** What identifies the caller among others, for limits and idempotency. It is not written to logs. */
  readonly name: string;
  /** The account that the caller is limited to; null if there is no such limit. */
  readonly accountId: string | null;
  /** Time from which the caller's token is no longer valid, in milliseconds since 1970; null if it has none. */
  readonly expiresAtMs: number | null;
}

/** The caller of a route that is open to anyone. */
export const anyone: Caller = { roles: [], name: "anyone", accountId: null, expiresAtMs: null };
