import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { contentOf, createClient, PlimsollError } from "@plimsoll/client";
import { createSigner } from "@plimsoll/client/sigv4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiStage, startApiStage, traderToken } from "../support/api-server.ts";
import { root } from "../support/repository.ts";

/** What a route's function of a generated client takes and gives, as far as these tests go. */
type Generated = Record<
  string,
  (options: object) => Promise<{
    // biome-ignore lint/suspicious/noExplicitAny: the compiler has checked the client against its own types below.
    readonly data?: any;
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    readonly error?: any;
    readonly response: Response;
  }>
>;

const folder = mkdtempSync(join(tmpdir(), "plimsoll-generated-"));
let api: ApiStage;
let generated: Generated;
let common: { readonly baseUrl: string; readonly auth: string };

beforeAll(async () => {
  api = await startApiStage();
  const document = await fetch(`${api.url}/v1/openapi.json`);
  writeFileSync(join(folder, "openapi.json"), await document.text());
  const generate = join(root, "test/support/generate-client.ts");
  execFileSync(process.execPath, [generate, join(folder, "openapi.json"), join(folder, "client")], { stdio: "pipe" });
  generated = await import(pathToFileURL(join(folder, "client/index.ts")).href);
  common = { baseUrl: api.url, auth: "backend" };
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

const ofShort = { path: { id: "short" } };
const fills = [{ instrument_id: "BTC_USD-PERPETUAL", quantity: "0.5" }];

describe("a client by a generator that is not ours", () => {
  it("is made of the document without a fault of its types", () => {
    const compiler = createRequire(join(root, "packages/client/package.json")).resolve("typescript/lib/tsc.js");
    const strict = ["--noEmit", "--strict", "--allowImportingTsExtensions"];
    const target = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2023"];
    const words = [compiler, ...strict, ...target, join(folder, "client/index.ts")];
    expect(String(execFileSync(process.execPath, words, { cwd: folder }))).toBe("");
  });

  it("reads a margin, and once more only if it changed", async () => {
    const { data, response } = await generated.getMargin!({ ...common, ...ofShort });
    expect(data).toMatchObject({
      account_id: "short",
      pools: [{ severity: "WARNING", margin: { equity: "7500.00" } }],
    });
    const headers = { "If-None-Match": response.headers.get("etag") };
    const again = await generated.getMargin!({ ...common, ...ofShort, headers });
    expect(again.response.status).toBe(304);
  });

  it("turns the pages of a list by its cursor", async () => {
    const query = { limit: 1, order: "account" };
    const first = await generated.listAccounts!({ ...common, query });
    expect(first.data).toMatchObject({ pools: [{ account_id: "safe" }], next_cursor: expect.any(String) });
    const second = await generated.listAccounts!({ ...common, query: { ...query, cursor: first.data.next_cursor } });
    expect(second.data).toMatchObject({ pools: [{ account_id: "short" }], next_cursor: null });
  });

  it("asks what a trade would make of a margin", async () => {
    const { data } = await generated.simulateMargin!({ ...common, body: { account_id: "short", changes: { fills } } });
    expect(data).toMatchObject({
      before: { margin: { initial_margin: "7000.00" } },
      after: { margin: { initial_margin: "3500.00" } },
      difference: { initial_margin: "-3500.00" },
    });
  });

  it("asks many candidates at once, in their order", async () => {
    const candidates = [{ fills }, {}, { fills: [{ instrument_id: "X", quantity: "1" }] }];
    const { data } = await generated.simulateBatch!({ ...common, body: { account_id: "short", candidates } });
    expect(data.results).toMatchObject([
      { index: 0, difference: { initial_margin: "-3500.00" } },
      { index: 1, difference: { initial_margin: "0.00" } },
      { index: 2, rejected: { field: "fills[0].instrument_id" } },
    ]);
  });

  it("asks whether an order may be accepted", async () => {
    const check = async (quantity: string) => {
      const order = { order_id: "o1", instrument_id: "BTC_USD-PERPETUAL", quantity, price: "70000" };
      const { data } = await generated.checkOrders!({ ...common, body: { account_id: "short", orders: [order] } });
      return data;
    };
    expect(await check("-1")).toMatchObject({ accepted: false, rule: "initial_margin_exceeded" });
    expect(await check("1")).toMatchObject({ accepted: true, rule: "reduces_risk" });
  });

  it.each([
    ["nobody", { id: "nobody" }, "backend"],
    ["another account", { id: "short" }, traderToken("safe")],
  ])("gets the same problem for %s", async (_, path, auth) => {
    const { error, response } = await generated.getMargin!({ ...common, auth, path });
    expect(response.status).toBe(404);
    expect(error).toMatchObject({ type: "urn:plimsoll:problem:not-found", status: 404, errors: [] });
  });

  it("gets each mistake of a request with the field, the value and the remedy", async () => {
    const { error, response } = await generated.listAccounts!({ ...common, query: { limit: 0, severity: "FINE" } });
    expect(response.status).toBe(422);
    expect(error.errors).toMatchObject([
      { field: "severity", value: expect.stringContaining("FINE") },
      { field: "limit", value: expect.stringContaining("0") },
    ]);
  });
});

describe("the client of this repository", () => {
  it("asks as a trader, as an operator and with keys of AWS", async () => {
    const margin = (credential: Parameters<typeof createClient>[0]["credential"] & object) =>
      contentOf(createClient({ url: api.url, credential }).GET("/v1/accounts/{id}/margin", { params: ofShort }));
    const keys = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
    const answers = await Promise.all(
      [{ token: traderToken("short") }, { token: "viewer" }, { sign: createSigner({ region: "eu-west-1", keys }) }].map(
        margin,
      ),
    );
    expect(answers.map(({ account_id }) => account_id)).toEqual(["short", "short", "short"]);
  });

  it("sends a signed body whole", async () => {
    const keys = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
    const client = createClient({ url: api.url, credential: { sign: createSigner({ region: "eu-west-1", keys }) } });
    const answer = await contentOf(
      client.POST("/v1/margin/simulate", { body: { account_id: "short", changes: { fills } } }),
    );
    expect(answer.difference?.initial_margin).toBe("-3500.00");
  });

  it("throws what the gateway says to nobody", async () => {
    const answering = createClient({ url: api.url }).GET("/v1/time");
    await expect(answering).rejects.toThrow(PlimsollError);
    await expect(answering).rejects.toMatchObject({ status: 401, kind: "gateway", detail: "Unauthorized" });
  });
});
