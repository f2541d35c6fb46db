import { evaluateStacks, type LocalStage, startLocalStage } from "@plimsoll/local";
import { tokenAnswer } from "@plimsoll/schema";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let stage: LocalStage;
const lines: string[] = [];

beforeAll(async () => {
  stage = await startLocalStage({
    graph: evaluateStacks({ stage: "local" }),
    schedules: "manual",
    concurrency: 1,
    onLog: (name, line) => lines.push(`${name} ${line}`),
  });
});

afterAll(() => stage.stop());

const ask = (path: string, token: string, body?: unknown) =>
  fetch(`${stage.apiUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const invocationsOf = (name: string) => stage.statistics()[name]?.invocations ?? 0;

describe("the app's own doors on a local stage", () => {
  it("have a trader's token signed for the back end, and take it at the traders' door", async () => {
    const asked = await ask("/v1/tokens", stage.tokens.backend, { account_id: "alice", seconds: 120 });
    const { token, account_id } = tokenAnswer.parse(await asked.json());
    expect(account_id).toBe("alice");
    expect(decodeJwt(token)).toMatchObject({ sub: "alice", aud: "plimsoll:local" });
    const before = invocationsOf("AnswerReads");
    const answer = await ask("/v1/accounts/alice/margin", token);
    expect([401, 403]).not.toContain(answer.status);
    expect(invocationsOf("AnswerReads")).toBe(before + 1);
    expect(lines.join("\n")).not.toContain(token);
  });

  it("let a trader and an operator have no token signed", async () => {
    const asked = await ask("/v1/tokens", stage.tokens.backend, { account_id: "alice", seconds: 120 });
    const { token } = tokenAnswer.parse(await asked.json());
    const before = invocationsOf("IssueTokens");
    for (const own of [token, stage.tokens.admin, "no token"]) await ask("/v1/tokens", own, { account_id: "bob" });
    expect(invocationsOf("IssueTokens")).toBe(before);
  });

  it.each(["viewer", "risk", "admin"] as const)("take the token of a %s", async (role) => {
    expect(decodeJwt(stage.tokens[role])).toMatchObject({ plimsoll_roles: [role] });
    const answer = await ask("/v1/accounts", stage.tokens[role]);
    expect([401, 403]).not.toContain(answer.status);
  });

  it("tell anyone about health and the document, and nothing else", async () => {
    for (const path of ["/v1/health", "/v1/openapi.json"]) {
      expect([401, 403, 404]).not.toContain((await fetch(`${stage.apiUrl}${path}`)).status);
    }
    const refused = await fetch(`${stage.apiUrl}/v1/accounts`);
    expect([refused.status, await refused.json()]).toEqual([401, { message: "Unauthorized" }]);
  });
});
