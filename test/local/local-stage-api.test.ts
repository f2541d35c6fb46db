import { createServer, request } from "node:http";
import { LOCAL_TIME_HEADER, type LocalStage, type RouteNode, startLocalStage } from "@plimsoll/local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventSourceNode, graphOf, queueNode, tableNode, Workshop } from "../support/local/stage.ts";

let workshop: Workshop;
let stage: LocalStage;

const route = (method: string, path: string, authorization: "AWS_IAM" | "NONE" = "NONE"): RouteNode => ({
  api: "Api",
  method,
  path,
  functionName: "Answer",
  authorization,
  authorizer: null,
});

const schedule = (logicalName: string, expression: string, enabled = true) => ({
  logicalName,
  name: `test-${logicalName}`,
  expression,
  functionName: "OnSchedule",
  input: JSON.stringify({ name: logicalName, at: "<aws.scheduler.scheduled-time>" }),
  enabled,
  maximumRetryAttempts: 1,
});

const graph = () =>
  graphOf({
    functions: [
      workshop.functionNode("Answer", "answerHttp"),
      workshop.functionNode("OnSchedule", "onSchedule"),
      workshop.functionNode("Failing", "misbehave"),
      workshop.functionNode("Clocked", "tellTime"),
    ],
    routes: [route("POST", "/v1/quotes", "AWS_IAM"), route("ANY", "/v1/accounts/{id}")],
    schedules: [
      schedule("Minutely", "rate(1 minute)"),
      schedule("Quarterly", "rate(15 minutes)"),
      schedule("Never", "rate(1 minute)", false),
      { ...schedule("Broken", "rate(1 day)"), functionName: "Failing", input: '{"action":"throw"}' },
    ],
  });

beforeAll(async () => {
  workshop = await Workshop.open();
  stage = await startLocalStage({
    // The stage takes a graph that is still being evaluated.
    graph: Promise.resolve(graph()),
    schedules: "manual",
    concurrency: 1,
  });
});

beforeEach(() => workshop.forget());

afterAll(async () => {
  await stage.stop();
  workshop.close();
});

describe("the local API", () => {
  it("hands a request on as API Gateway does, at the time that a replay gives it", async () => {
    const response = await fetch(`${stage.apiUrl}/v1/quotes?source=a&source=b&x=%20`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${stage.tokens.backend}`,
        "content-type": "application/json",
        cookie: "k=v; l=w",
        [LOCAL_TIME_HEADER]: "2026-02-05T15:51:32Z",
      },
      body: '{"quotes":[]}',
    });
    expect(response.status).toBe(202);
    expect(response.headers.get("x-seen")).toBe("/v1/quotes");
    expect(response.headers.getSetCookie()).toEqual(["one=1", "two=2"]);
    expect(await response.json()).toMatchObject({
      version: "2.0",
      routeKey: "POST /v1/quotes",
      rawPath: "/v1/quotes",
      rawQueryString: "source=a&source=b&x=%20",
      queryStringParameters: { source: "a,b", x: " " },
      cookies: ["k=v", "l=w"],
      body: '{"quotes":[]}',
      isBase64Encoded: false,
      requestContext: {
        http: { method: "POST", path: "/v1/quotes", sourceIp: "127.0.0.1" },
        authorizer: { iam: { userId: "local" } },
        timeEpoch: Date.parse("2026-02-05T15:51:32Z"),
      },
    });
  });

  it("is on the real clock otherwise, and refuses a time that is none", async () => {
    const before = Date.now();
    const event = (await (await fetch(`${stage.apiUrl}/v1/accounts/7`)).json()) as {
      pathParameters: object;
      requestContext: { timeEpoch: number };
    };
    expect(event.requestContext.timeEpoch).toBeGreaterThanOrEqual(before);
    expect(event.pathParameters).toEqual({ id: "7" });
    const refused = await fetch(`${stage.apiUrl}/v1/accounts/7`, { headers: { [LOCAL_TIME_HEADER]: "noon" } });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(`${LOCAL_TIME_HEADER} must be a time in ISO 8601`);
  });

  it("takes no time ahead of the clock, by header, tick or a market's own clock", async () => {
    const ahead = new Date(Date.now() + 600_000).toISOString();
    const refused = await fetch(`${stage.apiUrl}/v1/accounts/7`, { headers: { [LOCAL_TIME_HEADER]: ahead } });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(`${LOCAL_TIME_HEADER} ${ahead} is ahead of the market's clock`);
    await expect(stage.tick(ahead)).rejects.toThrow(/ahead of this machine's clock/);
    await expect(stage.tick(ahead, "Never")).rejects.toThrow(/ahead of this machine's clock/);
  });

  it("goes by the market's clock where it has one, and takes nothing ahead of that", async () => {
    const timeOf = async (headers: Record<string, string> = {}) => {
      const answer = await fetch(`${stage.apiUrl}/v1/accounts/7`, { headers });
      const event = (await answer.json()) as { requestContext: { timeEpoch: number } };
      return answer.status === 202 ? event.requestContext.timeEpoch : answer.status;
    };
    const recordedMs = Date.parse("2026-02-05T15:51:32Z");
    stage.setClock(() => recordedMs);
    expect(await timeOf()).toBe(recordedMs);
    expect(await timeOf({ [LOCAL_TIME_HEADER]: "2026-02-05T15:51:31Z" })).toBe(recordedMs - 1_000);
    expect(await timeOf({ [LOCAL_TIME_HEADER]: "2026-02-05T15:51:33Z" })).toBe(400);
    const before = Date.now();
    stage.setClock(() => before + 600_000);
    expect(await timeOf()).toBeLessThanOrEqual(Date.now());
    expect(await stage.invoke("Clocked", {})).toMatchObject({ payload: expect.any(Number) });
    stage.setClock(() => recordedMs);
    expect(await stage.invoke("Clocked", {})).toMatchObject({ payload: recordedMs });
    stage.setClock(Date.now);
  });

  it("hands on bytes in base64", async () => {
    const response = await fetch(`${stage.apiUrl}/v1/accounts/7`, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: new Uint8Array([0, 255]),
    });
    expect(await response.json()).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });

  it("answers for the function: plain values, errors, unknown paths", async () => {
    expect(await (await fetch(`${stage.apiUrl}/v1/accounts/plain`)).json()).toEqual({ plain: true });
    expect((await fetch(`${stage.apiUrl}/v1/accounts/boom`)).status).toBe(500);
    expect((await fetch(`${stage.apiUrl}/v1/quotes`)).status).toBe(404);
    expect((await fetch(`${stage.apiUrl}/nowhere`)).status).toBe(404);
  });

  it("answers paths that no client of good will sends", async () => {
    const statusOf = (path: string) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(stage.apiUrl);
        const sent = request({ hostname, port, path, method: "OPTIONS" }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on("error", reject).end();
      });
    expect(await statusOf("//")).toBe(404);
    expect(await statusOf("//evil.example/v1/accounts/7")).toBe(404);
    expect(await statusOf("*")).toBe(404);
    expect(await statusOf("/v1/accounts/%E0%A4%A")).toBe(404);
    expect(await statusOf("/v1/accounts/..%2f7")).toBe(202);
  });

  it("serves this machine only", async () => {
    const statusFor = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        request(`${stage.apiUrl}/v1/accounts/7`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
    expect(await statusFor({ origin: "https://evil.example" })).toBe(403);
    expect(await statusFor({ host: "evil.example" })).toBe(403);
    expect(await statusFor({ origin: stage.apiUrl })).toBe(202);
  });

  it("says which port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const start = startLocalStage({ graph: graph(), schedules: "manual", apiPort: port });
    await expect(start).rejects.toThrow(`The API's port ${port} cannot be used`);
    other.close();
  });
});

describe("schedules", () => {
  it("fire at a tick when a period has passed, with the tick's time", async () => {
    const fired = async (atIso: string) => (await stage.tick(atIso)).map((result) => result.schedule);
    expect(await fired("2026-02-05T12:00:00Z")).toEqual(["Minutely", "Quarterly", "Broken"]);
    expect(workshop.trace().toSorted()).toEqual([
      'schedule {"name":"Minutely","at":"2026-02-05T12:00:00Z"}',
      'schedule {"name":"Quarterly","at":"2026-02-05T12:00:00Z"}',
    ]);
    expect(await fired("2026-02-05T12:00:59Z")).toEqual([]);
    expect(await fired("2026-02-05T12:10:00Z")).toEqual(["Minutely"]);
    expect(await fired("2026-02-05T12:15:00Z")).toEqual(["Minutely", "Quarterly"]);
  });

  it("fire by name whenever asked, and are tried again as often as the stacks say", async () => {
    const [never] = await stage.tick("2026-02-05T12:15:01Z", "Never");
    expect(never).toMatchObject({ schedule: "Never", result: { ok: true } });
    const before = stage.statistics().Failing?.invocations ?? 0;
    const [broken] = await stage.tick("2026-02-05T12:15:02Z", "Broken");
    expect(broken).toMatchObject({ result: { ok: false, error: { errorType: "RangeError" } } });
    expect(stage.statistics().Failing?.invocations).toBe(before + 2);
    await expect(stage.tick("2026-02-05T12:15:02Z", "Sweep")).rejects.toThrow(/no schedule Sweep; there are Minutely/);
    await expect(stage.tick("soon")).rejects.toThrow(/soon, which is no time in ISO 8601/);
  });
});

describe("a stage that the local stage cannot run as AWS would", () => {
  const jobs = queueNode("Jobs");
  const start = (parts: Parameters<typeof graphOf>[0]) =>
    startLocalStage({ graph: graphOf({ queues: [jobs], ...parts }), schedules: "manual" });

  it.each([
    [
      "a filter operator it does not know",
      () => ({
        functions: [workshop.functionNode("Jobs", "onQueue")],
        eventSources: [eventSourceNode("Jobs", jobs.arn, { filterPatterns: ['{"body":[{"wildcard":"a*"}]}'] })],
      }),
      /filter pattern of queue Jobs has .*wildcard/,
    ],
    [
      "a schedule it does not know",
      () => ({
        functions: [workshop.functionNode("OnSchedule", "onSchedule")],
        schedules: [schedule("S", "at(noon)")],
      }),
      /The schedule is at\(noon\)/,
    ],
    [
      "an event source of a queue that is not declared",
      () => ({
        functions: [workshop.functionNode("Jobs", "onQueue")],
        eventSources: [eventSourceNode("Jobs", `${jobs.arn}X`)],
      }),
      /refers to .*JobsQueueX, which it does not declare/,
    ],
    [
      "a function that is not declared",
      () => ({ eventSources: [eventSourceNode("Jobs", jobs.arn)] }),
      /declare no function Jobs/,
    ],
    [
      "a route to a function that is not declared",
      () => ({ routes: [route("GET", "/")] }),
      /declare no function Answer/,
    ],
    [
      "a stream that the table does not have",
      () => {
        const still = tableNode("Still", { streamViewType: null });
        return {
          tables: [still],
          functions: [workshop.functionNode("Jobs", "onStream")],
          eventSources: [eventSourceNode("Jobs", still.arn)],
        };
      },
      /Table Still has no stream for Jobs/,
    ],
    [
      "a subscription it cannot deliver to",
      () => {
        const topic = { logicalName: "T", name: "test-T", arn: "arn:aws:sns:eu-central-1:000000000000:test-T" };
        const to = { protocol: "lambda", endpoint: "arn:x", rawMessageDelivery: false, filterPolicy: null };
        return { topics: [topic], topicSubscriptions: [{ topicArn: topic.arn, ...to }] };
      },
      /uses the protocol lambda; the local stage knows sqs/,
    ],
  ])("is refused for %s", async (_name, parts, message) => {
    await expect(start(parts())).rejects.toThrow(message);
  });
});
