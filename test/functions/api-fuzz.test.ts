import { type Route, routes } from "@plimsoll/api";
import { problem, problemKinds, problemType, quote, quoteBatch } from "@plimsoll/schema";
import fc from "fast-check";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { type Answered, type Asker, ask } from "../support/api.ts";
import { inputsOf, type KnownValues } from "../support/from-json-schema.ts";
import {
  accounts,
  askedMs,
  foreignMarks,
  leadsTo,
  type MemoryApi,
  startMemoryApi,
  tokenKeys,
} from "../support/memory-api.ts";
import { root } from "../support/repository.ts";
import { lambdaContext } from "../support/stage.ts";
import { iso } from "../support/venue.ts";

/** A failure prints its seed; put it here to see the failure again. */
const seed = 20_260_205;

/** Longest time that one answer may take in milliseconds, on a machine that does much else. */
const patienceMs = 5_000;

let api: MemoryApi;
let newestSnapshot = "";
let parametersVersion = "";
/** Lines that the functions wrote since the last request. */
let written: string[];
let requests = 0;

beforeAll(async () => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  api = await startMemoryApi();
  const { body } = await ask(api.handlers["answer-reads"], "GET /v1/market", { atMs: askedMs });
  newestSnapshot = body.snapshot_id;
  parametersVersion = body.parameters_version;
});
beforeEach(() => {
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written.push(...String(text).split("\n"));
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => api.stop());

const accountIds = Object.values(accounts);
const instrumentIds = ["BTC_USD-PERPETUAL", "BTC-PERPETUAL", "BTC_USD-30D", "BTC_USD-30D-80000-C", "BTC-30D-60000-P"];
const amounts = ["1", "-0.5", "0.25", "100000", "70000", "-20", "0.000000000000000001", "9".repeat(30)];
/** Begins what is planted in requests, so that log lines can be searched for it. */
const planted = "planted-6c0";

const knownValues = (): KnownValues => ({
  id: accountIds,
  account_id: accountIds,
  instrument_id: instrumentIds,
  asset: ["USD", "BTC", "ETH", "XYZ"],
  pool_currency: ["USD", "BTC"],
  underlying: ["BTC", "ETH"],
  pool_id: ["cross", "p1", "none"],
  order_id: ["order-1", "o2"],
  cancelled_order_ids: ["order-1", "o3"],
  against: [newestSnapshot, "20260101T000000000Z-0123456789ab"],
  parameters_version: [parametersVersion, "none"],
  version: [parametersVersion, "none"],
  occurred_at: [iso(askedMs)],
  observed_at: [iso(askedMs), iso(askedMs - 3_600_000)],
  expiry: [iso(askedMs + 86_400_000)],
  from: [iso(askedMs - 86_400_000)],
  to: [iso(askedMs)],
  quantity: amounts,
  amount: amounts,
  price: ["70000", "1", "69000.5"],
  move_pct: ["-12", "5", "-99.9", "100000"],
  entry_price: ["70000"],
  index_price: ["70010"],
  mark_price: ["70010", "0.1"],
  forward_price: ["70010"],
  ledger_sequence: [1, 2, 3],
  days_forward: [0, 1, 30, 400],
  limit: ["1", "2", "500"],
  cursor: [
    cursorOf("calls", [-askedMs, "MC-a-1"]),
    cursorOf("account calls", [-askedMs, "x"]),
    cursorOf("history all", [askedMs]),
  ],
  // A signature by the real key takes so long that few tokens are asked for.
  seconds: [0, 59, 60, 3_600, 3_601],
});

function cursorOf(list: string, key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([list, key])).toString("base64url");
}

const routeOf = (id: string) => routes.find((route) => route.id === id) as Route;
const postQuotes = routeOf("postQuotes");

/** A request, as it is sent. */
interface Shot {
  /** The route that it is made for. */
  readonly routeId: string;
  readonly as: Asker;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as base64; null for none. */
  readonly body: string | null;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

const callers: fc.Arbitrary<Asker> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Asker>("backend") },
  { weight: 6, arbitrary: fc.constant<Asker>({ trader: accounts.own }) },
  { weight: 3, arbitrary: fc.constantFrom<Asker>("viewer", "risk", "admin", "anyone") },
);

/** How often routes are asked; those whose work is long are asked less. */
const weights: Readonly<Record<string, number>> = {
  explainMargin: 2,
  getCures: 2,
  getLadder: 2,
  simulateMargin: 3,
  simulateBatch: 2,
  postToken: 1,
  getDocument: 1,
};

const routeOnes = fc.oneof(
  ...routes.map((route) => ({ weight: weights[route.id] ?? 8, arbitrary: fc.constant(route) })),
);

const callIds = [
  `MC-${accounts.own}-1`,
  `MC-${accounts.foreign}-1`,
  `MC-${accounts.own}/p1-1`,
  "MC-a-9999999999",
  "MC--1",
];

const keys = fc.option(fc.oneof(fc.constantFrom("a", "b"), fc.uuid()), { nil: undefined });

function validShots(route: Route): fc.Arbitrary<Shot> {
  const known = knownValues();
  const inPath = route.id === "getCall" ? { ...known, id: callIds } : known;
  return fc
    .record({
      as: callers,
      params: inputsOf(route.params, inPath) as fc.Arbitrary<Record<string, string>>,
      query: inputsOf(route.query, known) as fc.Arbitrary<Record<string, unknown>>,
      body: route.body === null ? fc.constant(null) : inputsOf(bodyOf(route.body), known),
      key: keys,
    })
    .map(({ as, params, query, body, key }) => ({
      routeId: route.id,
      as,
      method: route.method,
      path: route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(wellFormed(params[name] ?? "")),
      ),
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
      headers: {
        ...(body === null ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: body === null ? null : base64(JSON.stringify(ofPath(route, params, body))),
    }));
}

/** Quotes are read one by one, so that the contract of a batch says nothing of them. */
function bodyOf(body: z.ZodType): z.ZodType {
  return body === postQuotes.body ? quoteBatch.extend({ quotes: z.array(quote).min(1) }) : body;
}

const wellFormed = (text: string) => text.toWellFormed();

/** Events are about the account of the path, or nothing of them would ever be taken. */
function ofPath(route: Route, { id }: Record<string, string>, body: unknown): unknown {
  if (route.servedBy !== "take-accounts") return body;
  const text = JSON.stringify(body).replaceAll(/"account_id":"[^"]*"/g, `"account_id":${JSON.stringify(id)}`);
  return JSON.parse(text) as unknown;
}

const shots = routeOnes.chain(validShots);

/** JSON texts that are put in the place of a value. */
const strangeTexts = [
  ..."null true [] {} -0 0 1e400 -1e400 1E5 9007199254740993 0.1e-400 NaN Infinity 01 +1 .5 0x10 1_000".split(" "),
  ...[
    "",
    " ",
    "NaN",
    "1e5",
    "-0",
    "+1",
    "0x10",
    "１２",
    "1,5",
    "\u0000",
    "\r\nX-Evil: 1",
    "\u001b[31mred",
    "__proto__",
  ].map((text) => JSON.stringify(text)),
  ...[
    "constructor",
    "оwn-7f3a",
    "own-7f3a\u200b",
    `${planted}`,
    "../../etc/passwd",

    "9".repeat(300),
  ].map((text) => JSON.stringify(text)),
  String.raw`"\ud800"`,
  String.raw`"\udc00\ud800"`,
  "9".repeat(400),
  JSON.stringify("x".repeat(3_000)),
  '{"__proto__":{"account_id":"a"}}',
  '{"constructor":{"prototype":{}}}',
  '["a","b"]',
];

const strangeMembers = [
  "__proto__",
  "constructor",
  "toString",
  planted,
  "account_id",
  "",
  "\u0000",
  "a".repeat(500),
  "ключ",
];

type Change =
  | { readonly kind: "replace"; readonly text: string }
  | { readonly kind: "remove" }
  | { readonly kind: "add"; readonly name: string; readonly text: string }
  | { readonly kind: "repeat"; readonly isEscaped: boolean };

const changes: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("replace" as const), text: fc.constantFrom(...strangeTexts) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      name: fc.constantFrom(...strangeMembers),
      text: fc.constantFrom(...strangeTexts),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), isEscaped: fc.boolean() }) },
);

/** Writes a JSON value with one change at the `pick`th of its members, counted from its start. */
function writeChanged(value: unknown, pick: number, change: Change): string {
  const count = membersIn(value);
  let left = count === 0 ? 0 : pick % count;
  const write = (inner: unknown): string => {
    if (Array.isArray(inner)) return `[${inner.map(write).join(",")}]`;
    if (typeof inner !== "object" || inner === null) return JSON.stringify(inner);
    const parts = Object.entries(inner).map(([name, member]): string | null => {
      left -= 1;
      if (left !== -1) return `${JSON.stringify(name)}:${write(member)}`;
      const own = `${JSON.stringify(name)}:${JSON.stringify(member)}`;
      switch (change.kind) {
        case "replace":
          return `${JSON.stringify(name)}:${change.text}`;
        case "remove":
          return null;
        case "add":
          return `${own},${JSON.stringify(change.name)}:${change.text}`;
        default: {
          const escaped = [...name].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
          return `${own},"${change.isEscaped ? escaped : name}" \n:${JSON.stringify(member)}`;
        }
      }
    });
    return `{${parts.filter((part) => part !== null).join(",")}}`;
  };
  return write(value);
}

function membersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, inner) => sum + membersIn(inner), own);
}

const strangeQueries = [
  ..."1e3 010 0 -1 501 1,2 5.0 0x10 NaN ∞ __proto__ %31".split(" "),
  "",
  " 5",
  "cross,cross",
  "\u0000",
  "\r\nSet-Cookie: a=b",
  "x".repeat(2_000),
  "2026-02-30T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999999Z",
];

/** A request that is valid but for one member of its body or its query. */
const nearlyValid = fc
  .record({
    shot: shots,
    pick: fc.nat(),
    change: changes,
    words: fc.constantFrom(...strangeQueries),
    name: fc.constantFrom("limit", "cursor", "pool_id", "from", "to", "order", "restore", planted),
  })
  .map(({ shot, pick, change, words, name }): Shot => {
    if (shot.body === null) return { ...shot, query: { ...shot.query, [name]: words } };
    const value = JSON.parse(Buffer.from(shot.body, "base64").toString()) as unknown;
    return { ...shot, body: base64(writeChanged(value, pick, change)) };
  });

const nested = (depth: number) => `${'{"a":['.repeat(depth)}${"]}".repeat(depth)}`;

/** Bodies that no contract has. */
const hostileBodies: readonly string[] = [
  ...[8, 16, 17, 1_000].map((depth) => base64(nested(depth))),
  base64('{"a":1,"a":2}'),
  base64(String.raw`{"account_id":"own-7f3a","\u0061ccount_id":"foreign-9c1d"}`),
  Buffer.from('{"a":1}', "utf16le").toString("base64"),
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]).toString("base64"),
  Buffer.from([0xed, 0xa0, 0x80]).toString("base64"),
  Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).toString("base64"),
  base64("\ufeff{}"),
  ...["", "null", "[]", '"', "{", "}", "\u0000", "{}{}", "// a", "NaN", '{"a":1,}', '{"a" 1}', "'a'"].map(base64),
];

/** Bodies that are as large as they may be, or much larger. Each is made once, and rarely sent. */
const largeBodies: readonly string[] = [
  base64(`{"account_id":"${"a".repeat(999_960)}"}`),
  base64(`{"a":"${"x".repeat(1_000_000)}"}`),
  base64(" ".repeat(5_500_000)),
  base64(nested(40_000)),
  base64("[".repeat(200_000)),
  base64(`[${"0,".repeat(200_000)}0]`),
  base64(`{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":0`).join(",")}}`),
];

const hostileHeaders: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc
    .constantFrom(
      "text/plain",
      "",
      "application/json; charset=utf-16",
      "application/json, text/html",
      "multipart/form-data",
      "application/json\r\nX: 1",
      "APPLICATION/JSON; charset=UTF-8",
    )
    .map((type) => ({ "content-type": type })),
  fc
    .constantFrom("gzip", "br", "identity", "gzip, identity", "")
    .map((coding) => ({ "content-type": "application/json", "content-encoding": coding })),
  fc
    .oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.constantFrom("a b", "\r\nX: 1", "é", "k".repeat(255), "k".repeat(256), "\u001b[2J", "*"),
    )
    .map((key) => ({ "content-type": "application/json", "idempotency-key": key })),
  fc
    .oneof(fc.constantFrom("*", '"a"', 'W/"a"', ",,,,", '"'.repeat(9_000)), fc.string({ unit: "binary" }))
    .map((tag) => ({ "if-none-match": tag })),
  fc.record({ host: fc.constantFrom("evil.example", "a\r\nb", "", "[::1]:1", "x".repeat(4_000), "<script>") }),
  fc
    .constantFrom("Bearer a.b.c", "\u001b[31m", "x".repeat(9_000))
    .map((text) => ({ authorization: text, "x-forwarded-for": text, "user-agent": text })),
);

const pathParts = fc.constantFrom(
  ..."v1 accounts calls market parameters margin simulate batch health openapi.json %2e%2e .. . %00 %0d%0a %2f %252e %c0%ae %zz % * {id} __proto__ constructor".split(
    " ",
  ),
  "",
  ...accountIds,
  "оwn-7f3a",
  "own-7f3a ",
  "own-7f3a%20",
  "OWN-7F3A",
  "%6fwn-7f3a",
  "calls%2f",
  "ünïcode",
  "a".repeat(3_000),
);

const hostilePaths = fc.oneof(
  fc.array(pathParts, { maxLength: 6 }).map((parts) => `/${parts.join("/")}`),
  fc.array(pathParts, { minLength: 1, maxLength: 3 }).map((parts) => `/v1/accounts/${parts.join("/")}`),
  fc.array(pathParts, { minLength: 1, maxLength: 3 }).map((parts) => `/v1/calls/MC-${parts.join("-")}-1`),
  fc.constantFrom(
    "/v1/margin/%73imulate",
    "//v1/accounts",
    "/v1/accounts/",
    "/V1/accounts",
    "/v1/%61ccounts",
    "",
    "/",
    "v1/time",
    "/v1/time?x",
  ),
);

const keyParts = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.constant(null),
  fc.constantFrom(8.64e15, 8.64e15 + 1, -1e15, 1e308, "x"),
);

/** Lists with pages, by their routes, each as its cursors name it. */
const listNames = {
  listAccounts: '["ratio",null,null,null]',
  listCalls: "calls",
  listAccountCalls: "account calls",
  getHistory: "history all",
} as const;

/** Cursors of a list, of another, and texts that are none. */
function cursorsOf(list: string): fc.Arbitrary<string> {
  const keys = fc.oneof(fc.tuple(keyParts), fc.tuple(keyParts, keyParts), fc.array(keyParts, { maxLength: 9 }));
  const names = fc.oneof(
    { weight: 4, arbitrary: fc.constant(list) },
    fc.constantFrom(...Object.values(listNames), "x"),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(names, keys).map(([name, key]) => cursorOf(name, key)) },
    fc.json().map((text) => Buffer.from(text).toString("base64url")),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom("", "e30", "W10", "bnVsbA", "=".repeat(2_000), "A".repeat(1_025)),
  );
}

const withCursor = fc
  .constantFrom(...(Object.keys(listNames) as (keyof typeof listNames)[]))
  .chain((id) => fc.record({ shot: validShots(routeOf(id)), cursor: cursorsOf(listNames[id]) }));

const bodies = fc.oneof(
  { weight: 19, arbitrary: fc.constantFrom(...hostileBodies) },
  { weight: 1, arbitrary: fc.constantFrom(...largeBodies) },
);

/** A request that is meant ill in one way. */
const hostile = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        shot: routeOnes.filter(({ body }) => body !== null).chain(validShots),
        body: bodies,
      })
      .map(({ shot, body }) => ({ ...shot, body })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ shot: shots, headers: hostileHeaders })
      .map(({ shot, headers }) => ({ ...shot, headers: { ...shot.headers, ...headers } })),
  },
  { weight: 5, arbitrary: fc.record({ shot: shots, path: hostilePaths }).map(({ shot, path }) => ({ ...shot, path })) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        shot: shots,
        method: fc.constantFrom(
          "HEAD",
          "OPTIONS",
          "DELETE",
          "PATCH",
          "TRACE",
          "get",
          "",
          "GET\r\n",
          "POST",
          "PUT",
          "GET",
          planted,
        ),
      })
      .map(({ shot, method }) => ({ ...shot, method })),
  },
  {
    weight: 5,
    arbitrary: withCursor.map(({ shot, cursor }) => ({ ...shot, query: { ...shot.query, cursor } })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ shot: shots, bytes: fc.uint8Array({ maxLength: 200 }) })
      .map(({ shot, bytes }) => ({ ...shot, body: Buffer.from(bytes).toString("base64") })),
  },
);

/** Asks as the gateway would, which may decode a path before it looks for its route. */
async function send(shot: Shot, isDecoded: boolean): Promise<Answered> {
  const { as, method, path, query, headers, body } = shot;
  const looked = isDecoded ? decodedPath(path) : path;
  const handler = api.handlers[leadsTo(method, looked, as === "backend")];
  api.forgetLimits();
  requests += 1;
  return ask(handler, `${method} ${path}`, {
    as,
    atMs: askedMs,
    query,
    headers,
    ...(body !== null && { bytes: Buffer.from(body, "base64") }),
  });
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const kindsByType = new Map(
  Object.entries(problemKinds).map(([kind, of]) => [problemType(kind as keyof typeof problemKinds), { kind, ...of }]),
);

/** Kinds of problems that were seen, which a request leads to. */
const kindsSeen = new Set<string>();
const statusesSeen = new Map<string, Set<number>>();

/** What an answer, or what was logged of its request, does that none may do; null for nothing. */
function findFault(shot: Shot, { status, headers, body }: Answered): string | null {
  const text = JSON.stringify(body) ?? "";
  const log = written.filter((line) => line !== "");
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[a-z0-9-]+$/.test(name) || !/^[\x20-\x7e]*$/.test(value)) return `header ${name}: ${JSON.stringify(value)}`;
  }
  for (const line of log) {
    if (line.includes("request failed")) return `failed: ${line}`;
    try {
      JSON.parse(line);
    } catch {
      return `a line of the log is not JSON: ${line}`;
    }
    const named = [...accountIds, ...foreignMarks, planted, "eyJ"].find((word) => line.includes(word));
    if (named !== undefined) return `the log names ${named}: ${line}`;
  }
  if (/\bat \S+ \(|node_modules|\.ts:\d|file:\/\//.test(text) || text.includes(root))
    return "the answer has a stack or a path";
  const isForeign = typeof shot.as === "object" || shot.as === "anyone";
  if (isForeign) {
    const leak = foreignMarks.find((mark) => text.includes(mark));
    if (leak !== undefined) return `a trader is told ${leak}`;
    if (text.includes(accounts.foreign) && !sentBy(shot).includes(accounts.foreign))
      return "a trader is told of an account";
    if (status < 300 && text.includes(accounts.foreign)) return "a trader is answered about an account";
  }
  return findWrongBody(shot, status, headers, body);
}

/** All that a request says, as text. */
function sentBy({ path, query, headers, body }: Shot): string {
  return JSON.stringify([path, query, headers]) + Buffer.from(body ?? "", "base64").toString();
}

function findWrongBody(shot: Shot, status: number, headers: Answered["headers"], body: unknown): string | null {
  if (status === 304) return body === null && headers.etag !== undefined ? null : "304 with a body";
  if (headers["content-type"] === "application/problem+json") {
    const parsed = problem.safeParse(body);
    const known = kindsByType.get(parsed.data?.type ?? "");
    if (!parsed.success || known === undefined) return "no problem of the registry";
    kindsSeen.add(known.kind);
    if (known.status !== status || parsed.data.status !== status) return "the status is not that of the problem";
    const mayWait = known.kind === "no_results_yet" && sentBy(shot).includes(accounts.fresh);
    if (status >= 500 && !mayWait) return "the stage failed, or says so of an account that has results";
    if (known.retry !== (headers["retry-after"] !== undefined)) return "Retry-After where it does not help, or none";
    return (status === 405) === (headers.allow !== undefined) ? null : "Allow does not fit";
  }
  if (leadsTo(shot.method, shot.path, shot.as === "backend") === "ingest-prices") {
    return [200, 400, 422].includes(status) && postQuotes.answer.safeParse(body).success ? null : "no answer to quotes";
  }
  const asked = routes.filter((one) => one.status === status && one.answer.safeParse(body).success);
  return asked.length > 0 ? null : "an answer of no route";
}

/** Sends a request and looks at all that comes of it. Throws if anything is not as it may be. */
async function check(shot: Shot, isDecoded: boolean): Promise<void> {
  written.length = 0;
  const startMs = performance.now();
  const answered = await send(shot, isDecoded);
  const tookMs = performance.now() - startMs;
  statusesSeen.set(shot.routeId, (statusesSeen.get(shot.routeId) ?? new Set()).add(answered.status));
  const fault = tookMs > patienceMs ? `no answer for ${tookMs} ms` : findFault(shot, answered);
  if (fault === null) return;
  const said = JSON.stringify(answered.body)?.slice(0, 600);
  throw new Error(`${shot.method} ${shot.path}: ${fault}\n${answered.status} ${said}`);
}

async function fuzz(arbitrary: fc.Arbitrary<Shot>, numRuns: number): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, fc.boolean(), check), { seed, numRuns, endOnFailure: true });
}

describe("whatever is sent", () => {
  it("is answered by the contract if it keeps to it", async () => {
    await fuzz(shots, 7_000);
    const successes = [...statusesSeen]
      .filter(([, seen]) => [...seen].some((status) => status < 300))
      .map(([id]) => id);
    expect(successes.sort()).toEqual(routes.map(({ id }) => id).sort());
  });

  it("is refused by name if one member is not as it should be", () => fuzz(nearlyValid, 6_000));

  it("does no harm if it is meant ill", () => fuzz(hostile, 6_200));

  it("does no harm as any body of any route", async () => {
    for (const { id, method, path, body } of routes) {
      if (body === null) continue;
      for (const bytes of [...hostileBodies, ...largeBodies]) {
        const shot = {
          routeId: id,
          as: "backend" as const,
          method,
          path: path.replace("{id}", accounts.own),
          query: {},
        };
        await check({ ...shot, headers: { "content-type": "application/json" }, body: bytes }, false);
      }
    }
  });

  it("with a token leads to the account of the token alone, and with a bad one nowhere", async () => {
    const tokens = await shownTokens();
    const property = fc.asyncProperty(
      shots,
      fc.constantFrom(...tokens),
      fc.nat(),
      async (shot, { token, isGood, cut }, at) => {
        written.length = 0;
        requests += 1;
        const changed = cut ? token.slice(0, at % (token.length - 1)) : token;
        const question = { version: "2.0", type: "REQUEST", identitySource: [`Bearer ${changed}`] };
        const { isAuthorized, context } = await api.authorize(question, lambdaContext("AuthorizeTraders"));
        expect(isAuthorized).toBe(isGood);
        if (!isAuthorized) {
          expect(context).toEqual({});
          expect(written.join("\n")).not.toMatch(/eyJ|own-7f3a|foreign-9c1d/);
          return;
        }
        const trader: Shot = { ...shot, as: { trader: accounts.own } };
        const { method, path, query, headers, body } = trader;
        api.forgetLimits();
        const answered = await ask(api.handlers[leadsTo(method, path, false)], `${method} ${path}`, {
          authorizer: { lambda: context },
          atMs: askedMs,
          query,
          headers,
          ...(body !== null && { bytes: Buffer.from(body, "base64") }),
        });
        expect(findFault(trader, answered)).toBeNull();
      },
    );
    await fc.assert(property, { seed, numRuns: 1_000, endOnFailure: true });
  });

  it("was more than twenty thousand requests, and met every kind of problem that a single request can meet", () => {
    expect(requests).toBeGreaterThanOrEqual(20_000);
    // Those of many requests, and of a stage in trouble, are met in `api-once.test.ts`.
    const elsewhere = ["in_progress", "too_many_requests", "unavailable"];
    expect([...kindsSeen, ...elsewhere].sort()).toEqual(Object.keys(problemKinds).sort());
  });
});

interface Shown {
  readonly token: string;
  readonly isGood: boolean;
  /** Whether it is cut somewhere before it is shown. */
  readonly cut: boolean;
}

/** Tokens of an account, good ones and those that only look so. */
async function shownTokens(): Promise<Shown[]> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const valid = { iss: "plimsoll", aud: "plimsoll:local", sub: accounts.own, iat: nowSeconds, exp: nowSeconds + 3_000 };
  const sign = async (claims: object, kid = "newer", key = kid) => {
    const secret = api.keys.get(key);
    if (secret === undefined) throw new Error(`no key ${key}`);
    return new SignJWT({ ...valid, ...claims }).setProtectedHeader({ alg: "RS256", kid }).sign(secret);
  };
  const good = await sign({});
  const [, claims = "", signature = ""] = good.split(".");
  const unsigned = Buffer.from(JSON.stringify({ alg: "none", kid: "newer" })).toString("base64url");
  const foreignClaims = Buffer.from(JSON.stringify({ ...valid, sub: accounts.foreign })).toString("base64url");
  const bad = [
    await sign({ iat: nowSeconds - 900, exp: nowSeconds - 60 }),
    await sign({ aud: "plimsoll:live" }),
    await sign({ aud: ["plimsoll:preview:pr-7"] }),
    await sign({}, "newer", "older"),
    await sign({}, tokenKeys.other),
    `${unsigned}.${claims}.`,
    `${unsigned}.${claims}.${signature}`,
    `${good.split(".")[0]}.${foreignClaims}.${signature}`,
    "",
  ];
  return [
    { token: good, isGood: true, cut: false },
    // The same token again is no attack: it is good for as long as it says.
    { token: good, isGood: true, cut: false },
    { token: await sign({}, "older"), isGood: true, cut: false },
    { token: good, isGood: false, cut: true },
    ...bad.map((token) => ({ token, isGood: false, cut: false })),
  ];
}
