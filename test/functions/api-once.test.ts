import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { type Answered, type Asked, ask } from "../support/api.ts";
import { Throttled } from "../support/faults.ts";
import { accounts, askedMs, type MemoryApi, startMemoryApi } from "../support/memory-api.ts";
import type { TestStage } from "../support/stage.ts";
import { accountState } from "../support/venue.ts";

let api: MemoryApi;
/** Lines that the functions wrote in this test. */
let written: string[];
/** Counts what is sent to the queue. The queue itself drops a message that it has had, so that it would hide a repeat. */
let sending: MockInstance<TestStage["sqs"]["send"]>;

beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  api = await startMemoryApi();
});
beforeEach(async () => {
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written.push(...String(text).split("\n"));
      return true;
    });
  }
  await api.stage.drain("AccountEvents");
  sending = vi.spyOn(api.stage.sqs, "send");
  api.forgetLimits();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => api.stop());

const stateOf = (id: string, usd = "500", sequence = 1) => accountState(id, usd, [], sequence);

/** Puts an account, under an Idempotency-Key if one is given. */
function put(id: string, body: unknown, key?: string, more: Partial<Asked> = {}): Promise<Answered> {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  return ask(api.handlers["take-accounts"], `PUT /v1/accounts/${id}`, { body, headers, atMs: askedMs, ...more });
}

function post(id: string, key: string, amount: string): Promise<Answered> {
  const transfer = {
    kind: "transfer",
    schema_version: 1,
    account_id: id,
    ledger_sequence: 7,
    occurred_at: "2026-02-05T12:00:00Z",
    asset: "USD",
    amount,
  };
  const body = { events: [transfer] };
  const headers = { "idempotency-key": key };
  return ask(api.handlers["take-accounts"], `POST /v1/accounts/${id}/events`, { body, headers, atMs: askedMs });
}

const read = (route: string, asked: Partial<Asked> = {}) =>
  ask(api.handlers["answer-reads"], route, { atMs: askedMs, ...asked });

const kindOf = ({ body }: Answered): string => String(body.type).slice("urn:plimsoll:problem:".length);

/** The figures of a metric that the functions have written, in their order. */
function figuresOf(metric: string): number[] {
  return written.filter((line) => line.includes('"_aws"')).flatMap((line) => JSON.parse(line)[metric] ?? []);
}

describe("a request with an Idempotency-Key", () => {
  it.each([
    ["PUT", (id: string) => put(id, stateOf(id), "parallel")],
    ["POST", (id: string) => post(id, "parallel", "1")],
  ])("%s fifty times at once sends its events once and is answered in one way", async (method, request) => {
    const id = `many-${method}`;
    const answers = await Promise.all(Array.from({ length: 50 }, () => request(id)));
    expect(sending).toHaveBeenCalledTimes(1);
    const taken = answers.filter(({ status }) => status === 202);
    const waiting = answers.filter(({ status }) => status === 409);
    expect(taken.length).toBeGreaterThanOrEqual(1);
    expect(taken.length + waiting.length).toBe(50);
    for (const answer of waiting) expect(answer.headers["retry-after"]).toBe("1");
    const again = await request(id);
    expect(again).toMatchObject({ status: 202, headers: { "idempotency-replayed": "true" } });
    expect(new Set([...taken, again].map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(sending).toHaveBeenCalledTimes(1);
  });

  it("is refused if it asks for something else under the same key", async () => {
    expect(await put("other-body", stateOf("other-body"), "k1")).toMatchObject({ status: 202 });
    const answer = await put("other-body", stateOf("other-body", "501"), "k1");
    expect([answer.status, kindOf(answer)]).toEqual([422, "key-reused"]);
    expect(await post("other-body", "k2", "1")).toMatchObject({ status: 202 });
    expect(kindOf(await post("other-body", "k2", "2"))).toBe("key-reused");
    expect(sending).toHaveBeenCalledTimes(2);
  });

  it("is another one for another caller, account or route", async () => {
    expect(await put("a1", stateOf("a1"), "shared")).toMatchObject({ status: 202 });
    expect(kindOf(await put("a2", stateOf("a2"), "shared"))).toBe("key-reused");
    const { headers, status } = await put("a1", stateOf("a1"), "shared", { name: "another" });
    expect([status, headers["idempotency-replayed"]]).toEqual([202, undefined]);
    expect(await post("a1", "shared", "1")).toMatchObject({ status: 202 });
    expect(sending).toHaveBeenCalledTimes(3);
  });

  it("is the same one for every session of a role, as each process of a back end has its own", async () => {
    const session = (name: string) => ({ iam: { userArn: `arn:aws:sts::000000000000:assumed-role/exchange/${name}` } });
    const request = (name: string) => put("roles", stateOf("roles"), "s1", { authorizer: session(name) });
    expect((await request("one")).headers["idempotency-replayed"]).toBeUndefined();
    expect((await request("two")).headers["idempotency-replayed"]).toBe("true");
  });

  it("is told to wait while the first is being carried out", async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    sending.mockImplementationOnce((async (command: unknown) => {
      sent.resolve();
      await release;
      return api.stage.sqs.send(command as never);
    }) as never);
    const first = put("slow", stateOf("slow"), "slow-1");
    await sent.promise;
    const second = await put("slow", stateOf("slow"), "slow-1");
    expect([second.status, kindOf(second), second.headers["retry-after"]]).toEqual([409, "in-progress", "1"]);
    resolve();
    expect(await first).toMatchObject({ status: 202 });
    expect(await put("slow", stateOf("slow"), "slow-1")).toMatchObject({ status: 202 });
    // Once by the function, and once by the spy that held it back.
    expect(sending).toHaveBeenCalledTimes(2);
  });

  it("is carried out when it comes again after the queue has failed", async () => {
    sending.mockRejectedValueOnce(new Error("SQS is away") as never);
    const failed = await put("retried", stateOf("retried"), "retried-1");
    expect([failed.status, kindOf(failed), failed.headers["retry-after"]]).toEqual([503, "unavailable", "1"]);
    const { status, headers } = await put("retried", stateOf("retried"), "retried-1");
    expect([status, headers["idempotency-replayed"]]).toEqual([202, undefined]);
    expect(sending).toHaveBeenCalledTimes(2);
  });

  it("leaves no record if it is refused, so that it can be mended under its key", async () => {
    expect(await put("mended", stateOf("another"), "mended-1")).toMatchObject({ status: 422 });
    expect(await put("mended", stateOf("mended"), "mended-1")).toMatchObject({ status: 202 });
  });

  it("may have no other key than 1 to 255 visible signs", async () => {
    for (const key of ["", "a b", "é", "k".repeat(256), "a\r\nb"]) {
      const answer = await put("keys", stateOf("keys"), key);
      expect([answer.status, kindOf(answer), answer.body.errors[0].field]).toEqual([
        400,
        "malformed-request",
        "Idempotency-Key",
      ]);
    }
    expect(await put("keys", stateOf("keys"), "k".repeat(255))).toMatchObject({ status: 202 });
  });
});

describe("a request without a key", () => {
  it("does no harm when it is repeated, since the account has its sequence", async () => {
    for (let time = 0; time < 3; time += 1) expect(await put("plain", stateOf("plain"))).toMatchObject({ status: 202 });
    expect(await post("plain", "plain-1", "25")).toMatchObject({ status: 202 });
    await api.stage.consume("AccountEvents", api.ingestAccounts);
    const { body } = await read("GET /v1/accounts/plain");
    expect(body).toMatchObject({ ledger_sequence: 1, waiting_sequences: [7] });
    expect(body.pools[0].collateral).toEqual([{ asset: "USD", amount: "500" }]);
  });
});

describe("a caller who asks too much", () => {
  it("is told when to come back, and others are not", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      for (let left = 2_990; left >= 0; left -= 10) {
        const { status, headers } = await read("GET /v1/accounts");
        expect([status, headers.ratelimit]).toEqual([200, `"minute";r=${left};t=${Math.ceil((3_000 - left) / 50)}`]);
      }
      const answer = await read("GET /v1/accounts");
      expect([answer.status, kindOf(answer)]).toEqual([429, "too-many-requests"]);
      expect(answer.headers).toMatchObject({
        "retry-after": "1",
        ratelimit: '"minute";r=0;t=60',
        "ratelimit-policy": '"minute";q=3000;w=60',
      });
      expect(await read("GET /v1/accounts", { name: "another" })).toMatchObject({ status: 200 });
      vi.setSystemTime(Date.now() + 1_000);
      expect(await read("GET /v1/accounts")).toMatchObject({ status: 200 });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("an ETag", () => {
  it("stays while only the age of a result changes, and spares sending it again", async () => {
    const route = `GET /v1/accounts/${accounts.own}/margin`;
    const first = await read(route);
    const later = await read(route, { atMs: askedMs + 7_000 });
    expect(later.body.result_age_ms - first.body.result_age_ms).toBe(7_000);
    expect(later.headers.etag).toBe(first.headers.etag);
    expect(first.headers.etag).toMatch(/^"[\w-]{22}"$/);
    const other = await read(`GET /v1/accounts/${accounts.foreign}/margin`);
    expect(other.headers.etag).not.toBe(first.headers.etag);
    for (const known of [first.headers.etag ?? "", `"x", W/${first.headers.etag}`, "*"]) {
      const { status, body, headers } = await read(route, { headers: { "if-none-match": known } });
      expect([status, body, headers.etag]).toEqual([304, null, first.headers.etag]);
    }
    expect(await read(route, { headers: { "if-none-match": '"x"' } })).toMatchObject({ status: 200 });
  });
});

describe("a stage in trouble", () => {
  it.each([
    ["reads", () => read(`GET /v1/accounts/${accounts.own}`)],
    ["questions", () => ask(api.handlers["answer-questions"], "GET /v1/methods", { atMs: askedMs })],
    ["takes", () => put("throttled", stateOf("throttled"), "throttled-1")],
  ])("answers 503 without a word of the cause, and counts it: %s", async (_, request) => {
    const { startCold } = await import("@plimsoll/runtime");
    startCold();
    vi.spyOn(api.stage.dynamodb, "send").mockRejectedValue(new Throttled("Rate of table Ledger exceeded") as never);
    const answer = await request();
    expect(answer).toMatchObject({
      status: 503,
      headers: { "retry-after": "1", "content-type": "application/problem+json" },
      body: { type: "urn:plimsoll:problem:unavailable", errors: [] },
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/Ledger|Throttl|\bat /);
    expect(figuresOf("ApiFailures")).toEqual([1]);
    expect(written.join("")).toContain("Rate of table Ledger exceeded");
    vi.mocked(api.stage.dynamodb.send).mockRestore();
    expect((await request()).status).toBeLessThan(300);
    expect(figuresOf("ApiFailures")).toEqual([1, 0]);
  });
});
