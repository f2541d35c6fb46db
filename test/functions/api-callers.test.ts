import { routes } from "@plimsoll/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answered, type Asked, ask, authorizerOf } from "../support/api.ts";
import { accounts, askedMs, leadsTo, type MemoryApi, startMemoryApi } from "../support/memory-api.ts";
import { accountState, btcQuotes, quoteBatchOf } from "../support/venue.ts";

let api: MemoryApi;

beforeAll(async () => {
  api = await startMemoryApi();
});
afterAll(() => api.stop());

/** Who asks, as the gateway says it of each. */
const callers = {
  backend: authorizerOf("backend"),
  viewer: authorizerOf("viewer"),
  risk: authorizerOf("risk"),
  admin: authorizerOf("admin"),
  trader: authorizerOf({ trader: accounts.own }),
  expired: { lambda: { account_id: accounts.own, expires_at_ms: 1 } },
  unnamed: { jwt: { claims: { iss: "https://issuer.example", sub: "bob", plimsoll_roles: "[backend trader root]" } } },
  anyone: undefined,
} as const;
type CallerName = keyof typeof callers;

const order = { order_id: "o1", instrument_id: "BTC_USD-PERPETUAL", quantity: "1", price: "70000" };

/** A request of each route, about an account where the route has one. */
const requests: Readonly<Record<string, (accountId: string) => readonly [path: string, body?: unknown]>> = {
  putAccount: (id) => [`/v1/accounts/${id}`, accountState(id, "1", [], 2)],
  postEvents: (id) => [`/v1/accounts/${id}/events`, { events: [accountState(id, "1", [], 3)] }],
  getAccount: (id) => [`/v1/accounts/${id}`],
  getMargin: (id) => [`/v1/accounts/${id}/margin`],
  getHistory: (id) => [`/v1/accounts/${id}/history`],
  getScenarios: (id) => [`/v1/accounts/${id}/scenarios`],
  explainMargin: (id) => [`/v1/accounts/${id}/explain`],
  getLadder: (id) => [`/v1/accounts/${id}/ladder`],
  getCures: (id) => [`/v1/accounts/${id}/cures`],
  getPositions: (id) => [`/v1/accounts/${id}/positions`],
  listAccounts: () => ["/v1/accounts"],
  getSummary: () => ["/v1/summary"],
  listCalls: () => ["/v1/calls"],
  getCall: (id) => [`/v1/calls/MC-${id}-1`],
  listAccountCalls: (id) => [`/v1/accounts/${id}/calls`],
  simulateMargin: (id) => ["/v1/margin/simulate", { account_id: id }],
  simulateBatch: (id) => ["/v1/margin/simulate/batch", { account_id: id, candidates: [{}] }],
  checkOrders: (id) => ["/v1/orders/check", { account_id: id, orders: [order] }],
  postQuotes: () => ["/v1/quotes", quoteBatchOf(btcQuotes(70_000), askedMs)],
  getMarket: () => ["/v1/market"],
  getSurface: () => ["/v1/market/BTC/surface"],
  listParameters: () => ["/v1/parameters"],
  getParameters: () => [`/v1/parameters/${parametersVersion}`],
  listMethods: () => ["/v1/methods"],
  getHealth: () => ["/v1/health"],
  getDocument: () => ["/v1/openapi.json"],
  getTime: () => ["/v1/time"],
  getLimits: () => ["/v1/limits"],
  postToken: (id) => ["/v1/tokens", { account_id: id }],
};

let parametersVersion = "";

const columns = ["backend", "viewer", "risk", "admin", "trader", "foreign", "expired", "unnamed", "anyone"] as const;

/**
 * What each caller is answered on each route. The trader asks about his own account, and under `foreign` about one of
 * another and about one that nobody has. The others ask about the trader's. It is written by hand, so that a slip in
 * the table of routes shows here.
 */
const expected = `
  route            backend viewer risk admin trader foreign expired unnamed anyone
  putAccount           202    403  403   403    403     403     401     401    401
  postEvents           202    403  403   403    403     403     401     401    401
  getAccount           200    200  200   200    200     404     401     401    401
  getMargin            200    200  200   200    200     404     401     401    401
  getHistory           200    200  200   200    200     404     401     401    401
  getScenarios         200    200  200   200    200     404     401     401    401
  explainMargin        200    200  200   200    200     404     401     401    401
  getLadder            200    200  200   200    200     404     401     401    401
  getCures             200    200  200   200    200     404     401     401    401
  getPositions         200    200  200   200    200     404     401     401    401
  listAccounts         200    200  200   200    403     403     401     401    401
  getSummary           200    200  200   200    403     403     401     401    401
  listCalls            200    200  200   200    403     403     401     401    401
  getCall              200    200  200   200    200     404     401     401    401
  listAccountCalls     200    200  200   200    200     404     401     401    401
  simulateMargin       200    200  200   200    200     404     401     401    401
  simulateBatch        200    200  200   200    200     404     401     401    401
  checkOrders          200    200  200   200    200     404     401     401    401
  postQuotes           200    403  403   403    403     403     401     401    401
  getMarket            200    200  200   200    200     200     401     401    401
  getSurface           200    200  200   200    200     200     401     401    401
  listParameters       200    200  200   200    200     200     401     401    401
  getParameters        200    200  200   200    200     200     401     401    401
  listMethods          200    200  200   200    200     200     401     401    401
  getHealth            200    200  200   200    200     200     200     200    200
  getDocument          200    200  200   200    200     200     200     200    200
  getTime              200    200  200   200    200     200     401     401    401
  getLimits            200    200  200   200    200     200     401     401    401
  postToken            201    403  403   403    403     403     401     401    401
`;

const rows = expected
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.trim().split(/\s+/))
  .map(([id = "", ...statuses]) => ({ id, statuses: statuses.map(Number) }));

const methodOf = (id: string) => routes.find((route) => route.id === id)?.method ?? "";

/** Asks a route about an account, by the function that the door of the caller leads to. */
async function askAs(caller: CallerName, id: string, accountId: string, more: Partial<Asked> = {}): Promise<Answered> {
  const [path, body] = requests[id]!(accountId);
  const method = methodOf(id);
  api.forgetLimits();
  return ask(api.handlers[leadsTo(method, path, caller === "backend")], `${method} ${path}`, {
    as: "anyone",
    authorizer: callers[caller],
    atMs: askedMs,
    ...(body !== undefined && { body }),
    ...more,
  });
}

/** What a caller sees of an answer apart from the id of the request, which differs each time. */
function seen({ status, headers, body }: Answered): unknown {
  const { "x-request-id": _, ...rest } = headers;
  return { status, headers: rest, body: { ...body, request_id: "" } };
}

describe("who may do what", () => {
  beforeAll(async () => {
    parametersVersion = (await askAs("backend", "getMarket", "")).body.parameters_version;
  });

  it("is written down for every route, and each has a request", () => {
    const ids = routes.map(({ id }) => id).sort();
    expect(rows.map(({ id }) => id).sort()).toEqual(ids);
    expect(Object.keys(requests).sort()).toEqual(ids);
    for (const { statuses } of rows) expect(statuses).toHaveLength(columns.length);
  });

  it.each(rows)("holds on $id", async ({ id, statuses }) => {
    for (const [index, column] of columns.entries()) {
      const expectedStatus = statuses[index];
      const asked = column === "foreign" ? [accounts.foreign, accounts.absent] : [accounts.own];
      for (const accountId of asked) {
        const { status, headers, body } = await askAs(column === "foreign" ? "trader" : column, id, accountId);
        expect([column, accountId, status]).toEqual([column, accountId, expectedStatus]);
        if (status < 400) continue;
        expect(headers["content-type"]).toBe("application/problem+json");
        expect(body).toMatchObject({ status, errors: [] });
      }
    }
  });

  it("is the same whatever the account that another holds, or nobody", async () => {
    const hidden = rows.filter(({ statuses }) => statuses[columns.indexOf("foreign")] === 404);
    expect(hidden).toHaveLength(13);
    for (const { id } of hidden) {
      const [foreign, absent] = [
        await askAs("trader", id, accounts.foreign),
        await askAs("trader", id, accounts.absent),
      ];
      expect(seen(foreign), id).toEqual(seen(absent));
      expect(JSON.stringify(foreign)).not.toContain(accounts.foreign);
    }
  });

  it("is the same whatever else is wrong with a request about another's account", async () => {
    for (const accountId of [accounts.foreign, accounts.absent]) {
      const query = { pool_id: "sealedpool" };
      expect(await askAs("trader", "getScenarios", accountId, { query })).toMatchObject({ status: 404 });
      expect(await askAs("trader", "getHistory", accountId, { query: { limit: "0" } })).toMatchObject({ status: 404 });
      const headers = { "if-none-match": "*" };
      expect(await askAs("trader", "getMargin", accountId, { headers })).toMatchObject({ status: 404 });
    }
  });

  it("knows no account by another spelling of its id", async () => {
    for (const spelling of [
      "оwn-7f3a",
      "OWN-7F3A",
      "own-7f3a%00",
      "own-7f3a%20",
      "%2e%2e%2fown-7f3a",
      "own-7f3a/",
      ".",
    ]) {
      expect(await askAs("trader", "getMargin", spelling), spelling).toMatchObject({ status: 404 });
    }
    expect(await askAs("trader", "getMargin", "%6fwn-7f3a")).toMatchObject({ status: 200 });
  });

  it("knows no call by another shape of its id", async () => {
    const shapes = [
      `${accounts.foreign}/cross`,
      `${accounts.own}/../${accounts.foreign}`,
      `${accounts.own}/p1/x`,
      "-",
      "",
    ];
    for (const shape of shapes) {
      const id = encodeURIComponent(shape);
      expect(await askAs("trader", "getCall", id), shape).toMatchObject({ status: 404 });
      expect(await askAs("backend", "getCall", id), shape).toMatchObject({ status: 404 });
    }
  });

  it("counts no role of an operator's token that only a door may give", async () => {
    const { body } = await askAs("unnamed", "getTime", "");
    expect(body).toMatchObject({ status: 401, type: "urn:plimsoll:problem:not-authenticated" });
  });
});
